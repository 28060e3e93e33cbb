"""What a campaign decides, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from calls.campaigns import Cost, Ended, Trip, free_lines, reached, spend_micros, trips
from voice.events import EndReason

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def ended(*reasons, ago=10):
    return [
        Ended(number, NOW - timedelta(seconds=ago), EndReason(reason)) for number, reason in enumerate(reasons, start=1)
    ]


def verdict(calls, *, resumed_at=None):
    trip = trips("twilio", calls, now=NOW, resumed_at=resumed_at)
    return trip.call_ids if trip else None


def test_a_provider_rests_once_half_of_five_calls_failed():
    assert trips("twilio", ended("failed", "lost", "rejected", "completed", "busy"), now=NOW, resumed_at=None) == Trip(
        "3 of the last 5 calls over Twilio failed for technical reasons within 2 minutes, so no more are placed. Look "
        "at the calls that failed, put right what is wrong, then resume the provider.",
        (1, 2, 3),
    )


@pytest.mark.parametrize(
    ("reasons", "tripped_by"),
    [
        (["failed"] * 4, None),
        (["failed"] * 5, (1, 2, 3, 4, 5)),
        (["failed", "failed", "completed", "completed", "completed"], None),
        (["failed", "failed", "failed", "completed", "completed", "completed"], (1, 2, 3)),
        (["busy", "no_answer", "busy", "no_answer", "busy"], None),
        (["failed"] * 4 + ["canceled", "not_allowed"], None),
        ([], None),
    ],
)
def test_few_calls_and_people_who_are_busy_trip_nothing(reasons, tripped_by):
    assert verdict(ended(*reasons)) == tripped_by


def test_failures_of_two_minutes_ago_and_of_before_the_resumption_count_no_more():
    assert verdict(ended(*["failed"] * 5, ago=119)) == (1, 2, 3, 4, 5)
    assert verdict(ended(*["failed"] * 5, ago=120)) is None
    resumed = NOW - timedelta(seconds=10)
    assert verdict(ended(*["failed"] * 5), resumed_at=resumed) is None
    assert verdict(ended(*["failed"] * 5, ago=9), resumed_at=resumed) == (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("cost", "micros"),
    [
        (Cost(1_234, NOW, NOW, 0.5), 1_234),
        (Cost(None, NOW - timedelta(seconds=61), NOW, 0.014), 28_000),
        (Cost(None, NOW - timedelta(seconds=60), NOW, 0.014), 14_000),
        (Cost(None, NOW, NOW, 0.014), 14_000),
        (Cost(None, NOW - timedelta(seconds=121), None, 0.014), 42_000),
        (Cost(None, None, None, 0.014), 14_000),
        (Cost(None, None, None, 0.014, placed=False), 0),
        (Cost(None, None, NOW, 0.014), 0),
    ],
)
def test_a_call_costs_what_the_provider_says_or_the_minutes_begun(cost, micros):
    assert spend_micros([cost], now=NOW) == micros
    assert spend_micros([cost, cost], now=NOW) == 2 * micros


@pytest.mark.parametrize(
    ("own", "own_going", "lines", "going", "reserved", "free"),
    [
        (3, 0, (10, 0), 0, 1, 3),
        (3, 2, (10, 0), 2, 1, 1),
        (3, 5, (10, 0), 5, 1, 0),
        (9, 0, (10, 4), 1, 1, 2),
        (9, 0, (10, 0), 9, 1, 0),
        (9, 0, (0, 0), 50, 1, 9),
    ],
)
def test_a_campaign_takes_its_own_lines_and_leaves_the_reserved_ones(own, own_going, lines, going, reserved, free):
    assert free_lines(own=own, own_going=own_going, lines=lines, going=going, reserved=reserved) == free


@pytest.mark.parametrize(
    ("disposition", "talked"),
    [("qualified", True), ("abandoned", True), ("voicemail", False), ("no_response", False), ("canceled", None)],
)
def test_reached_is_who_was_talked_to(disposition, talked):
    assert reached(disposition) is talked
