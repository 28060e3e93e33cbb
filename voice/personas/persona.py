"""The characters: how each one's line ends up, and how they talk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

Line = Literal["answers", "busy", "no_answer", "voicemail"]


@dataclass(frozen=True, slots=True)
class Persona:
    """A character. `line` is what the telephone does when dialled: nobody speaks on "busy" and "no_answer".

    `style` names their way of speaking in the tables of answers. After `patience` answers they say one of
    `last_words`, or hang up without a word if there are none; None is all the patience in the world.
    `share` is how many of a hundred numbers behave so.
    """

    name: str
    about: str
    share: int
    line: Line = "answers"
    style: str = "english"
    patience: int | None = None
    last_words: tuple[str, ...] = ()
    one_breath: bool = False
    hesitant: bool = False
    corrects: bool = False


_ALL = (
    # The first three of a hundred, for those are numbers of no newcomer to the demo, whose first call is to end well.
    Persona(
        "asks_for_a_person",
        "wants to talk to a person",
        3,
        patience=2,
        last_words=("Can I talk to a real person, please?",),
    ),
    Persona("cooperative", "answers every question", 33),
    Persona("one_breath", "says everything at once", 15, one_breath=True),
    Persona("hinglish", "answers in Hindi and English mixed", 18, style="hinglish"),
    Persona("hesitant", "needs every question twice", 8, hesitant=True),
    Persona("corrects_herself", "changes her mind about the size", 8, corrects=True),
    Persona(
        "wrong_number",
        "is not the lead",
        2,
        patience=0,
        last_words=("No, wrong number.", "You have the wrong number.", "Galat number lag gaya."),
    ),
    Persona("busy", "is on another call", 3, line="busy"),
    Persona("no_answer", "does not pick up", 3, line="no_answer"),
    Persona(
        "voicemail",
        "has a machine that answers",
        3,
        line="voicemail",
        patience=0,
        last_words=("Please leave your message after the tone.",),
    ),
    Persona(
        "do_not_call",
        "wants no more calls",
        2,
        patience=1,
        last_words=("Do not call me again.", "Please take my number off your list.", "Mujhe dobara call mat karna."),
    ),
    Persona("hangs_up", "hangs up midway", 2, patience=3),
)

PERSONAS: dict[str, Persona] = {persona.name: persona for persona in _ALL}
"""Every character by name."""


def pick(number: str) -> Persona:
    """The character who owns a telephone number: always the same one, mostly a co-operative one."""
    left = crc32(number.encode()) % sum(persona.share for persona in _ALL)
    for persona in _ALL:
        left -= persona.share
        if left < 0:
            return persona
    raise AssertionError("the shares add up")
