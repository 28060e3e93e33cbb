"""Text messages with the way to the chat: each sent once, after the gate was asked."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from calls.chat.links import TEXT_LEASE, address_of
from calls.lines import texter
from calls.models import ChatLink, ChatReason
from calls.operations.briefs import agent_for
from calls.operations.gate import text_gate
from calls.queue import TEXT_LINK, enqueue
from leads.models import ActivityKind, Lead, SuppressionReason
from leads.operations import record, suppress
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)

_LADDER = (timedelta(minutes=2), timedelta(minutes=10))  # before the second and the third try
_LOST_AFTER = timedelta(minutes=5)  # a worker that takes longer over a text has died
_AT_ONCE = 20
_NO_TEXTER = "No provider of text messages is set up. Copy the link and send it yourself."
_UNSURE = "Nobody knows whether the text message went out; it is not sent twice. Ask the lead, or copy the link."
_TEXTS = {
    "en-IN": "{brokerage}: we could not reach you by phone. Chat with us about your property enquiry here: {link}",
    "hi-IN": "{brokerage}: आपसे फ़ोन पर बात नहीं हो पाई। अपनी प्रॉपर्टी के बारे में यहाँ चैट करें: {link}",
}
_WANTED_TEXTS = {
    "en-IN": "{brokerage}: chat with us about your property enquiry here: {link}",
    "hi-IN": "{brokerage}: अपनी प्रॉपर्टी के बारे में यहाँ चैट करें: {link}",
}


def send(link_id: int, *, now: datetime) -> str:
    """Send the text of a link that is due. Of several jobs for one link, one sends and the others find it taken."""
    link = ChatLink.objects.select_related("lead", "instead_of__agent").filter(pk=link_id).first()
    if link is None or link.lead is None or not _take(link, now=now):
        return "not due"
    if not link.is_open(now=now):
        return _failed(link, link.lead, "The link was closed before it could be sent.", now=now)
    decision = text_gate(link.lead, now=now, asked_for=link.reason == ChatReason.LEAD_ASKED)
    if decision.again_at:
        return _later(link, decision.detail, at=decision.again_at, tries=link.text_tries)
    if not decision.allowed:
        return _failed(link, link.lead, decision.detail, now=now)
    return _send(link, link.lead, now=now)


def queue_due(now: datetime) -> int:
    """Queue the texts whose time has come; those of workers that died while sending are never sent again."""
    lost = ChatLink.objects.filter(text_state="sending", text_after__lte=now)
    for link in lost.select_related("lead")[:_AT_ONCE]:
        if link.lead:
            _unsure(link, link.lead, now=now)
    due = ChatLink.objects.filter(text_state="due", text_after__lte=now)
    won = [pk for pk in due.values_list("pk", flat=True)[:_AT_ONCE] if _lease(pk, now=now)]
    for pk in won:
        enqueue(TEXT_LINK, link_id=pk)
    return len(won)


def message_of(link: ChatLink, lead: Lead) -> str:
    """The words of the text message, in the lead's language."""
    agent = (link.instead_of.agent if link.instead_of else None) or agent_for()
    texts = _TEXTS if link.reason == ChatReason.CALL_FAILED else _WANTED_TEXTS
    return texts.get(lead.language, texts["en-IN"]).format(brokerage=agent.brokerage, link=address_of(link))


def _lease(link_id: int, *, now: datetime) -> bool:
    due = ChatLink.objects.filter(pk=link_id, text_state="due", text_after__lte=now)
    return bool(due.update(text_after=now + TEXT_LEASE))


def _take(link: ChatLink, *, now: datetime) -> bool:
    mine = ChatLink.objects.filter(pk=link.pk, text_state="due", text_after__lte=now + TEXT_LEASE)
    return bool(mine.update(text_state="sending", text_after=now + _LOST_AFTER))


def _send(link: ChatLink, lead: Lead, *, now: datetime) -> str:
    carrier = texter()
    if carrier is None:
        return _failed(link, lead, _NO_TEXTER, now=now)
    try:
        message_id = carrier.send_text(str(lead.phone), message_of(link, lead))
    except ProviderError as error:
        logger.warning("the text of chat link %s was not sent: %s", link.pk, error.code)
        if error.maybe_done:
            return _unsure(link, lead, now=now)
        tries = link.text_tries + 1
        if error.retryable and tries <= len(_LADDER):
            return _later(link, str(error), at=now + _LADDER[tries - 1], tries=tries)
        if error.blocked:  # who answered STOP to a text wants no calls either
            suppress(str(lead.phone or ""), SuppressionReason.BLOCKED, now=now)
        return _failed(link, lead, str(error), now=now)
    ChatLink.objects.filter(pk=link.pk).update(text_state="sent", text_id=message_id[:64], text_error="")
    record(lead, ActivityKind.NOTE, "Sent a text message with a link to the chat.", now=now, chat_link=link.pk)
    return "sent"


def _later(link: ChatLink, why: str, *, at: datetime, tries: int) -> str:
    changes = {"text_state": "due", "text_after": at, "text_tries": tries, "text_error": why}
    ChatLink.objects.filter(pk=link.pk, text_state="sending").update(**changes)
    return "later"


def _unsure(link: ChatLink, lead: Lead, *, now: datetime) -> str:
    if ChatLink.objects.filter(pk=link.pk, text_state="sending").update(text_state="unsure", text_error=_UNSURE):
        record(lead, ActivityKind.NOTE, _UNSURE, now=now, chat_link=link.pk)
    return "unsure"


def _failed(link: ChatLink, lead: Lead, why: str, *, now: datetime) -> str:
    ChatLink.objects.filter(pk=link.pk).update(text_state="failed", text_error=why)
    text = f"The link to the chat was not texted. {why}"
    record(lead, ActivityKind.NOTE, text, now=now, chat_link=link.pk)
    return "failed"
