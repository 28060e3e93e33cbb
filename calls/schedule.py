"""When to try again, and the hours in which a lead may be called."""

from __future__ import annotations

from datetime import datetime, time, timedelta

TECHNICAL_LADDER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))

# India: TCCCPR 2018, commercial calls from 09:00 to 21:00; US: 47 CFR 64.1200(c)(1), 08:00 to 21:00.
CALLING_HOURS = {"IN": (time(9), time(21)), "US": (time(8), time(21))}
_STRICTEST = (time(9), time(21))


def retry_at(failures: int, *, now: datetime) -> datetime | None:
    """When to dial again after `failures` technical failures (1 or more); None when the ladder is used up."""
    if failures > len(TECHNICAL_LADDER):
        return None
    return now + TECHNICAL_LADDER[failures - 1]


def hours_of(region: str) -> tuple[time, time]:
    """From when until when the country lets us call; the strictest hours we know where it is unknown."""
    return CALLING_HOURS.get(region, _STRICTEST)


def within_calling_hours(local: datetime, *, region: str) -> bool:
    """Whether the lead's own clock shows a time at which their region lets us call."""
    begin, end = hours_of(region)
    return begin <= local.time() < end
