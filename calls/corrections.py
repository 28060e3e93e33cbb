"""PURE. A decided value as a case of the gold set: what was asked, what was heard, and what it should have meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from calls.comparing import by_slot, slots_in
from calls.words import sounds
from voice.understanding import understand
from voice.understanding.email import read_email
from voice.understanding.phone import read_phone
from voice.understanding.text import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from voice.understanding import Places

_SHORTEST_NAME = 3  # letters; shorter ones are words of their own
_LONG_FIGURE = re.compile(r"\+?\d(?:[\s().-]*\d){9,}")  # no amount of money has so many digits


class Told(NamedTuple):
    """The reading whose words go with a decision, and whose hearing that is: "live" or "whisper"."""

    reading: Mapping[str, Any]
    engine: str


def told_by(slot: str, live: Mapping[str, Any], again: Mapping[str, Any], final: Any) -> Told:
    """The reading that gives what staff decided; where neither does, the recording's, which staff can listen to."""
    fits, fits_again = _fits(slot, live, final), _fits(slot, again, final)
    if live.get("words") and (not again.get("words") or (fits and fits >= fits_again)):
        return Told(live, "live")
    # A model's reading of live words stands beside the rules' as the recording's does.
    return Told(again, "live" if again.get("words") == live.get("words") else "whisper")


def case_of(
    told: Told,
    *,
    number: int,
    slot: str,
    asked: str,
    at: datetime,
    was: Any,
    final: Any,
    because: str,
    is_heard: bool = False,
    person: str = "",
    places: Places | None = None,
) -> dict[str, Any] | None:
    """One decided review in the form of the gold set; None where it has no words.

    `at` is aware, in the caller's zone. `was` is the value before, `final` what staff decided, None for not known;
    `is_heard` tells that they took what was heard, so that an end of a range that other words had told is not expected.
    `person` is the lead's name, which is taken out of the words, as numbers and addresses are. What staff did not
    decide is expected as it is understood today. Beside the gold set's own keys there are `was` and `engine`.
    """
    text = redacted(str(told.reading.get("words") or ""), person)
    if not text.strip():
        return None
    read = understand(text, asked=asked, now=at, places=places).slots
    others = {name: value for name, value in read.items() if name not in slots_in(slot)}
    heard = is_heard and _fits(slot, told.reading, final)
    return {
        "id": f"correction-{number}",
        "asked": asked,
        "text": text,
        "now": at.isoformat(),
        "expect": {**_known(slot, told.reading["value"] if heard else final), **others},
        "why": because,
        "was": _known(slot, was),
        "engine": told.engine,
    }


def _fits(slot: str, reading: Mapping[str, Any], final: Any) -> int:
    """How much of what staff decided a reading tells, in slots; 0 where it tells anything else."""
    heard = _known(slot, reading.get("value"))
    return len(heard) if heard.items() <= _known(slot, final).items() else 0


def _known(slot: str, value: Any) -> dict[str, Any]:
    return {name: one for name, one in by_slot(slot, value).items() if one is not None}


def redacted(text: str, person: str = "") -> str:
    """The words without telephone numbers, e-mail addresses and the lead's own name."""
    for _, start, end in reversed(read_email(text)):
        text = f"{text[:start]}[email]{text[end:]}"
    while number := read_phone(text):
        text = f"{text[: number[1]]}[phone]{text[number[2] :]}"
    text = _LONG_FIGURE.sub("[phone]", text)
    # By their sound, for Whisper may write them in another script; "Das" is ten, and tells of nobody.
    names = {sound for sound in sounds(person) if len(sound) >= _SHORTEST_NAME and not sound[0].isdecimal()}
    for piece in reversed(pieces(text)):
        if names.intersection(sounds(piece.raw)):
            text = f"{text[: piece.start]}[name]{text[piece.end :]}"
    return text
