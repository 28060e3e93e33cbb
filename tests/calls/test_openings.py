"""The next time at which a lead may be called, on every clock at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.openings import LOOK_AHEAD, Openings, closed_by, next_opening
from leads.preferences import Preference

ZONES = [
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/New_York",
    "America/Los_Angeles",
    "America/Santiago",  # changes its clocks at midnight
    "Europe/London",
    "Australia/Lord_Howe",  # changes them by half an hour
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]
EVERY_DAY = dict.fromkeys(range(7), (time(9), time(21)))
YEAR = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-12-31")
MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)


def at(text, zone="Asia/Kolkata"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def hours(step):
    clock = st.integers(0, 24 * 60 // step - 1).map(lambda n: time(n * step // 60, n * step % 60))
    return st.tuples(clock, clock).filter(lambda pair: pair[0] < pair[1])


def codes(*known):
    return st.frozensets(st.sampled_from(known), max_size=4)


@st.composite
def situations(draw, step):
    begins = draw(st.datetimes(*YEAR))
    days = st.integers(0, 12).map(lambda n: (begins + timedelta(days=n)).date())
    dnd = st.builds(Preference, time_bands=codes(*range(21, 30)), day_types=codes(*range(31, 39)))
    openings = Openings(
        zones=tuple(ZoneInfo(name) for name in draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3))),
        hours=draw(st.dictionaries(st.integers(0, 6), hours(step), max_size=7)),
        holidays=draw(st.dictionaries(days, st.just("A day off"), max_size=4)),
        public=draw(st.frozensets(days, max_size=3)),
        campaign=draw(st.none() | hours(step)),
        dnd=draw(st.none() | dnd),
    )
    return openings, begins.replace(tzinfo=UTC)


@settings(max_examples=100, deadline=None)
@given(situations(step=15))
def test_it_is_allowed_then_and_at_no_quarter_of_an_hour_before(situation):
    # Hours on the quarter and clocks that change on the quarter: nothing can open in between.
    openings, after = situation
    found = next_opening(openings, after)
    assert found is None or closed_by(openings, found) is None
    quarter = after.replace(minute=after.minute // 15 * 15, second=0, microsecond=0) + QUARTER
    end = found or after + LOOK_AHEAD
    while quarter < end:
        assert closed_by(openings, quarter), quarter
        quarter += QUARTER


@settings(max_examples=40, deadline=None)
@given(situations(step=1))
def test_it_is_right_to_the_minute(situation):
    openings, after = situation
    found = next_opening(openings, after)
    if found is None or found == after:
        assert bool(closed_by(openings, after)) is (found is None)
        return
    assert closed_by(openings, found) is None
    minute = max(after.replace(second=0, microsecond=0) + MINUTE, found - timedelta(hours=26))
    while minute < found:
        assert closed_by(openings, minute), minute
        minute += MINUTE


def test_now_is_the_next_time_where_nothing_forbids_it():
    noon = at("2026-03-10T12:34:56")
    assert next_opening(Openings(zones=(noon.tzinfo,), hours=EVERY_DAY), noon) is noon


def test_the_morning_after_the_clocks_went_forward_comes_an_hour_sooner():
    eastern = Openings(zones=(ZoneInfo("America/New_York"),), hours=EVERY_DAY)
    evening = at("2026-03-07T21:30", "America/New_York")
    found = next_opening(eastern, evening)
    assert (found, found - evening.astimezone(UTC)) == (
        at("2026-03-08T09:00", "America/New_York").astimezone(UTC),
        timedelta(hours=10, minutes=30),
    )


def test_hours_that_the_clock_skips_begin_when_it_has_jumped():
    early = Openings(zones=(ZoneInfo("America/New_York"),), hours={6: (time(2, 10), time(4))})
    found = next_opening(early, at("2026-03-08T00:30", "America/New_York"))
    assert found == at("2026-03-08T03:00", "America/New_York")


def test_hours_that_the_clock_shows_twice_open_twice():
    late = Openings(zones=(ZoneInfo("America/New_York"),), hours={6: (time(1, 10), time(1, 20))})
    first = at("2026-11-01T01:30", "America/New_York")
    again = at("2026-11-01T01:10", "America/New_York").replace(fold=1)
    assert next_opening(late, first) == again.astimezone(UTC)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"holidays": {date(2026, 3, 11): "Holi"}}, "2026-03-12T09:00"),
        ({"hours": {4: (time(10), time(11))}}, "2026-03-13T10:00"),
        ({"campaign": (time(18), time(20))}, "2026-03-11T18:00"),
        ({"dnd": Preference(time_bands=frozenset({23, 24, 25}))}, "2026-03-11T14:00"),
        ({"dnd": Preference(day_types=frozenset({33, 34}))}, "2026-03-13T09:00"),
        ({"dnd": Preference(day_types=frozenset({38})), "public": frozenset({date(2026, 3, 11)})}, "2026-03-12T09:00"),
    ],
)
def test_every_reason_is_waited_out(change, expected):
    openings = replace(Openings(zones=(ZoneInfo("Asia/Kolkata"),), hours=EVERY_DAY), **change)
    assert next_opening(openings, at("2026-03-10T21:00")) == at(expected)


def test_clocks_with_no_common_hour_have_no_next_time():
    apart = Openings(
        zones=(ZoneInfo("Asia/Kolkata"), ZoneInfo("America/Chicago")),
        hours=dict.fromkeys(range(7), (time(9), time(17))),
    )
    assert next_opening(apart, at("2026-03-10T21:00")) is None
