"""Many at one value: one decision is taken, and whoever comes late is told; a transcript undoes none."""

import pytest
from django.contrib.auth.models import User

from calls.models import ValueReview
from calls.operations import evidence
from calls.operations.reviewing import DecisionError, decide
from leads.models import Activity, Requirement
from tests.flows.test_races import all_at_once
from tests.heard_calls import hold, transcribe

pytestmark = pytest.mark.django_db(transaction=True)
HEARD = ["yes this is Meena", "Wakad in Pune", "a flat", "2 BHK", "seventy lakhs", "to buy", "yes", "yes that's right"]


@pytest.fixture
def call(now):
    held = hold([(text, 0.9) for text in HEARD], now=now)
    transcribe(held, *(text if text != "seventy lakhs" else "seventeen lakhs" for text in HEARD))
    evidence.take_in(held.pk, now=now)
    return held


def test_of_many_deciders_one_wins_and_the_others_are_told(call, now):
    review, people = ValueReview.objects.get(), [User.objects.create_user(f"user{n}") for n in range(4)]

    def press(n: int) -> str:
        try:
            decide(review.pk, choice=("live", "again")[n % 2], by=people[n], now=now)
        except DecisionError as refused:
            return refused.code
        return "won"

    assert sorted(all_at_once(press, 4)) == ["decided"] * 3 + ["won"]
    review.refresh_from_db()
    wanted = Requirement.objects.get()
    assert {"budget_max": wanted.budget_max} == review.final
    assert wanted.evidence["budget_max"]["by"] == review.decided_by_id
    assert Activity.objects.filter(text__startswith="Checked what was heard").count() == 1


def test_a_decision_and_a_transcript_at_once_leave_the_decision(call, now):
    review, ann = ValueReview.objects.get(), User.objects.create_user("ann")

    def act(n: int) -> None:
        if n:
            evidence.take_in(call.pk, now=now)
        else:
            decide(review.pk, choice="again", by=ann, now=now)

    all_at_once(act, 3)
    review.refresh_from_db()
    assert (review.state, Requirement.objects.get().budget_max) == ("accepted", 1_700_000)
