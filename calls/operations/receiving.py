"""From a webhook to what is answered: the event is committed first, then one transaction does the rest."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from calls.lines import provider as provider_named
from calls.models import Call, WebhookEvent
from calls.operations import (
    consulting,
    conversation,
    handing_off,
    line,
    listening,
    machines,
    overhearing,
    recordings,
    reporting,
    texts,
    tools,
    waiting,
)
from calls.operations.briefs import brief_of
from leads.models import ErasedNumber
from leads.operations import mark_bad_number
from voice.events import CallEvent, EventKind
from voice.providers.base import Unreadable, WebhookRequest, WebhookResponse, storable

if TYPE_CHECKING:
    from datetime import datetime

    from calls.operations.consulting import Counsel
    from voice.providers.base import Provider

logger = logging.getLogger(__name__)

_NUMBER = re.compile(r"(?:\+|%2B)([1-9]\d{6,14})(?!\d)", re.IGNORECASE)

# Nobody waits for words.
_UNANSWERED = {
    EventKind.STATUS,
    EventKind.REPORT,
    EventKind.MACHINE,
    EventKind.RECORDING,
    EventKind.SPOKEN,
    EventKind.UNKNOWN,
}
_FOR_STAFF = {EventKind.WHISPER, EventKind.ACCEPTED}


def receive(provider: Provider, request: WebhookRequest, *, now: datetime) -> WebhookResponse:
    """Apply a verified webhook and answer it; a second delivery gets the first one's answer and changes nothing.

    :raises Unreadable: when it names no call; nothing is kept.
    :raises Exception: whatever went wrong within; the event is kept with the error, for `replay`.
    """
    event = provider.parse(request)
    if event.kind is EventKind.SPOKEN and not event.spoken:
        return provider.acknowledge()  # half-heard words, which better ones follow
    event = _numbered(event, provider)
    stored_id = _keep(event, provider.kept(request), now=now)
    counsel = consulting.consult(listening.with_words(event), now=now)
    return _apply(stored_id, event, provider, now=now, counsel=counsel)


def _keep(event: CallEvent, request: dict[str, object], *, now: datetime) -> int:
    """Commit the event; the id of the one that is there already where this is a second delivery."""
    try:
        with transaction.atomic():
            return WebhookEvent.objects.create(
                provider=event.provider,
                dedupe_key=event.dedupe_key,
                kind=event.kind,
                provider_call_id=event.provider_call_id[:64],
                request=request,
                received_at=now,
            ).pk
    except IntegrityError:
        first = WebhookEvent.objects.filter(provider=event.provider, dedupe_key=event.dedupe_key)
        return int(first.values_list("pk", flat=True).get())


def replay(event_id: int, *, now: datetime) -> bool:
    """Apply a kept event again; False when it was applied already.

    :raises Exception: whatever went wrong this time; the event keeps the new error.
    """
    stored = WebhookEvent.objects.get(pk=event_id)
    if stored.applied_at:
        return False
    provider = provider_named(stored.provider)
    kept = stored.request
    body = json.dumps(kept["body"]).encode() if "body" in kept else b""
    request = WebhookRequest(kept["door"], "", kept["query"], kept["form"], kept["headers"], body)
    _apply(stored.pk, replace(provider.parse(request), dedupe_key=stored.dedupe_key), provider, now=now)
    return True


def _numbered(event: CallEvent, provider: Provider) -> CallEvent:
    """An answer that came without its turn's number answers what was asked last.

    :raises Unreadable: when it tells the whole history of a call that is not ours.
    """
    if event.kind is EventKind.HEARD and event.spoken:
        new = overhearing.newly_heard(event)
        if new is None:
            raise Unreadable("it names a call that is not ours", answer=provider.apology())
        return new
    if event.dedupe_key:
        return event
    turn = conversation.next_turn_of(event)
    return replace(event, turn=turn, dedupe_key=f"{event.provider_call_id}:turn:{turn}"[:160])


def _apply(
    stored_id: int, event: CallEvent, provider: Provider, *, now: datetime, counsel: Counsel | None = None
) -> WebhookResponse:
    try:
        with transaction.atomic():
            stored = WebhookEvent.objects.select_for_update().get(pk=stored_id)
            if stored.applied_at:
                return _told_before(stored, event, provider)
            # However late it is applied, "tomorrow" was said when it arrived.
            response = _answer(stored, event, provider, now=stored.received_at, counsel=counsel)
            stored.response = response.body if response.kept is None else response.kept
            stored.response_type = response.content_type
            stored.applied_at, stored.error = now, ""
            stored.attempts += 1
            stored.save(update_fields=["call", "response", "response_type", "applied_at", "error", "attempts"])
            return response
    except Exception as error:
        _keep_error(stored_id, error)
        raise


def _told_before(stored: WebhookEvent, event: CallEvent, provider: Provider) -> WebhookResponse:
    """The first delivery's answer; an assistant is made again, for its secrets were not stored."""
    if event.kind is EventKind.ASSISTANT and stored.call:
        return _assistant(stored.call, provider, now=stored.received_at)
    return WebhookResponse(stored.response, stored.response_type)


def _assistant(call: Call, provider: Provider, *, now: datetime) -> WebhookResponse:
    return provider.render_assistant(brief_of(call, now=now), call_id=call.pk)


def _keep_error(stored_id: int, error: Exception) -> None:
    logger.error("webhook event %s could not be applied", stored_id, exc_info=error)
    try:
        text = storable(f"{type(error).__name__}: {error}"[:2000])
        WebhookEvent.objects.filter(pk=stored_id).update(error=text, attempts=F("attempts") + 1)
    except DatabaseError:
        # The event itself is kept; replay finds what was never applied, told or not.
        logger.exception("webhook event %s could not keep its error", stored_id)


def _answer(
    stored: WebhookEvent, event: CallEvent, provider: Provider, *, now: datetime, counsel: Counsel | None
) -> WebhookResponse:
    if event.kind is EventKind.TEXT:
        if texts.take(event, now=now) is None:
            _forget_erased(stored, event)
        return provider.acknowledge(event)
    call = conversation.locked_call(event, now=now)
    if call is None:
        logger.warning("webhook event %s names a call that is not ours", stored.pk)
        _forget_erased(stored, event)
        if event.kind is EventKind.TOOLS:
            return provider.render_tools([(tool, "Error: this call is not known here.") for tool in event.tools])
        return provider.acknowledge(event) if event.kind in _UNANSWERED else provider.apology()
    stored.call = call
    if event.kind in _FOR_STAFF:
        return _answer_staff(call, event, provider, now=now)
    if waiting.has_no_line(event) and waiting.wait_for_line(call, now=now):
        return provider.acknowledge()
    _note(call, event, now=now)
    line.move(call, event, now=now)
    if event.kind in _UNANSWERED:
        call.save()
        return provider.acknowledge(event)
    response = _reply(call, event, provider, now=now, counsel=counsel)
    call.save()
    return response


def _forget_erased(stored: WebhookEvent, event: CallEvent) -> None:
    """Of a late word on somebody who was erased, or on a call of ours that was deleted, only that it came is kept."""
    numbers = {f"+{digits}" for digits in _NUMBER.findall(json.dumps(stored.request))} | {event.caller, event.called}
    is_gone = event.call_id is not None and not Call.objects.filter(pk=event.call_id).exists()
    if is_gone or ErasedNumber.among(numbers):
        stored.request = {}
        stored.save(update_fields=["request"])


def _note(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Take over what an event tells beside where the line is. The caller saves `call`."""
    if event.report:
        reporting.take_over(call, event.report, now=now)
    if event.analysis:
        call.provider_analysis = dict(event.analysis)
    if event.recording:
        recordings.announce(call, event.recording, now=now)
    if event.answered_by:
        machines.decide(call, event, now=now)
    if event.extra.get("code") == "bad_number":
        mark_bad_number(call.lead, now=now)
    if event.reached_staff and event.kind in _UNANSWERED:
        handing_off.transferred(call, event, now=now)
    if event.spoken:
        overhearing.overhear(call, event, now=now)


def _answer_staff(call: Call, event: CallEvent, provider: Provider, *, now: datetime) -> WebhookResponse:
    """Words for the member of staff who is rung; the caller's own line is another."""
    if event.kind is EventKind.WHISPER:
        return provider.render_whisper(handing_off.whisper(call), call_id=call.pk)
    accepted = handing_off.accepted(call, event.digits, now=now)
    call.save()
    return provider.render_accepted(accepted=accepted)


def _reply(
    call: Call, event: CallEvent, provider: Provider, *, now: datetime, counsel: Counsel | None
) -> WebhookResponse:
    if event.kind is EventKind.ASSISTANT:
        return _assistant(call, provider, now=now)
    if event.kind is EventKind.TOOLS:
        return provider.render_tools(tools.run(call, event.tools, now=now))
    if event.kind is EventKind.HEARD and event.spoken:
        event = overhearing.catch_up(call, event, now=now)
    heard = listening.hear(call, event, now=now)
    if isinstance(heard, CallEvent):
        reply = handing_off.transferred(call, heard, now=now) if heard.kind is EventKind.TRANSFERRED else None
        reply = reply or conversation.take_turn(call, heard, now=now, counsel=counsel)
    else:
        reply = heard
    reply = listening.as_recorded(call, reply)
    if event.kind is EventKind.INBOUND:  # one that we place is recorded from the start
        reply = replace(reply, starts_recording=recordings.is_wanted(call))
    return provider.render(reply, call_id=call.pk, turn=conversation.next_turn(call), event=event)
