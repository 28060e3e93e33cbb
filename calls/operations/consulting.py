"""What a language model adds to a turn: asked before the turn's transaction begins, so that nobody waits for a lock."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from django.db import DatabaseError

from calls.lines import language_models
from calls.models import LONGEST_MODEL, Call, Consultation
from calls.operations.gate import local_time
from calls.places import places
from calls.queries import known_as
from voice import dialogue
from voice.dialogue.state import script_of
from voice.events import EventKind, Utterance
from voice.llm import LIVE_BUDGET_S, advise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from voice.dialogue import Advice
    from voice.events import CallEvent
    from voice.llm import Attempt

logger = logging.getLogger(__name__)

SEATS = 2
"""Turns of one process that may wait for a model at once: half its threads, so that no slow model stops other calls."""

_seats = BoundedSemaphore(SEATS)


@dataclass(frozen=True, slots=True)
class Counsel:
    """Advice for one turn, worth nothing in any other. `rung` is "rules" where nobody answered."""

    turn: int
    rung: str
    advice: Advice | None
    knowledge: str  # as it stood when the model read it


def consult(event: CallEvent, *, now: datetime) -> Counsel | None:
    """Ask the language models about an answer that the rules cannot settle; None where they are not to be asked.

    Takes LIVE_BUDGET_S at most. A second run asks again. Never raises: advice that fails costs the caller no turn.
    """
    try:
        return _consult(event, now=now)
    except Exception:
        logger.exception("No language model could be asked in a call of %s; the rules answer.", event.provider)
        return None


def _consult(event: CallEvent, *, now: datetime) -> Counsel | None:
    if event.kind is not EventKind.HEARD or not event.text.strip() or not language_models().rungs:
        return None
    calls = Call.objects.select_related("lead", "agent")
    call = calls.filter(known_as(event.provider, event.provider_call_id)).first()
    if call is None or not call.dialogue:
        return None
    turn = int(call.dialogue["turn"]) + 1
    if event.turn not in {None, turn}:
        return None  # words that were answered already
    doubt = dialogue.doubt(call.dialogue, heard_in(event, call, now=now), places=places())
    if doubt is None:
        return None
    knowledge = call.agent.knowledge if call.agent else ""
    brokerage = script_of(call.dialogue).brokerage
    with _seat() as is_free:
        if not is_free:
            return None
        advised = advise(language_models(), doubt, knowledge=knowledge, brokerage=brokerage, budget_s=LIVE_BUDGET_S)
    note(call, advised.attempts, turn=turn, now=now)
    return Counsel(turn, advised.rung, advised.advice, knowledge)


@contextmanager
def _seat() -> Iterator[bool]:
    """Whether one more turn may wait; the rules answer at once where it may not."""
    is_free = _seats.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            _seats.release()


def heard_in(event: CallEvent, call: Call, *, now: datetime) -> Utterance:
    """What an event brings, at the lead's own time."""
    return Utterance(
        at=local_time(call.lead, now=now),
        text=event.text,
        digits=event.digits,
        confidence=event.confidence,
        language=event.language,
    )


def note(call: Call, attempts: Iterable[Attempt], *, turn: int | None, now: datetime) -> None:
    """Keep what each question to a model cost, whatever becomes of the turn; what cannot be kept stops nothing."""
    asked = [
        Consultation(
            call=call,
            turn=turn,
            rung=one.rung,
            model=one.model[:LONGEST_MODEL],
            prompt=one.prompt,
            prompt_version=one.prompt_version,
            fault=one.fault,
            latency_ms=one.latency_ms,
            tokens_in=one.tokens_in,
            tokens_out=one.tokens_out,
            at=now,
        )
        for one in attempts
    ]
    try:
        Consultation.objects.bulk_create(asked)
    except DatabaseError as error:  # the call may have been deleted while the model thought
        logger.warning("What was asked in call %s could not be kept: %s.", call.pk, type(error).__name__)
