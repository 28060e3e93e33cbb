"""When to try again, and what a finished call meant."""

from datetime import timedelta

import pytest

from calls.disposition import Disposition, dispose
from calls.schedule import retry_at
from voice.dialogue import Outcome
from voice.events import EndReason


def test_technical_failures_are_tried_again_after_30_s_2_min_and_10_min_and_then_no_more(now):
    waits = [at - now if (at := retry_at(failures, now=now)) else None for failures in (1, 2, 3, 4)]
    assert waits == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), None]


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
