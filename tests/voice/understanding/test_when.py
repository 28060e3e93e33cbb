"""Times to call back and times to buy, for every hour, day and month of the year."""

from datetime import datetime, timedelta

import pytest

from voice.understanding import understand

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")  # a Thursday
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


def _callback(text):
    slots = understand(text, asked="identity", now=NOW).slots
    assert slots.get("intent") == "callback", text
    return datetime.fromisoformat(slots["callback_at"]) if "callback_at" in slots else None


def _months(text):
    return understand(text, asked="timeline", now=NOW).slots.get("timeline_months")


def test_each_hour_of_the_evening_is_today():
    for hour in range(4, 10):
        assert _callback(f"shaam {hour} baje call karna") == NOW.replace(hour=hour + 12)


def test_each_weekday_is_the_next_one_of_its_name():
    for number, day in enumerate(DAYS):
        ahead = (number - NOW.weekday() - 1) % 7 + 1
        assert _callback(f"call me on {day} at 11 am") == (NOW + timedelta(days=ahead)).replace(hour=11)


def test_each_stretch_of_minutes_counts_from_now():
    for minutes in range(5, 121, 5):
        assert _callback(f"{minutes} minute baad call karo") == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("call me at 630", "18:30"),
        ("call me at 1630", "16:30"),
        ("call me in 20", "15:20"),
        ("1 ghante 30 minute baad call karna", "16:30"),
        ("in an hour and a half call me", "16:30"),
        ("paune ghante baad", "15:45"),
        ("call me between 5 and 6", "17:00"),
        ("call after 6:30", "18:30"),
    ],
)
def test_clock_times_are_read_as_recognisers_write_them(said, at):
    hour, minute = map(int, at.split(":"))
    assert _callback(said) == NOW.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    "said", ["call me in the evening", "kal subah call karna", "call me on Monday", "call me later"]
)
def test_a_day_or_a_part_of_one_names_no_moment(said):
    assert _callback(said) is None


def test_each_month_named_is_as_many_months_away():
    for number, month in enumerate(MONTHS, 1):
        away = (number - NOW.month) % 12
        assert (_months(f"by {month}"), _months(f"{month} 2027 tak")) == (away, 12 + number - NOW.month)


def test_a_month_that_is_over_fills_nothing():
    assert _months("january 2026") is None


@pytest.mark.parametrize(
    ("said", "months"),
    [
        ("ready to move hi chahiye, under construction nahi", 0),
        ("immediately, and look, do not send brokers", 0),
        ("nothing urgent", None),
        ("jaldi nahi hai", None),
        ("abhi time hai", None),
        ("1 yr max", 12),
        ("isi saal", 9),
        ("next march", 12),
        ("mahine ke end tak", 1),
        ("two quarters", 6),
        ("दिसंबर तक", 9),
        ("3 nahi 6 mahine", 6),
    ],
)
def test_how_soon_is_read_with_its_denials(said, months):
    assert _months(said) == months
