"""When to try again, and what a finished call meant."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calls.disposition import Disposition, dispose
from calls.schedule import parse_ladder, retry_at
from voice.dialogue import Outcome
from voice.events import EndReason


def test_a_ladder_says_when_each_further_try_is_and_then_no_more(now):
    ladder = parse_ladder("30 s, 2 min, 10 min")
    waits = [at - now if (at := retry_at(tries, ladder, local=now)) else None for tries in (1, 2, 3, 4)]
    assert waits == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), None]


def test_the_next_day_is_the_same_hour_on_the_leads_clock_when_clocks_change():
    before = datetime(2026, 10, 31, 10, 30, tzinfo=ZoneInfo("America/New_York"))
    assert retry_at(1, parse_ladder("next day"), local=before) == before.replace(month=11, day=1)


@pytest.mark.parametrize("text", ["soon", "0 min", "5", "5 min 30 s", "-5 min", "5 fortnights"])
def test_a_wait_that_cannot_be_read_is_told_with_an_example(text):
    with pytest.raises(ValueError, match="Write waits like: 30 s, 2 min, 1 h, next day"):
        parse_ladder(text)


def test_no_waits_are_no_further_tries(now):
    assert (parse_ladder(" "), retry_at(1, (), local=now)) == ((), None)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in {Outcome.TALKING, Outcome.COMPLETED}])
def test_every_outcome_of_a_conversation_is_a_disposition_of_the_same_name(outcome):
    assert dispose(EndReason.COMPLETED, outcome=outcome, qualified=False) == outcome


@pytest.mark.parametrize(("qualified", "disposition"), [(True, "qualified"), (False, "not_qualified")])
def test_a_completed_conversation_is_what_the_verdict_says(qualified, disposition):
    assert dispose(EndReason.COMPLETED, outcome="completed", qualified=qualified) == disposition


@pytest.mark.parametrize(
    ("reason", "disposition"),
    [
        (EndReason.COMPLETED, Disposition.NO_RESPONSE),
        (EndReason.BUSY, Disposition.BUSY),
        (EndReason.NO_ANSWER, Disposition.NO_ANSWER),
        (EndReason.CANCELED, Disposition.NO_ANSWER),
        (EndReason.FAILED, Disposition.FAILED),
        (EndReason.REJECTED, Disposition.FAILED),
        (EndReason.LOST, Disposition.FAILED),
        (EndReason.NOT_ALLOWED, Disposition.NOT_ALLOWED),
    ],
)
def test_where_nobody_spoke_the_end_reason_decides(reason, disposition):
    assert dispose(reason, outcome="", qualified=False) is disposition
