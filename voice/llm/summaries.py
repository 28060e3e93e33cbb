"""A call in a few points for the salesperson; a point that the transcript does not prove is dropped here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from voice import prompts
from voice.dialogue.figures import figures
from voice.llm.base import Prompt
from voice.llm.ladder import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.llm.base import Attempt
    from voice.llm.ladder import Ladder

Line = tuple[int, str, str]
"""What was said: the turn's number, "caller" or "agent", the words."""

MOST_POINTS = 5
LONGEST = 300  # characters of a point, or of the next step
SHORTEST = 2  # characters of a quote; less is found anywhere
MOST_TOLD = 24_000  # characters of a transcript; half an hour of talking, and what small models can hold
MOST_SAID = 2_000  # of what was said at once

_POINT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "quote": {"type": "string"}, "turn": {"type": "integer"}},
    "required": ["text", "quote", "turn"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "points": {"type": "array", "items": _POINT, "maxItems": MOST_POINTS},
        "next_step": {"type": "string"},
    },
    "required": ["points", "next_step"],
    "additionalProperties": False,
}


class Point(NamedTuple):
    """One thing that the caller said; `quote` are their own words in the turn numbered `turn`."""

    text: str
    quote: str
    turn: int


@dataclass(frozen=True, slots=True)
class Summarised:
    """What is proven of a model's summary; where no model answered, `rung` is "rules" and all else empty."""

    points: tuple[Point, ...]
    next_step: str
    rung: str
    attempts: tuple[Attempt, ...] = ()


def summarise(ladder: Ladder, transcript: Sequence[Line], *, budget_s: float) -> Summarised:
    """The points of a finished call, within `budget_s` seconds; never raises for what a server does.

    Nobody waits for a summary, so each rung gets an equal share of the budget instead of its own timeout.
    """
    if not ladder.rungs:
        return Summarised((), "", RULES)
    prompt, share_s = prompt_of(transcript), budget_s / len(ladder.rungs)
    answer = ladder.ask(prompt, budget_s=budget_s, read=lambda found: found, timeout_s=share_s)
    if answer.value is None:
        return Summarised((), "", RULES, answer.attempts)
    points, step = _proven(answer.value["points"], transcript), answer.value["next_step"].strip()
    return Summarised(points, step if _is_covered(step, transcript) else "", answer.rung, answer.attempts)


def prompt_of(transcript: Sequence[Line]) -> Prompt:
    """The prompt for a transcript; each line travels as JSON."""
    text = prompts.filled("summary", most=str(MOST_POINTS), transcript="\n".join(_told(transcript)))
    return Prompt(text.name, text.version, text.system, text.user, SCHEMA, max_tokens=800)


def _told(transcript: Sequence[Line]) -> list[str]:
    """The lines as JSON; of a long conversation the last ones, in which it was decided."""
    lines, left = [], MOST_TOLD
    for turn, who, text in reversed(transcript):
        line = json.dumps({"turn": turn, "who": who, "text": text[:MOST_SAID]}, ensure_ascii=False)
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]


def _proven(points: list[dict[str, Any]], transcript: Sequence[Line]) -> tuple[Point, ...]:
    said = [Point(one["text"].strip(), one["quote"].strip(), int(one["turn"])) for one in points]
    return tuple(one for one in said if _is_quoted(one, transcript) and one.text and _is_covered(one.text, transcript))


def _is_quoted(point: Point, transcript: Sequence[Line]) -> bool:
    quote = _plain(point.quote)
    heard = [_plain(text) for turn, who, text in transcript if turn == point.turn and who == "caller"]
    return len(quote) >= SHORTEST and any(quote in one for one in heard)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_covered(text: str, transcript: Sequence[Line]) -> bool:
    """Whether every figure of the text was said; one without a unit may have been said with any."""
    if len(text) > LONGEST:
        return False
    said = {one.counts for _, _, line in transcript for one in figures(line)}
    said |= {(figure, "") for figure, _ in said}
    return {one.counts for one in figures(text)} <= said
