"""Everything that one utterance means, in the slots of the contract, each with the words that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.understanding.bedrooms import read_bedrooms
from voice.understanding.budget import read_budget
from voice.understanding.consent import read_consent
from voice.understanding.gazetteer import Places
from voice.understanding.identity import read_identity
from voice.understanding.intent import FINAL, read_intent
from voice.understanding.location import read_location
from voice.understanding.numbers import hear
from voice.understanding.property_type import read_property
from voice.understanding.text import Mark, Marks
from voice.understanding.types import Found, Understanding

if TYPE_CHECKING:
    from datetime import datetime

    from voice.understanding.text import Heard


def understand(text: str, *, asked: str, now: datetime, places: Places | None = None) -> Understanding:
    """Read `text`, heard in answer to the question `asked` at the caller's local time `now`. Never raises."""
    heard = hear(text, asked)
    marks = _read(heard, asked, now, places or Places.default())
    found = tuple(_found(heard, mark) for mark in marks.found)
    return Understanding(found, tuple(_found(heard, mark) for mark in marks.dropped))


def _read(heard: Heard, asked: str, now: datetime, places: Places) -> Marks:
    intent = read_intent(heard, asked)
    if intent.found and intent.found[0].value in FINAL:
        return intent
    parts = [
        intent,
        read_location(heard, asked, places),
        read_property(heard, asked),
        read_bedrooms(heard, asked),
        read_budget(heard, asked),
        read_identity(heard, asked) if not intent.found else Marks(),
        read_consent(heard, asked) if not intent.found else Marks(),
    ]
    found = [mark for part in parts for mark in part.found]
    # Bedrooms are asked only of those who want a home.
    if asked != "bedrooms" and any(mark.slot.startswith("bedrooms") for mark in found) and not any(mark.slot == "category" for mark in found):
        first = next(mark for mark in found if mark.slot.startswith("bedrooms"))
        found.append(Mark("category", "residential", first.start, first.end))
    return Marks(tuple(found), tuple(mark for part in parts for mark in part.dropped))


def _found(heard: Heard, mark: Mark) -> Found:
    start, end = heard.span(mark.start, mark.end)
    return Found(mark.slot, mark.value, start, end, heard.original[start:end])
