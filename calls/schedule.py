"""When to try again, and the hours in which a lead may be called."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TECHNICAL_LADDER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))

# India: TCCCPR 2018, commercial calls from 09:00 to 21:00; US: 47 CFR 64.1200(c)(1), 08:00 to 21:00.
CALLING_HOURS = {"IN": (time(9), time(21)), "US": (time(8), time(21))}
_STRICTEST = (time(9), time(21))

_UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "hour": 3600, "hours": 3600, "day": 86400, "days": 86400}
_STEP = re.compile(r"(\d{1,4})\s*([a-z]+)")
NEXT_DAY = timedelta(days=1)
"""A step of a ladder that means the same hour of the next day, and so counts by the lead's clock."""


def parse_ladder(text: str) -> tuple[timedelta, ...]:
    """The waits that staff wrote, such as "30 s, 2 min, next day".

    :raises ValueError: with a sentence for the person who typed it.
    """
    return tuple(_step(part.strip().lower()) for part in text.split(",") if part.strip())


def _step(part: str) -> timedelta:
    if part == "next day":
        return NEXT_DAY
    match = _STEP.fullmatch(part)
    unit = _UNITS.get(match[2]) if match else None
    if match is None or unit is None or not int(match[1]):
        raise ValueError(f"“{part}” is no wait. Write waits like: 30 s, 2 min, 1 h, next day.")
    return timedelta(seconds=int(match[1]) * unit)


def retry_at(tries: int, ladder: Sequence[timedelta], *, local: datetime) -> datetime | None:
    """When to try again after `tries` vain tries (1 or more); None when the ladder is used up.

    `local` is now on the lead's own clock: "next day" is the same hour there, across a change of clocks too.
    """
    if not 1 <= tries <= len(ladder):
        return None
    step = ladder[tries - 1]
    if step == NEXT_DAY:
        return local + step  # aware arithmetic within one zone keeps the hour on the wall
    return (local.astimezone(UTC) + step).astimezone(local.tzinfo)


def hours_of(region: str) -> tuple[time, time]:
    """From when until when the country lets us call; the strictest hours we know where it is unknown."""
    return CALLING_HOURS.get(region, _STRICTEST)
