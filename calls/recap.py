"""PURE. What a call came to, in a few points for staff, each with the words that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from leads.display import requirement_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Point(TypedDict):
    """One sentence about a call. `quote` is the caller's own words in `turn`; empty where it sums up several."""

    text: str
    quote: str
    turn: int | None


def recap(*, slots: Mapping[str, Any], came_to: str, questions: Iterable[Mapping[str, Any]]) -> list[Point]:
    """The points that need no language model: what is wanted, what it came to, what the caller asked.

    `slots` is slot to value at the end, `came_to` a sentence, `questions` the caller's own with "words" and "turn".
    """
    wanted = requirement_line(slots)
    said = [Point(text=text, quote="", turn=None) for text in (wanted, came_to) if text]
    asked = [
        Point(
            text="Was told: " + one["answer"] if one.get("answer") else "Waits for an answer to a question.",
            quote=one["words"],
            turn=one["turn"],
        )
        for one in questions
    ]
    return said + asked
