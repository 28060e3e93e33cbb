"""What a number's holder told India's telecom regulator (TRAI, TCCCPR 2018): what is blocked, how, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

CATEGORIES = {
    0: "All categories",
    1: "Banking, insurance, financial products, credit cards",
    2: "Real estate",
    3: "Education",
    4: "Health",
    5: "Consumer goods and automobiles",
    6: "Communication, broadcasting, entertainment, IT",
    7: "Tourism and leisure",
    8: "Food and beverages",
}
MODES = {
    11: "Voice call",
    12: "SMS",
    13: "Auto-dialer, pre-recorded",
    14: "Auto-dialer, connected to an agent",
    15: "Robo call",
}
TIME_BANDS = {
    21: "00:00 to 06:00",
    22: "06:00 to 08:00",
    23: "08:00 to 10:00",
    24: "10:00 to 12:00",
    25: "12:00 to 14:00",
    26: "14:00 to 16:00",
    27: "16:00 to 18:00",
    28: "18:00 to 21:00",
    29: "21:00 to 24:00",
}
DAY_TYPES = {
    31: "Monday",
    32: "Tuesday",
    33: "Wednesday",
    34: "Thursday",
    35: "Friday",
    36: "Saturday",
    37: "Sunday",
    38: "Public holiday",
}

BAND_STARTS = (0, 6, 8, 10, 12, 14, 16, 18, 21)
"""The hours at which the time bands begin, in their order."""
CALL_MODES = frozenset({11, 13, 14, 15})
TEXT_MODES = frozenset({12})
_OURS = frozenset({0, 2})
_HOLIDAY = 38
_ALL = {"", "all", "any", "full", "fully", "na", "nil", "none", "null", "-"}


@dataclass(frozen=True, slots=True)
class Preference:
    """One number's entry; an empty set blocks all of its kind."""

    categories: frozenset[int] = frozenset()
    modes: frozenset[int] = frozenset()
    time_bands: frozenset[int] = frozenset()
    day_types: frozenset[int] = frozenset()

    def concerns(self, modes: frozenset[int]) -> bool:
        """Whether it says anything about real estate by one of these modes."""
        return bool((not self.categories or self.categories & _OURS) and (not self.modes or self.modes & modes))

    def blocks_at(self, local: datetime, *, holiday: bool) -> bool:
        """Whether it covers this time of the holder's own clock, on a public holiday or not."""
        days = {31 + local.weekday()} | ({_HOLIDAY} if holiday else set())
        return bool(
            (not self.time_bands or band_of(local.hour) in self.time_bands)
            and (not self.day_types or self.day_types & days)
        )

    @property
    def always(self) -> bool:
        """Whether it covers every hour of every day."""
        every_band = not self.time_bands or self.time_bands >= TIME_BANDS.keys()
        return every_band and (not self.day_types or self.day_types >= DAY_TYPES.keys() - {_HOLIDAY})


def band_of(hour: int) -> int:
    """The time band that an hour of the day lies in."""
    return 20 + sum(start <= hour for start in BAND_STARTS)


def read_codes(text: str, known: dict[int, str]) -> list[int]:
    """The codes of one cell: numbers or names, parted by spaces, commas, semicolons, bars or "#"; empty for all.

    :raises ValueError: with a sentence for the person whose file it is.
    """
    cleaned = text.strip().casefold()
    if cleaned in _ALL:
        return []
    names = {name.casefold(): code for code, name in known.items()}
    if cleaned in names:
        return [names[cleaned]]
    found = {_code(part, known, names) for part in _parts(cleaned, names)}
    return sorted(found)


def _parts(cleaned: str, names: dict[str, int]) -> Iterable[str]:
    by_mark = [part.strip() for part in re.split(r"[,;#|/\n]+", cleaned) if part.strip()]
    for part in by_mark:
        yield from [part] if part in names else part.split()


def _code(part: str, known: dict[int, str], names: dict[str, int]) -> int:
    if part in names:
        return names[part]
    number = int(part) if part.isdecimal() and len(part) <= 4 else -1
    if number in known:
        return number
    few = ", ".join(str(code) for code in known)
    raise ValueError(f"“{part}” is not one of the regulator's codes here. They are: {few}.")
