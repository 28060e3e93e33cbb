"""PURE. A decided value as a case of the gold set: what was asked, what was heard, and what it should have meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calls.comparing import RANGES, slots_in
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


def case_of(
    *,
    number: int,
    slot: str,
    asked: str,
    at: datetime,
    live: Mapping[str, Any],
    again: Mapping[str, Any],
    final: Any,
    because: str,
    person: str = "",
    places: Places | None = None,
) -> dict[str, Any] | None:
    """One decided review in the form of the gold set; None where it has no words.

    `at` is aware, in the caller's zone. `live` and `again` are the two readings, `final` what staff decided, None for
    not known. `person` is the lead's name, which is taken out of the words, as numbers and addresses are. What staff
    did not decide is expected as it is understood today. Beside the gold set's own keys there are `was`, the value
    before, and `engine`, whose words they are.
    """
    engine = _engine(live, again, final)
    told = again if engine == "whisper" else live
    text = redacted(str(told.get("words") or ""), person)
    if not text.strip():
        return None
    read = understand(text, asked=asked, now=at, places=places).slots
    others = {name: value for name, value in read.items() if name not in slots_in(slot)}
    return {
        "id": f"correction-{number}",
        "asked": asked,
        "text": text,
        "now": at.isoformat(),
        "expect": {**_by_slot(slot, final), **others},
        "why": because,
        "was": _by_slot(slot, live.get("value")),
        "engine": engine,
    }


def _engine(live: Mapping[str, Any], again: Mapping[str, Any], final: Any) -> str:
    """Whose words go with the decision: those that give it, else the recording's, which staff can listen to."""
    if live.get("words") and (not again.get("words") or (final is not None and live.get("value") == final)):
        return "live"
    return "whisper"


def _by_slot(slot: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    told = value if slot in RANGES else {slot: value}
    return {name: one for name, one in told.items() if one is not None}


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
