"""Where a conversation stands: one small JSON document, so that any process can take the next turn."""

from __future__ import annotations

import copy
from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from voice.dialogue.script import Script
from voice.events import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 2
"""Of the state's own form; a reader that meets a higher one is older than the call."""

REFUSED = "refused"
"""The caller does not want to be recorded."""

_INSULTS = 2  # the first may be a bad day


class Outcome(StrEnum):
    """How a conversation ended, as heard; what it means for the lead is decided elsewhere."""

    TALKING = ""
    COMPLETED = "completed"
    CALLBACK = "callback"
    DO_NOT_CALL = "do_not_call"
    WRONG_NUMBER = "wrong_number"
    NOT_THERE = "not_there"  # the right number, but somebody else, or a child, was on the line
    HUMAN = "human"
    NOT_INTERESTED = "not_interested"
    ALREADY_BOUGHT = "already_bought"
    NO_RESPONSE = "no_response"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"


class SlotValue(TypedDict):
    """A value and where it came from: `turn` counts what was heard, from 1; 0 is what was known before the call.

    `start` and `end` are character offsets of `words` in that turn's text. `rung` names the language model that read
    the words; values of the rules have none, and re-reading their `words` gives them again. `confirmed_in` is the turn
    of the yes to an offer made for these words.
    """

    value: Any
    turn: int
    words: str
    start: int
    end: int
    rung: NotRequired[str]
    confirmed_in: NotRequired[int]


class PastValue(SlotValue):
    """A value that was corrected, negated or no longer fits; `replaced_in` is the turn that did it."""

    slot: str
    replaced_in: int


class Offer(TypedDict):
    """What "Did you mean Wakad in Pune?" asks about, with the words and the turn that it was heard in."""

    slot: str
    value: Any
    words: str
    start: int
    end: int
    turn: int


class Review(TypedDict):
    """A value that rules and model read differently, or that the model could not prove; None: nothing read."""

    slot: str
    turn: int
    words: str
    rule: Any
    model: Any


class OpenQuestion(TypedDict):
    """Something that the caller wants to know; `answer` is what we said, empty where a colleague owes it."""

    turn: int
    words: str
    answer: str


class State(TypedDict):
    """A conversation. JSON-serialisable; treat it as frozen, engine.step returns a new one.

    `turn` is how many times something (or silence) was heard. `attempts` counts how often each question was put.
    `detours`, `doubts` and `silences` count, in a row, questions about us, answers to the read-back that neither agree
    nor correct, and silences. `callback_at` is ISO 8601 with offset, or None;
    `callback_words` asked for a call without a time. `language` is the one spoken now;
    `other_language` counts answers in a row in `leaning`, another one, unless the language was `language_chosen`.
    `slow` asks for slow speech from here on. `offered` are the values asked about so far. `waiting` names what we hold
    the line for, `waits` counts how long already. `abused` is how often the caller swore.
    `on_offer` tells whether a listing meets the requirement; None: nobody looked, or there are no listings at all.
    `hours` are those in which the lead may be called, on their own clock, as ISO times; None: at any.
    `in_writing` tells that the caller asked for a message. `recording` is REFUSED once the caller did not want to be
    recorded, in words that `recording_words` keeps.
    """

    version: int
    began_at: str
    script: dict[str, Any]
    direction: str
    name: str
    source: str
    phone_known: bool
    language: str
    turn: int
    asked: str
    outcome: str
    callback_at: str | None
    callback_words: str
    slots: dict[str, SlotValue]
    history: list[PastValue]
    attempts: dict[str, int]
    detours: int
    doubts: int
    silences: int
    other_language: int
    leaning: str
    language_chosen: bool
    slow: bool
    offer: Offer | None
    offered: list[Any]
    review: list[Review]
    open_questions: list[OpenQuestion]
    waiting: str
    waits: int
    abused: int
    on_offer: bool | None
    hours: list[str] | None
    in_writing: bool
    recording: str
    recording_words: str


def new(
    script: Script,
    *,
    name: str,
    source: str,
    direction: Direction,
    phone_known: bool,
    known: Mapping[str, Any],
    at: datetime,
    hours: tuple[time, time] | None = None,
) -> State:
    """The state before the first word; `known` is slot to value."""
    return State(
        version=VERSION,
        began_at=at.isoformat(),
        script=script.to_json(),
        direction=direction.value,
        name=" ".join(name.split()),
        source=source.strip(),
        phone_known=phone_known,
        language=script.language,
        turn=0,
        asked="",
        outcome=Outcome.TALKING.value,
        callback_at=None,
        callback_words="",
        slots={slot: SlotValue(value=value, turn=0, words="", start=0, end=0) for slot, value in known.items()},
        history=[],
        attempts={},
        detours=0,
        doubts=0,
        silences=0,
        other_language=0,
        leaning="",
        language_chosen=False,
        slow=False,
        offer=None,
        offered=[],
        review=[],
        open_questions=[],
        waiting="",
        waits=0,
        abused=0,
        on_offer=None,
        hours=[one.isoformat() for one in hours] if hours else None,
        in_writing=False,
        recording="",
        recording_words="",
    )


def upgraded(state: State) -> State:
    """A copy of `state`, free to be changed, with the keys that states of older versions lack."""
    fresh = new(
        script_of(state),
        name="",
        source="",
        direction=Direction(state["direction"]),
        phone_known=True,
        known={},
        at=datetime.fromisoformat(state["began_at"]),
    )
    return State(**{**fresh, **copy.deepcopy(state), "version": VERSION})


def script_of(state: State) -> Script:
    """The script that this conversation began with, whatever staff have changed since."""
    return Script.from_json(state["script"])


def slots(state: State) -> dict[str, Any]:
    """Slot to value, as the contract spells them, what was known before the call included."""
    return {slot: one["value"] for slot, one in state["slots"].items()}


def evidence(state: State) -> dict[str, SlotValue]:
    """Slot to value with its words, for what was heard in this conversation only."""
    return {slot: one for slot, one in state["slots"].items() if one["turn"]}


def outcome(state: State) -> Outcome:
    """How the conversation ended; Outcome.TALKING while it has not."""
    return Outcome(state["outcome"])


def callback_at(state: State) -> str | None:
    """The time that the caller asked to be called at, ISO 8601 with offset; None when none was given."""
    return state["callback_at"]


def was_abusive(state: State) -> bool:
    """Whether the caller insulted us so often that the conversation ends."""
    return state["abused"] >= _INSULTS
