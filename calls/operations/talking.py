"""Conversations of staff with an agent in the browser: the telephone's engine, without a lead, a call or a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction

from calls.models import LiveState, LiveUtterance, TalkSession
from calls.operations.listening import enqueue_hearing
from calls.places import places
from calls.queue import WARM_UP, enqueue
from leads.models import HOME_ZONE
from leads.qualification import RequirementFacts, qualify
from leads.queries import has_inventory, is_on_offer, matching_listings
from voice import dialogue
from voice.dialogue.ending import ending
from voice.events import Direction, Utterance

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from voice.events import Reply
    from voice.models import VoiceAgent

LONGEST_TEXT = 1000
"""Characters of one typed answer."""
LONGEST_ANSWER_S = 30
MOST_BYTES = 2_000_000
"""Of one recorded answer; a browser's thirty seconds are a quarter of it."""
NO_WORKER = timedelta(seconds=6)
"""After which nobody can be there who hears: a worker looks ten times a second."""

_KEPT = timedelta(hours=2)
_PATIENCE = timedelta(seconds=40)


class Fault(StrEnum):
    """Why there are no words for an answer."""

    NO_WORKER = "no_worker"
    LATE = "late"
    FAILED = "failed"


def start(user: User, agent: VoiceAgent, *, language: str, name: str, now: datetime) -> TalkSession:
    """Begin anew: what this person had said before is forgotten."""
    TalkSession.objects.filter(user=user).delete()
    state, reply = dialogue.begin(
        replace(agent.script(), language=language),
        name=name,
        direction=Direction.OUTBOUND,
        at=now.astimezone(ZoneInfo(HOME_ZONE)),
    )
    enqueue(WARM_UP)
    return TalkSession.objects.create(
        user=user, agent=agent, dialogue=state, lines=[_line(0, state, reply)], touched_at=now
    )


def say(talk_id: int, text: str, *, turn: int, now: datetime, confidence: float | None = None) -> bool:
    """Answer in turn `turn`; False where that turn was answered already, or the conversation is over."""
    with transaction.atomic():
        talk = TalkSession.objects.select_for_update().get(pk=talk_id)
        state: dialogue.State = talk.dialogue
        if state["outcome"] or turn != state["turn"] + 1:
            return False
        state, reply = dialogue.step(
            state,
            Utterance(at=now.astimezone(ZoneInfo(HOME_ZONE)), text=text, confidence=confidence),
            knowledge=talk.agent.knowledge,
            places=places(),
            on_offer=is_on_offer,
        )
        talk.dialogue, talk.touched_at = state, now
        talk.lines = [*talk.lines, _line(turn, state, reply, heard=text, confidence=confidence)]
        talk.save()
        return True


def _line(
    number: int, state: dialogue.State, reply: Reply, *, heard: str = "", confidence: float | None = None
) -> dict[str, Any]:
    found = [{"slot": slot, **one} for slot, one in dialogue.evidence(state).items() if one["turn"] == number]
    return {
        "number": number,
        "heard": heard,
        "confidence": confidence,
        "understood": found,
        "said": reply.text,
        "language": reply.language,
        "slow": reply.slow,
    }


@transaction.atomic
def record(talk: TalkSession, audio: bytes, *, turn: int, now: datetime) -> LiveUtterance:
    """Have a spoken answer heard; one that was sent twice is heard once."""
    locked = TalkSession.objects.select_for_update().get(pk=talk.pk)
    waiting = locked.utterances.filter(turn=turn, state=LiveState.WAITING).first()
    if waiting:
        return waiting
    utterance = LiveUtterance.objects.create(
        talk=locked,
        turn=turn,
        audio=audio,
        language=locked.dialogue["language"],
        asked_at=now,
        due_at=now + _PATIENCE,
    )
    enqueue_hearing(utterance)
    return utterance


def answer(utterance: LiveUtterance, *, now: datetime) -> Fault | bool:
    """Answer what was heard: True once that is done, False while it waits, or why it cannot be.

    The second of two questions at once finds it done.
    """
    if utterance.state == LiveState.WAITING:
        return _still_waiting(utterance, now=now)
    if utterance.state == LiveState.HEARD and utterance.talk_id:
        text = utterance.text
        if utterance.settle(LiveState.TAKEN, text=""):
            say(utterance.talk_id, text, turn=utterance.turn, now=now, confidence=utterance.confidence)
        return True
    return True if utterance.state == LiveState.TAKEN else Fault.FAILED


def _still_waiting(utterance: LiveUtterance, *, now: datetime) -> Fault | bool:
    unclaimed = utterance.claimed_at is None and now >= utterance.asked_at + NO_WORKER
    if not unclaimed and now < utterance.due_at:
        return False
    fault = Fault.NO_WORKER if unclaimed else Fault.LATE
    # Given up, so that the answer can be spoken or typed again; no sound is kept of it.
    return fault if utterance.settle(LiveState.LATE, audio=None) else False


def came_to(talk: TalkSession) -> tuple[str, tuple[str, ...]]:
    """What a finished conversation came to, with the reasons; empty while it goes on."""
    if not talk.dialogue["outcome"]:
        return "", ()
    came, reasons = ending(talk.dialogue, inventory=None)
    if came not in {"qualified", "not_qualified"}:
        return came, reasons
    known = dialogue.slots(talk.dialogue)
    facts = RequirementFacts.from_slots(known)
    availability = len(matching_listings(facts)) if has_inventory() else None
    verdict = qualify(facts, consent=known.get("consent"), availability=availability)
    return verdict.status, tuple(reason.sentence for reason in verdict.reasons)


def forget_old(*, now: datetime) -> int:
    """Forget what nobody has said anything in for two hours; how many this process forgot."""
    old = TalkSession.objects.filter(touched_at__lt=now - _KEPT)
    return old.delete()[0] if old.exists() else 0
