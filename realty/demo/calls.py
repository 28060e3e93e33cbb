"""Calls that took place, told again: through the same operations, dialogue and people as calls that ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from calls import operations
from calls.lifecycle import CallStatus
from calls.models import Call
from calls.operations import conversation, line
from calls.origin import Origin
from leads.models import FollowUp
from leads.operations import set_do_not_call
from realty.demo.characters import CHARACTERS
from voice.events import CallEvent, Direction, EndReason, EventKind, LineState
from voice.personas import Callee

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User

    from leads.models import Lead
    from voice.models import VoiceAgent

_PROVIDER = "pretend"
_RINGS = timedelta(seconds=9)
_SECONDS_A_WORD = 0.4
_DEAD_LINES = {"busy": EndReason.BUSY, "no_answer": EndReason.NO_ANSWER, "unreachable": EndReason.FAILED}


@dataclass(frozen=True, slots=True)
class Story:
    """One call of the past. `who` is a character, or what became of a call that reached nobody.

    `at` is when it was asked for; `wants` steers what the character is looking for.
    """

    lead: Lead
    agent: VoiceAgent
    by: User | None
    at: datetime
    who: str
    seed: int
    wants: Mapping[str, Any] | None = None
    rang_us: bool = False


def tell(story: Story) -> Call:
    """Let the call take place, as it would have at its time."""
    call = _tell(story)
    call.recordings.all().delete()  # nobody spoke, so nobody need be asked what was recorded
    # What would follow from it lies in the past, too, and nobody should be rung for that at the first start.
    Call.objects.filter(lead=story.lead, status=CallStatus.QUEUED, origin=Origin.RETRY).delete()
    FollowUp.objects.filter(lead=story.lead, due_at__lt=timezone.now()).update(dialed_for=F("due_at"))
    return call


def _tell(story: Story) -> Call:
    # An earlier story may have changed the lead in the database.
    story.lead.refresh_from_db()
    if story.who in {"taken_back", "refused"}:
        return _never_dialled(story)
    if story.who in _DEAD_LINES:
        return _unanswered(story, _DEAD_LINES[story.who])
    return _talk(story)


def _never_dialled(story: Story) -> Call:
    call = _call(story, CallStatus.QUEUED)
    later = story.at + timedelta(minutes=1)
    if story.who == "taken_back":
        operations.cancel_call(call_id=call.pk, now=later)
    else:
        set_do_not_call(lead_id=story.lead.pk, now=story.at, by=story.by, words="No calls please, by e-mail.")
        operations.dial(call.pk, tries=0, now=later)
    return call


def _unanswered(story: Story, reason: EndReason) -> Call:
    call = _call(story, CallStatus.DIALING)
    _move(call, LineState.RINGING, now=story.at)
    _move(call, LineState.ENDED, now=story.at + _RINGS * 3, end_reason=reason)
    return call


def _talk(story: Story) -> Call:
    call = _call(story, CallStatus.RINGING if story.rang_us else CallStatus.DIALING)
    callee = Callee(CHARACTERS[story.who], name=story.lead.name, seed=story.seed, wants=story.wants)
    answered = clock = story.at + _RINGS
    _move(call, LineState.IN_PROGRESS, now=clock)
    first = EventKind.INBOUND if story.rang_us else EventKind.ANSWERED
    reply = conversation.take_turn(call, _event(call, first), now=clock)
    while not (reply.ends_call or reply.transfer):
        heard = callee.answer(reply.text)
        if heard is None:
            break
        clock += _spoken(reply.text) + _spoken(heard)
        event = _event(call, EventKind.HEARD, text=heard, confidence=0.91 if heard else None)
        reply = conversation.take_turn(call, event, now=clock)
    clock += _spoken(reply.text)
    seconds = round((clock - answered).total_seconds())
    _move(call, LineState.ENDED, now=clock, end_reason=EndReason.COMPLETED, duration_s=seconds)
    return call


def _call(story: Story, status: CallStatus) -> Call:
    return Call.objects.create(
        lead=story.lead,
        direction=Direction.INBOUND if story.rang_us else Direction.OUTBOUND,
        status=status,
        provider=_PROVIDER,
        # Its id ties a call to what the carrier says of it; nothing is ever heard of one that was not dialled.
        provider_call_id="" if status is CallStatus.QUEUED else f"demo-{story.lead.pk}-{story.seed}",
        caller=str(story.lead.phone) if story.rang_us else "",
        agent=story.agent,
        agent_version=story.agent.version,
        requested_by=None if story.rang_us else story.by,
        created_at=story.at,
        dialed_at=story.at if status is CallStatus.DIALING else None,
    )


def _move(call: Call, state: LineState, *, now: datetime, **more: Any) -> None:
    line.move(call, _event(call, EventKind.STATUS, line=state, **more), now=now)
    call.save()


def _event(call: Call, kind: EventKind, **more: Any) -> CallEvent:
    return CallEvent(kind, _PROVIDER, call.provider_call_id, dedupe_key="", call_id=call.pk, **more)


def _spoken(text: str) -> timedelta:
    """How long it takes to say this."""
    return timedelta(seconds=1.5 + _SECONDS_A_WORD * len(text.split()))
