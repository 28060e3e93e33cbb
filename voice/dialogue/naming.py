"""Whether a place, a name or an address was really said: its letters, nearly, in the caller's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from voice.understanding.gazetteer import LONGEST
from voice.understanding.numbers import hear
from voice.understanding.sounds import fold

if TYPE_CHECKING:
    from voice.understanding import Found, Places

_ALIKE = 76.0  # of 100; recognisers write Vakad for Wakad, and Hinjawadi for Hinjewadi
_ALIKE_SHORT = 85.0  # "June" is not Pune
_SHORT = 5  # letters


def is_named(one: Found, words: str, *, text: str, places: Places) -> bool:
    """Whether `words` name what a value is; values that are no names (a sum, a kind of property) always pass.

    `text` is all that was said: a city may stand outside the words that name its locality.
    """
    if one.slot == "locations":
        return all(_is_place(place, one.words, words, text, places) for place in one.value)
    if one.slot == "name":
        return all(_near(part, words) for part in hear(str(one.value)).line.split()[1:-1])
    if one.slot == "phone":
        return str(one.value)[-10:] in re.sub(r"\D", "", hear(words, "phone").line)
    if one.slot == "email":
        said = _letters(hear(words).line)
        return all(_letters(part) in said for part in re.split(r"[^a-z0-9]+", str(one.value)))
    return True


def _is_place(place: dict[str, Any], plain: str, words: str, text: str, places: Places) -> bool:
    city, locality = place["city"], place["locality"]
    if locality is None:
        return _is_near((city, None), plain, words, places)
    if not _is_near((city, locality), plain, words, places):
        return False
    # A name that several cities share, such as Sector 62, says nothing of the city.
    alone = {known for known, _ in places.named(_line(locality))} == {city}
    return alone or _is_near((city, None), plain, text, places)


def _is_near(place: tuple[str, str | None], plain: str, words: str, places: Places) -> bool:
    """Whether words come near the place's own name, or near the other name of it that the plain words used."""
    parts = _line(plain).split()
    grams = {" ".join(parts[at : at + count]) for count in range(1, LONGEST + 1) for at in range(len(parts))}
    names = {gram for gram in grams if place in places.named(gram)} | {_line(place[1] or place[0])}
    return any(_near(name, words) for name in names)


def _near(name: str, words: str) -> bool:
    """Whether some stretch of the words sounds like the name."""
    wanted, parts = fold(name), _line(words).split()
    least = _ALIKE_SHORT if len(wanted) <= _SHORT else _ALIKE
    length = len(name.split())
    stretches = (
        " ".join(parts[at : at + count])
        for count in {length, length + 1, max(1, length - 1)}
        for at in range(len(parts))
    )
    return any(fuzz.ratio(wanted, fold(stretch)) >= least for stretch in stretches)


def _line(text: str) -> str:
    return " ".join(hear(text).line.split()[1:-1])


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
