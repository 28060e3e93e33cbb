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


def recap(
    *, slots: Mapping[str, Any], came_to: str, questions: Iterable[Mapping[str, Any]], next_step: str = ""
) -> list[Point]:
    """The points that need no language model: what is wanted, what it came to, what the caller asked, what is next.

    `slots` is slot to value at the end, `came_to` a sentence, `questions` the caller's own with "words" and "turn".
    `next_step` is a sentence without its "Next:"; empty where nobody has to do anything.
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
    return said + asked + ([Point(text=NEXT + next_step, quote="", turn=None)] if next_step else [])


NEXT = "Next: "
"""How the point begins that tells what is to be done."""

_PROMISED = {
    "callback": "the agent rings back",
    "sales_call": "a sales representative calls",
    "hand_off": "a colleague rings who can help",
}
_OTHERWISE = {
    "do_not_call": "nobody calls this lead again.",
    "wrong_number": "find the lead's right number.",
    "not_qualified": "nothing, until the lead asks again or what is missing becomes known.",
    "not_interested": "nothing, until the lead asks again.",
    "already_bought": "nothing, until the lead asks again.",
    "abandoned": "ring again, for the conversation broke off.",
    "not_there": "ring again when the lead is there.",
}


def next_step(promises: Iterable[tuple[str, str]], disposition: str) -> str:
    """What comes next, in a sentence: the first promise, each as (FollowUpKind, when in words), or what it came to."""
    for kind, when in promises:
        return f"{_PROMISED[kind]}{f' {when}' if when else ''}."
    return _OTHERWISE.get(disposition, "")
