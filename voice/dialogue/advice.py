"""What a language model may add to a turn: the rules' doubt, its advice, and the proof that each word of it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voice.understanding.types import Found


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the rules could not settle in one utterance.

    `kind` is "meaning" (an answer was given that no rule reads) or "question" (the caller asks for what only the
    knowledge text or a person can tell). `unsure` are the rules' own candidates, `known` is slot to value before this
    turn, `now` aware and in the caller's zone.
    """

    kind: str
    asked: str
    text: str
    language: str
    now: datetime
    unsure: tuple[Found, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that a model says it heard: the question it answers, the caller's `quote`, and the same in plain words.

    `plain` is read by the same rules as the caller's own words, so that a model can only rephrase, never decide.
    """

    question: str
    quote: str
    plain: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What a model says of one utterance; nothing in it is believed before it is verified.

    `answer` is what the model would say to an open question; said are the knowledge's own sentences around
    `answer_quote`.
    """

    rung: str
    suggestions: tuple[Suggestion, ...] = ()
    intent: str = ""
    intent_quote: str = ""
    answer: str = ""
    answer_quote: str = ""
