"""When a lead may be called: weekdays, holidays and clocks put together, and the next time at which they all agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from leads.preferences import BAND_STARTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from leads.preferences import Preference

LOOK_AHEAD = timedelta(days=35)
"""How far the next time to call is looked for."""

_QUARTERS = {time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)}
"""When clocks change, and so may jump over the beginning of something."""


@dataclass(frozen=True, slots=True)
class Openings:
    """When one lead may be called: on all of `zones` at once, whichever of them the lead lives by.

    `hours` are those of each weekday from Monday, 0; a weekday without any has none. On `holidays` nobody is called;
    `public` are the days that the regulator's list means by public holidays. Both must cover `LOOK_AHEAD`. `dnd` is
    that list's entry for this number, where it concerns our calls.
    """

    zones: tuple[tzinfo, ...]
    hours: Mapping[int, tuple[time, time]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    public: frozenset[date] = frozenset()
    campaign: tuple[time, time] | None = None
    dnd: Preference | None = None


def closed_by(openings: Openings, at: datetime) -> tuple[str, datetime] | None:
    """The code of what forbids a call at this time, with the lead's clock on which it does; None where nothing does."""
    clocks = [at.astimezone(zone) for zone in openings.zones]
    for code, closed in _REASONS.items():
        for clock in clocks:
            if closed(openings, clock):
                return code, clock
    return None


def _on_holiday(openings: Openings, clock: datetime) -> bool:
    return clock.date() in openings.holidays


def _after_hours(openings: Openings, clock: datetime) -> bool:
    return not _within(openings.hours.get(clock.weekday()), clock)


def _outside_campaign(openings: Openings, clock: datetime) -> bool:
    return openings.campaign is not None and not _within(openings.campaign, clock)


def _undisturbed(openings: Openings, clock: datetime) -> bool:
    return openings.dnd is not None and openings.dnd.blocks_at(clock, holiday=clock.date() in openings.public)


_REASONS = {
    "holiday": _on_holiday,
    "outside_calling_hours": _after_hours,
    "campaign_hours": _outside_campaign,
    "dnd": _undisturbed,
}


def _within(hours: tuple[time, time] | None, clock: datetime) -> bool:
    return hours is not None and hours[0] <= clock.time() < hours[1]


def next_opening(openings: Openings, after: datetime) -> datetime | None:
    """The earliest time from `after` on at which nothing forbids a call; None where there is none within LOOK_AHEAD."""
    if closed_by(openings, after) is None:
        return after
    openings = replace(openings, zones=_distinct(openings.zones, after))
    first = after.astimezone(UTC).date()
    for days in range(LOOK_AHEAD.days):
        day = first + timedelta(days=days)
        # Whatever opens does so at one of these; between two of them nothing changes.
        for moment in sorted(_boundaries(openings, day)):
            if moment > after and closed_by(openings, moment) is None:
                return moment
    return None


def _boundaries(openings: Openings, day: date) -> set[datetime]:
    """The moments of one day of UTC, on which up to three days of other clocks fall."""
    around = (day + timedelta(days=n) for n in (-1, 0, 1))
    found = {moment for one in around for moment in _starts(openings, one)}
    return {moment for moment in found if moment.date() == day}


def _starts(openings: Openings, day: date) -> set[datetime]:
    """When something may begin on this day of each clock."""
    found = set()
    for zone in openings.zones:
        begins = {time(0), *(hours[0] for hours in openings.hours.values())}
        begins |= {openings.campaign[0]} if openings.campaign else set()
        begins |= {time(hour) for hour in BAND_STARTS} if openings.dnd else set()
        begins |= _QUARTERS if _clock_changes(zone, day) else set()
        # An hour that the clock shows twice opens twice.
        found |= {
            datetime.combine(day, one.replace(fold=fold), zone).astimezone(UTC) for one in begins for fold in (0, 1)
        }
    return found


def _clock_changes(zone: tzinfo, day: date) -> bool:
    return zone.utcoffset(datetime.combine(day, time(0))) != zone.utcoffset(
        datetime.combine(day + timedelta(days=1), time(0, 1))
    )


def _distinct(zones: tuple[tzinfo, ...], after: datetime) -> tuple[tzinfo, ...]:
    """One zone of each that show the same time all along; a toll-free number has dozens."""
    shown: dict[tuple[timedelta | None, ...], tzinfo] = {}
    for zone in zones:
        days = (after + timedelta(days=n) for n in range(-2, LOOK_AHEAD.days + 3))
        shown.setdefault(tuple(moment.astimezone(zone).utcoffset() for moment in days), zone)
    return tuple(shown.values())
