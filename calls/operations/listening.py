"""Answers that come as recordings: the line is held while a worker hears one, for as long as a caller has patience."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django_q.conf import Conf

from calls.lifecycle import CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, LiveHearing, LiveState, LiveUtterance, RecordingConsent, Turn
from calls.operations.briefs import agent_for
from calls.operations.handing_off import UNDER_WAY
from calls.queries import known_as
from calls.queue import HEAR_TURN, WARM_UP, enqueue
from voice import dialogue
from voice.events import EventKind, Reply

if TYPE_CHECKING:
    from datetime import datetime

    from voice.events import CallEvent

KEPT_THERE = timedelta(minutes=10)
"""How long the provider keeps an answer that no worker has dealt with."""


def as_recorded(call: Call, reply: Reply) -> Reply:
    """The reply, with the wish for a recording of what is said to it where Whisper hears this call."""
    may = call.live_hearing == LiveHearing.WHISPER and call.recording_consent != RecordingConsent.REFUSED
    return replace(reply, recorded=may and not reply.ends_call)


def with_words(event: CallEvent) -> CallEvent:
    """The event with what was heard meanwhile, for whoever wants to think about it before the call is locked."""
    if event.kind is not EventKind.HEARD or not event.waited or event.turn is None:
        return event
    ours = Call.objects.filter(known_as(event.provider, event.provider_call_id)).values("pk")[:1]
    heard = LiveUtterance.objects.filter(call__in=ours, turn=event.turn, state=LiveState.HEARD).last()
    return _said(event, heard) if heard else event


def hear(call: Call, event: CallEvent, *, now: datetime) -> CallEvent | Reply:
    """The event with the words that it brings; or what the caller is told because nobody has heard them.

    A recording is heard once, however often it is announced. The caller of this holds the lock of `call` and saves it.
    """
    if not call.dialogue:
        _begin(call)
    if event.turn is None or not (event.recorded_as or event.waited):
        return event
    is_awaited = _is_awaited(call, event.turn)
    if event.recorded_as:
        return _have_heard(call, event, turn=event.turn, is_awaited=is_awaited, now=now)
    utterance = call.utterances.filter(turn=event.turn).last() if is_awaited else None
    if utterance is None:
        return event
    if call.status == CallStatus.ENDED:
        return Reply(text="", wait=event.waited + 1)  # nobody listens any more; the worker takes the words
    if utterance.state == LiveState.WAITING:
        if now < utterance.due_at:
            return Reply(text="", wait=event.waited + 1)
        if not utterance.settle(LiveState.LATE):
            utterance.refresh_from_db()  # heard in this very moment
    if utterance.state != LiveState.HEARD:
        return _give_up(call, utterance, now=now)
    event = _said(event, utterance)
    utterance.settle(LiveState.TAKEN, text="")
    return event


def _begin(call: Call) -> None:
    """Decide who hears this call; the workers load the model while the first words are spoken."""
    agent = call.agent or agent_for()
    if agent.hears != "whisper" or not provider_named(call.provider).records_turns:
        return
    call.live_hearing = LiveHearing.WHISPER
    for _ in range(Conf.WORKERS):  # one is busy loading while the next job goes to another
        enqueue(WARM_UP)


def _is_awaited(call: Call, turn: int) -> bool:
    """Whether the conversation still waits for the answer of this turn."""
    if not call.dialogue or call.transfer_state in UNDER_WAY:
        return False
    state = dialogue.resume(call.dialogue)  # the end of the line may be told before the last words
    return not state["outcome"] and turn > state["turn"]


def _have_heard(call: Call, event: CallEvent, *, turn: int, is_awaited: bool, now: datetime) -> CallEvent | Reply:
    """Have a recorded answer heard; one that a key says all of, or that nobody waits for, is only deleted there."""
    unheard = bool(event.digits) or not is_awaited
    _, is_new = LiveUtterance.objects.get_or_create(
        call=call,
        provider_recording_id=event.recorded_as,
        defaults={
            "turn": turn,
            "language": str(call.dialogue.get("language", ""))[:8],
            "state": LiveState.TAKEN if unheard else LiveState.WAITING,
            "asked_at": now,
            "due_at": now + timedelta(seconds=settings.LIVE_WHISPER_DEADLINE_S),
            "delete_after": now if unheard else now + KEPT_THERE,
        },
    )
    if unheard:
        return event
    if is_new:
        enqueue_hearing(call.utterances.get(provider_recording_id=event.recorded_as))
    return Reply(text="", wait=1)


def forget_there(call: Call, *, now: datetime) -> None:
    """Have the provider delete what is left of a call's answers; a second run changes nothing.

    Where a line closes in the middle of one, nobody tells of it.
    """
    if call.live_hearing:
        once = {"turn": 0, "state": LiveState.TAKEN, "asked_at": now, "due_at": now, "delete_after": now + KEPT_THERE}
        call.utterances.get_or_create(provider_recording_id="", defaults=once)


def enqueue_hearing(utterance: LiveUtterance) -> None:
    """Have a worker hear an answer, before all that nobody waits for."""
    enqueue(HEAR_TURN, utterance_id=utterance.pk)


def _said(event: CallEvent, utterance: LiveUtterance) -> CallEvent:
    return replace(event, text=utterance.text, confidence=utterance.confidence, language=utterance.language)


def _give_up(call: Call, utterance: LiveUtterance, *, now: datetime) -> Reply:
    """Ask again, and let the provider's recogniser hear the answer and all that follow."""
    failed = utterance.state == LiveState.FAILED
    call.live_hearing = LiveHearing.FAILED if failed else LiveHearing.LATE
    asked = call.dialogue["asked"]
    call.dialogue, reply = dialogue.unheard(call.dialogue)
    Turn.objects.create(call=call, number=call.dialogue["turn"], asked=asked, said=reply.text, at=now)
    return reply
