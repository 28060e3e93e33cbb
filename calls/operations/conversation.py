"""One exchange of a call: find it, hear, understand, answer, remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.models import Call, Channel, Turn
from calls.operations import consent, handing_off, line, machines
from calls.operations.briefs import agent_for, begin
from calls.operations.consulting import heard_in
from calls.operations.ending import end_undialled
from calls.operations.releasing import ask_after
from calls.places import places
from calls.queries import known_as
from leads.models import ErasedNumber
from leads.operations import lead_for_caller
from leads.phones import from_carrier
from leads.queries import is_on_offer
from voice import dialogue
from voice.dialogue import Outcome
from voice.events import Direction, EndReason, EventKind, LineState, Reply

if TYPE_CHECKING:
    from datetime import datetime

    from calls.operations.consulting import Counsel
    from voice.events import CallEvent

_AFTERWARDS = {EventKind.REPORT, EventKind.RECORDING, EventKind.SPOKEN}


def locked_call(event: CallEvent, *, now: datetime) -> Call | None:
    """The call that an event is about, locked; a new one for somebody who rings us. None: we know no such call."""
    if not event.provider_call_id:
        return None
    ours = known_as(event.provider, event.provider_call_id)
    if event.call_id is not None:
        # The response that brings the id may still be on its way.
        ours |= Q(pk=event.call_id, provider=event.provider, provider_call_id="")
    call = _locked(ours)
    if call and not call.provider_call_id and _is_of_another_try(call, event):
        return None
    if call is None and _begins(event):
        call = _ring_in(event, now=now)
    return call


def _begins(event: CallEvent) -> bool:
    """Whether an event of a call that we do not know begins one; what is told after one that was erased does not."""
    if event.kind in {EventKind.INBOUND, EventKind.ASSISTANT}:
        return True
    is_late = event.kind in _AFTERWARDS or event.line is LineState.ENDED
    return event.rang_us and not (is_late and ErasedNumber.holds(from_carrier(event.caller)))


def _locked(ours: Q) -> Call | None:
    # Who writes a value on the lead holds that, and may add a review, for which its call must not be locked as a key.
    return Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").filter(ours).first()


def _is_of_another_try(call: Call, event: CallEvent) -> bool:
    """Whether an event tells of a request that was over before the call was put back; the next one has its own id."""
    seen = call.events.filter(provider_call_id=event.provider_call_id[:64], applied_at__isnull=False)
    return bool(call.tries) and seen.exclude(kind__in=(EventKind.WHISPER, EventKind.ACCEPTED)).exists()


def _ring_in(event: CallEvent, *, now: datetime) -> Call | None:
    lead = lead_for_caller(from_carrier(event.caller), now=now)
    queued = Call.objects.filter(lead=lead, status=CallStatus.QUEUED, direction=Direction.OUTBOUND)
    for waiting in queued.filter(created_at__lte=now):
        # The lead was faster; ringing them while they talk to us would be absurd.
        end_undialled(waiting, EndReason.CANCELED, Disposition.CANCELED, "The lead rang us first.", now=now)
    try:
        with transaction.atomic():
            return Call.objects.create(
                lead=lead,
                direction=Direction.INBOUND,
                status=CallStatus.RINGING,
                provider=event.provider,
                provider_call_id=event.provider_call_id,
                caller=event.caller[:64],
                agent=agent_for(),
                created_at=now,
                ask_after=now + ask_after(),
            )
    except IntegrityError:  # another event of the same call was first
        return _locked(known_as(event.provider, event.provider_call_id))


def next_turn(call: Call) -> int:
    """The number that the caller's next answer will have; 0 before the opening."""
    return int(call.dialogue["turn"]) + 1 if call.dialogue else 0


def next_turn_of(event: CallEvent) -> int:
    """The same for the call that an event names; 0 where there is none yet."""
    call = Call.objects.filter(known_as(event.provider, event.provider_call_id)).first()
    return next_turn(call) if call else 0


def take_turn(call: Call, event: CallEvent, *, now: datetime, counsel: Counsel | None = None) -> Reply:
    """Hear what the event brings and decide what to say. The caller saves `call`."""
    if not call.dialogue:
        reply = handing_off.staff_first(call, now=now) or greet(call, now=now)
    elif call.dialogue["outcome"] == Outcome.VOICEMAIL:
        reply = machines.answer(call, now=now)
    elif call.transfer_state in handing_off.UNDER_WAY:
        reply = _said_before(call)  # an "okay" while staff are rung must not end the call
    elif event.kind is EventKind.HEARD and (event.turn is None or event.turn >= next_turn(call)):
        reply = _hear(call, event, now=now, counsel=counsel)
    else:
        reply = _said_before(call)
    return reply


def greet(call: Call, *, now: datetime) -> Reply:
    """Begin the dialogue with its first words. The caller saves `call`."""
    call.dialogue, reply = begin(call, now=now)
    consent.note_notice(call, call.dialogue, now=now)
    Turn.objects.create(call=call, number=0, said=reply.text, at=now)
    return reply


def _hear(call: Call, event: CallEvent, *, now: datetime, counsel: Counsel | None) -> Reply:
    # What was said in time may reach us after the news that the line had closed.
    before = dialogue.resume(call.dialogue)
    if counsel and counsel.turn != before["turn"] + 1:
        counsel = None  # the conversation went on while the model thought
    state, reply = dialogue.step(
        before,
        heard_in(event, call, now=now),
        advice=counsel.advice if counsel else None,
        knowledge=counsel.knowledge if counsel else "",
        places=places(),
        on_offer=is_on_offer,
    )
    if state is before:
        return reply  # it had ended; nothing was heard any more
    call.dialogue = state
    number = state["turn"]
    turn = Turn.objects.create(
        call=call,
        number=number,
        asked=before["asked"],
        heard=event.text,
        digits=event.digits[:32],
        confidence=event.confidence,
        understood=[{"slot": slot, **one} for slot, one in dialogue.evidence(state).items() if one["turn"] == number],
        said=reply.text,
        rung=counsel.rung if counsel else "rules",
        at=now,
    )
    if call.status == CallStatus.ENDED:
        call.dialogue = dialogue.hang_up(state)
    consent.note_refusal(call, state, now=now)
    if not call.dialogue["outcome"]:
        return reply
    line.conclude(call, now=now)
    return _end(call, turn, reply, can_transfer=not event.extra.get("no_transfer"), now=now)


def _end(call: Call, turn: Turn, goodbye: Reply, *, can_transfer: bool, now: datetime) -> Reply:
    """The last words of the dialogue: a machine gets the message, and who wants a person is put through."""
    if call.channel == Channel.CHAT:
        return goodbye  # there is no line to put anybody through on
    if call.dialogue["outcome"] == Outcome.VOICEMAIL:
        reply = machines.answer(call, now=now)
    elif not can_transfer:
        return goodbye
    else:
        reply = handing_off.reply_with_transfer(call, goodbye, now=now)
    if reply.text != goodbye.text:
        turn.said = reply.text
        turn.save(update_fields=["said"])
    return reply


def _said_before(call: Call) -> Reply:
    """A second request for words that were decided already: the provider lost them, so the last ones are said again."""
    said = call.turns.order_by("-number").values_list("said", flat=True).first() or ""
    state: dialogue.State = call.dialogue
    return Reply(
        text=said,
        asked=state["asked"],
        language=state["language"],
        voice=state["script"]["voice"],
        ends_call=bool(state["outcome"]) and call.transfer_state not in handing_off.UNDER_WAY,
        slow=state.get("slow", False),
    )
