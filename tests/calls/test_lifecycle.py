"""A call only ever moves forward."""

import itertools

import pytest

from calls.lifecycle import LIVE, CallStatus, advance
from voice.events import LineState

ORDER = list(LineState)


def test_each_report_in_order_moves_the_call_on():
    seen = list(itertools.accumulate(ORDER, advance, initial=CallStatus.DIALING))
    assert seen == [
        CallStatus.DIALING,
        CallStatus.DIALING,
        CallStatus.RINGING,
        CallStatus.IN_PROGRESS,
        CallStatus.ENDED,
    ]


@pytest.mark.parametrize("reports", list(itertools.permutations(ORDER)))
def test_in_whatever_order_reports_come_the_end_is_final_and_nothing_moves_back(reports):
    seen = list(itertools.accumulate([*reports, *reports], advance, initial=CallStatus.DIALING))
    ranks = [list(CallStatus).index(status) for status in seen]
    assert ranks == sorted(ranks)
    assert seen[-1] is CallStatus.ENDED


@pytest.mark.parametrize(
    ("line", "status"), list(zip(ORDER, ["dialing", "ringing", "in_progress", "ended"], strict=True))
)
def test_any_report_settles_an_unconfirmed_call(line, status):
    assert advance(CallStatus.UNCONFIRMED, line) == status


def test_every_status_but_ended_is_live():
    assert set(CallStatus) - set(LIVE) == {CallStatus.ENDED}
