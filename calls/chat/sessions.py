"""Conversations in writing: the telephone's engine and records, with messages for turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from calls.chat.links import make
from calls.lifecycle import CallStatus
from calls.models import Call, Channel, ChatLink, ChatReason, Turn
from calls.operations import consulting, conversation, line
from calls.operations.briefs import agent_for, begin
from calls.origin import Origin
from leads.models import ActivityKind, Lead, LeadSource, Requirement
from leads.operations import record
from voice import dialogue
from voice.dialogue import Outcome
from voice.events import CallEvent, Direction, EndReason, EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from calls.operations.consulting import Counsel

PROVIDER = "chat"
IDLE = timedelta(minutes=30)
LONGEST_MESSAGE = 1000
"""Characters of one message; nobody tells a telephone agent more in one breath."""

_AT_ONCE = 20


class Took(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    BEFORE = "before"  # the same message had been taken already
    STALE = "stale"  # the conversation has gone on without it, in another window
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as the page shows it; number 0 has no words heard."""

    number: int
    heard: str
    said: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as it stands; `turn` is the number that the next message will have."""

    lines: tuple[Line, ...]
    turn: int
    language: str
    brokerage: str
    ended: bool


def talk_of(link: ChatLink | None, *, now: datetime) -> Talk:
    """What was written so far; before the first message, the words that it will open with. Writes nothing.

    Whoever only looks, as a crawler or the preview of a text message does, begins no conversation.
    """
    call = link.call if link else None
    if call is None:
        call = _unsaved(link.lead if link else None, now=now)
        state, reply = begin(call, now=now)
        return _talk(state, (Line(0, "", reply.text),))
    turns = call.turns.order_by("number").values_list("number", "heard", "said")
    return _talk(call.dialogue, tuple(Line(*one) for one in turns))


def _talk(state: dialogue.State, lines: tuple[Line, ...]) -> Talk:
    return Talk(
        lines=lines,
        turn=state["turn"] + 1,
        language=state["language"],
        brokerage=state["script"]["brokerage"],
        ended=dialogue.outcome(state) not in {Outcome.TALKING, Outcome.ABANDONED},
    )


def start(key: str, text: str, *, now: datetime) -> ChatLink:
    """A visitor's first message: a link, a lead and a chat. The same `key` again gives the same link.

    `key` is the secret of one page that was shown to one visitor, so it opens nobody else's chat.
    """
    key = f"chat:{key}"[:80]
    try:
        with transaction.atomic():
            link = make(None, ChatReason.WIDGET, now=now)
            _begin(link, now=now, request_key=key)
    except IntegrityError:  # the message came twice
        link = ChatLink.objects.get(call__request_key=key)
    hear(link, text, turn=1, now=now)
    return link


def hear(link: ChatLink, text: str, *, turn: int, now: datetime) -> Took:
    """Take a message as the answer with this number; one that came twice is taken once."""
    call = Call.objects.filter(chat_link=link).first() or _begin(link, now=now)
    event = CallEvent(
        kind=EventKind.HEARD,
        provider=PROVIDER,
        provider_call_id=call.provider_call_id,
        dedupe_key=f"{call.provider_call_id}:turn:{turn}",
        call_id=call.pk,
        turn=turn,
        text=text,
    )
    counsel = consulting.consult(event, now=now)
    return _hear(call.pk, turn, event, now=now, counsel=counsel)


@transaction.atomic
def _hear(call_id: int, turn: int, event: CallEvent, *, now: datetime, counsel: Counsel | None) -> Took:
    call = Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead", "agent").get(pk=call_id)
    if turn != conversation.next_turn(call):
        same = Turn.objects.filter(call=call, number=turn, heard=event.text).exists()
        return Took.BEFORE if same else Took.STALE
    if not _is_open(call):
        return Took.ENDED
    _wake(call)
    reply = conversation.take_turn(call, event, now=now, counsel=counsel)
    if reply.ends_call:
        line.close(call, EndReason.COMPLETED, now=now)
    call.save()
    return Took.TAKEN


def _is_open(call: Call) -> bool:
    return dialogue.outcome(call.dialogue) in {Outcome.TALKING, Outcome.ABANDONED}


def _wake(call: Call) -> None:
    """Who comes back to a chat that was closed for being idle goes on where they left it, in the same record."""
    if call.status != CallStatus.ENDED:
        return
    call.status, call.end_reason, call.disposition, call.ended_at = CallStatus.IN_PROGRESS, "", "", None
    call.dialogue = dialogue.resume(call.dialogue)


@transaction.atomic
def _begin(link: ChatLink, *, now: datetime, request_key: str = "") -> Call:
    """The chat of a link, with its first words; of two first messages at once, one makes it."""
    locked = ChatLink.objects.select_for_update(of=("self",)).select_related("lead").get(pk=link.pk)
    if locked.call:
        return locked.call
    call = _unsaved(locked.lead or _new_lead(now=now), now=now)
    call.provider_call_id, call.request_key = f"chat-{link.pk}", request_key or None
    call.dialogue, reply = begin(call, now=now)
    call.save()
    Turn.objects.create(call=call, number=0, said=reply.text, at=now)
    ChatLink.objects.filter(pk=link.pk).update(call=call, opened_at=now)
    return call


def _unsaved(lead: Lead | None, *, now: datetime) -> Call:
    return Call(
        lead=lead or Lead(source=LeadSource.WEBSITE),
        channel=Channel.CHAT,
        origin=Origin.LEAD,
        provider=PROVIDER,
        direction=Direction.INBOUND,
        status=CallStatus.IN_PROGRESS,
        agent=agent_for(),
        created_at=now,
    )


def _new_lead(*, now: datetime) -> Lead:
    lead = Lead.objects.create(source=LeadSource.WEBSITE, created_at=now)
    Requirement.objects.create(lead=lead)
    record(lead, ActivityKind.CREATED, "Wrote to us in the chat on the website.", now=now)
    return lead


def close_idle(now: datetime) -> int:
    """Close the chats that nobody has written in for half an hour, with what was said; how many this process closed."""
    talking = Call.objects.filter(channel=Channel.CHAT, status=CallStatus.IN_PROGRESS)
    idle = talking.exclude(turns__at__gt=now - IDLE).values_list("pk", flat=True)[:_AT_ONCE]
    return sum(_close(pk, now=now) for pk in idle)


@transaction.atomic
def _close(call_id: int, *, now: datetime) -> bool:
    call = Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(pk=call_id)
    if call.status != CallStatus.IN_PROGRESS or call.turns.filter(at__gt=now - IDLE).exists():
        return False  # another worker, or another message, was faster
    line.close(call, EndReason.COMPLETED, now=now)
    return True
