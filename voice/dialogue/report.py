"""A finished conversation that somebody else led, told again to our engine: what was heard, meant and answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from voice.dialogue.engine import step
from voice.dialogue.hearing import last_question, question_in
from voice.dialogue.questions import CALLBACK, CONFIRM, missing
from voice.dialogue.script import QUESTIONS
from voice.dialogue.state import OpenQuestion, Outcome, State, evidence, new, script_of, upgraded
from voice.events import Direction, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.events import CallReport, Spoken
    from voice.understanding import Places

# Nothing that is said later takes these back.
_FINAL = frozenset({Outcome.DO_NOT_CALL.value, Outcome.WRONG_NUMBER.value, Outcome.VOICEMAIL.value})
# Here the conversation's length or our own questions decided, not the caller.
_OURS = frozenset({Outcome.TALKING.value, Outcome.COMPLETED.value, Outcome.NO_RESPONSE.value})
_NO_DETOUR = 99
_LONGEST_ANSWER = 300  # characters of another assistant's answer that are kept
_PERMISSION = re.compile(
    r"\b(may|can|could|shall|should|would|want|ok|okay|all right|alright|fine|consent|permission|agree)\b|सेल्स"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn: what was asked before, what was heard, and what was said to it. The first is the opening.

    `understood` holds the evidence of this turn's slots. `at` is aware, and None where nobody told the time. `digits`
    are keys that were pressed.
    """

    asked: str = ""
    heard: str = ""
    said: str = ""
    at: datetime | None = None
    understood: list[dict[str, Any]] = field(default_factory=list)
    digits: str = ""


def retell(
    opened: State, report: CallReport, *, at: datetime, places: Places | None = None
) -> tuple[State, list[Exchange]]:
    """The state after a reported conversation, and its turns; `opened` is the state that `begin` gave.

    `at` is aware, in the caller's zone, and the time of words that carry none. `places` are those of the built-in
    gazetteer unless given.
    """
    state = State(**{**opened, "outcome": ""})
    attempts: dict[str, int] = {}
    turns: list[Exchange] = []
    for turn in _exchanges(report.spoken):
        asked = _question(turns[-1].said, opened["name"]) if turns else ""
        if asked:
            attempts[asked] = attempts.get(asked, 0) + 1
        told = replace(turn, asked=asked)
        if turns and not report.machine and state["outcome"] not in _FINAL:
            state = _answered(_hear(_asked(state, asked, attempts), told, at=at, places=places), told)
            told = replace(told, understood=_understood(state))
        turns.append(told)
    ended = _outcome(state, heard=len(turns) > 1, machine=report.machine, read_back=CONFIRM in attempts)
    return State(**{**state, "asked": "", "outcome": ended.value}), turns


def hear_again(held: State, turns: Sequence[Exchange], *, places: Places | None = None) -> State:
    """The state after the answers of `turns`, from the first on, by the rules alone.

    `held` is the state of the conversation as it was held: it tells the script, the lead, and what was known before.
    Each exchange tells what was asked; its `at` is in the caller's zone. What was offered or agreed to by name is not
    offered again. What ends a conversation for good stays its outcome, and what was said after it counts, for the
    conversation went on.
    """
    state, attempts, final = _before(upgraded(held)), dict[str, int](), ""
    for turn in turns:
        if turn.asked:
            attempts[turn.asked] = attempts.get(turn.asked, 0) + 1
        at = turn.at or datetime.fromisoformat(held["began_at"])
        state = _hear(_asked(state, turn.asked, attempts), turn, at=at, places=places)
        if state["outcome"] in _FINAL and final != Outcome.DO_NOT_CALL.value:
            final = state["outcome"]
    return State(**{**state, "outcome": final or state["outcome"]})


def _before(held: State) -> State:
    """The state before the first word, as far as the one at the end remembers it."""
    past = {one["slot"]: one["value"] for one in reversed(held["history"]) if not one["turn"]}
    known = past | {slot: one["value"] for slot, one in held["slots"].items() if not one["turn"]}
    fresh = new(
        script_of(held),
        name=held["name"],
        source=held["source"],
        direction=Direction(held["direction"]),
        phone_known=held["phone_known"],
        known=known,
        at=datetime.fromisoformat(held["began_at"]),
    )
    return State(**{**fresh, "hours": held["hours"]})


def _exchanges(spoken: Sequence[Spoken]) -> list[Exchange]:
    """Words in a row by one side are one: recognisers cut at every pause."""
    turns = [Exchange()] if spoken else []
    for one in spoken:
        last = turns[-1]
        if not one.by_caller:
            turns[-1] = replace(last, said=f"{last.said} {one.text}".strip(), at=last.at or one.at)
        elif len(turns) > 1 and not last.said:
            turns[-1] = replace(last, heard=f"{last.heard} {one.text}")
        else:
            turns.append(Exchange(heard=one.text, at=one.at))
    return turns


def _question(said: str, name: str) -> str:
    """The question of ours that another's words ask; "" where they ask none of them.

    A "no" to "is this a good time?" must make nobody a wrong number, nor a "yes" to "did sales call you?" consent.
    """
    asked, words = question_in(said), last_question(said).casefold()
    if asked == "identity" and not any(part in words for part in name.casefold().split()):
        return ""
    if asked == "consent" and not _PERMISSION.search(words):
        return ""
    return asked if asked in {*QUESTIONS, CONFIRM, CALLBACK} else ""


def _asked(state: State, asked: str, attempts: dict[str, int]) -> State:
    """The state as if our engine had put these questions; what it would have asked instead does not count."""
    return State(
        **{
            **state,
            "asked": asked,
            "attempts": dict(attempts),
            "detours": 0 if asked else _NO_DETOUR,
            "silences": 0,
            "offer": None,  # nobody asked "did you mean Wakad?"
            "waiting": "",
        }
    )


def _answered(state: State, turn: Exchange) -> State:
    """A question that the other assistant took up is answered with its words: we promised nothing."""
    asked = [
        OpenQuestion(turn=one["turn"], words=one["words"], answer=one["answer"] or turn.said[:_LONGEST_ANSWER])
        if one["turn"] == state["turn"]
        else one
        for one in state["open_questions"]
    ]
    return State(**{**state, "open_questions": asked})


def _hear(state: State, turn: Exchange, *, at: datetime, places: Places | None) -> State:
    """Take in what the caller said. A call that went on after an ending goes on here, and remembers that ending."""
    ended = state["outcome"]
    spoken_at = turn.at.astimezone(at.tzinfo) if turn.at else at
    heard = Utterance(at=spoken_at, text=turn.heard, digits=turn.digits)
    after, _ = step(State(**{**state, "outcome": ""}), heard, places=places)
    agreed = evidence(after).get("consent")
    if agreed and agreed["value"] and agreed["turn"] == after["turn"]:
        ended = ""  # whatever they had said before, now they want to be called
    outcome = after["outcome"]
    if not outcome and after["asked"] == CALLBACK:
        outcome = Outcome.CALLBACK.value  # they want to be called later, and did not say when
    return State(**{**after, "outcome": ended if outcome in _OURS else outcome})


def _understood(state: State) -> list[dict[str, Any]]:
    return [{"slot": slot, **one} for slot, one in evidence(state).items() if one["turn"] == state["turn"]]


def _outcome(state: State, *, heard: bool, machine: bool, read_back: bool) -> Outcome:
    if machine:
        return Outcome.VOICEMAIL
    if not heard:
        return Outcome.NO_RESPONSE
    if state["outcome"]:
        return Outcome(state["outcome"])
    if "consent" in evidence(state) or (read_back and set(missing(state)) <= {"consent"}):
        return Outcome.COMPLETED
    return Outcome.ABANDONED
