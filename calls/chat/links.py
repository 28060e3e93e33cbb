"""The right to a chat: made once, signed, expiring, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from calls.lifecycle import CallStatus
from calls.lines import provider as provider_named
from calls.models import ChatLink, ChatReason, DialerSettings
from calls.queue import TEXT_LINK, enqueue

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from calls.models import Call
    from leads.models import Lead

LIFE = timedelta(days=7)
TEXT_LEASE = timedelta(minutes=1)
"""How long a queued job has to start before its text is queued again; a second job finds the text taken."""

_ANOTHER_AFTER = timedelta(days=1)  # who was texted a link today has it, however many calls fail
_SIGNER = signing.Signer(sep=".", salt="calls.chat.link")


def token_of(link: ChatLink) -> str:
    """What stands in a link's address; without our key nobody can make one."""
    return _SIGNER.sign(str(link.pk))


def address_of(link: ChatLink) -> str:
    """Where the chat is, as the lead's telephone reaches it."""
    return settings.PUBLIC_BASE_URL + reverse("chat", args=[token_of(link)])


def link_of(token: str) -> ChatLink | None:
    """The link of a token, still open or not; None for one that we never made."""
    try:
        link_id = _SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return ChatLink.objects.select_related("lead", "call__lead", "call__agent").filter(pk=link_id).first()


def make(
    lead: Lead | None, reason: ChatReason, *, now: datetime, by: User | None = None, instead_of: Call | None = None
) -> ChatLink:
    """A new link, told to nobody; every run makes one. `instead_of` has one at most: IntegrityError."""
    return ChatLink.objects.create(
        lead=lead, reason=reason, created_by=by, instead_of=instead_of, created_at=now, expires_at=now + LIFE
    )


def for_staff(lead: Lead, *, now: datetime, by: User) -> ChatLink:
    """A link to copy: the newest that can still be written through, else a new one."""
    open_ones = ChatLink.objects.filter(lead=lead, revoked_at=None, expires_at__gt=now + _ANOTHER_AFTER)
    usable = open_ones.filter(Q(call=None) | Q(call__status=CallStatus.IN_PROGRESS)).first()
    return usable or make(lead, ChatReason.STAFF, now=now, by=by)


def offer(
    lead: Lead, *, reason: ChatReason, now: datetime, instead_of: Call | None = None, by: User | None = None
) -> ChatLink | None:
    """Text a lead the way to the chat. None where staff want no such texts, or there is no number to send one to.

    A call that rang nobody is followed by no text either: the number of a made-up lead may be somebody's.

    A second run for the same failed call gets the first one's link; so does a lead who was sent one within a day and
    asks for none.
    """
    if not DialerSettings.current().send_chat_link or not lead.phone or lead.do_not_call:
        return None
    if instead_of and not provider_named(instead_of.provider).rings_people:
        return None
    if link := _offered_before(lead, reason, instead_of, now=now):
        return link
    try:
        with transaction.atomic():
            link = make(lead, reason, now=now, by=by, instead_of=instead_of)
            text(link, now=now)
    except IntegrityError:  # another worker was first
        return _offered_before(lead, reason, instead_of, now=now)
    return link


def _offered_before(lead: Lead, reason: ChatReason, instead_of: Call | None, *, now: datetime) -> ChatLink | None:
    if instead_of and (link := ChatLink.objects.filter(instead_of=instead_of).first()):
        return link
    if reason == ChatReason.LEAD_ASKED:
        return None
    recent = ChatLink.objects.filter(lead=lead, revoked_at=None, created_at__gt=now - _ANOTHER_AFTER)
    return recent.filter(text_state__in=("due", "sending", "sent", "unsure")).first()


def text(link: ChatLink, *, now: datetime) -> bool:
    """Have a link texted to its lead; False when that was asked for before and did not fail."""
    untexted = ChatLink.objects.filter(pk=link.pk, text_state__in=("", "failed"))
    if not untexted.update(text_state="due", text_after=now + TEXT_LEASE, text_tries=0, text_error=""):
        return False
    enqueue(TEXT_LINK, link_id=link.pk)
    return True


def revoke(link: ChatLink, *, now: datetime) -> bool:
    """Close a link for good; False when it was closed already."""
    return bool(ChatLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now))
