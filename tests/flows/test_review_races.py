"""Many at one value: one decision is taken, and whoever comes late is told; a transcript undoes none."""

import time
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from calls.models import LiveUtterance, ValueReview
from calls.operations import evidence, hearing_turns
from calls.operations.reviewing import DecisionError, decide, note_corrections
from leads import entries
from leads.models import Activity, Lead, Requirement
from tests.flows.test_races import all_at_once
from tests.heard_calls import HEARD, heard, hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(now):
    return heard(now, (5, "seventeen lakhs"))


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


@pytest.mark.parametrize("what", ["decision", "transcript"])
def test_a_leads_page_that_is_saved_at_once_with_it_waits_for_nobody_in_a_ring(call, now, what):
    review, ann, is_saving = ValueReview.objects.get(), User.objects.create_user("ann"), Event()

    def save() -> None:
        with transaction.atomic():
            Lead.objects.select_for_update().get()
            is_saving.set()
            time.sleep(0.2)  # the other has its call by then, and waits for the lead
            wanted = Requirement.objects.get()
            before, wanted.purpose = wanted.purpose, "invest"
            note_corrections(wanted, {"purpose": before}, by=ann, now=now)
            wanted.save()

    def act(n: int) -> None:
        if n:
            save()
        elif is_saving.wait(5) and what == "transcript":
            evidence.take_in(call.pk, now=now)
        else:
            decide(review.pk, choice="again", by=ann, now=now)

    all_at_once(act, 2)
    assert Requirement.objects.get().purpose == "invest"


def test_a_program_that_writes_a_value_while_last_words_are_taken_waits_for_nobody_in_a_ring(now):
    call = hold([(text, 0.9) for text in HEARD[:5]], now=now)
    LiveUtterance.objects.create(call=call, turn=6, state="heard", text="to buy", asked_at=now, due_at=now)
    ann, is_writing = User.objects.create_user("ann"), Event()

    def correct(wanted, changed):
        is_writing.set()
        time.sleep(0.2)  # the other has its call by then, and waits for the lead
        note_corrections(wanted, changed, by=ann, now=now)

    def act(n: int) -> None:
        if n:
            entries.change(call.lead_id, {}, {"budget_max": 7_500_000}, now=now, by=ann, corrected=correct)
        elif is_writing.wait(5):
            assert hearing_turns.take_left(call.pk)

    all_at_once(act, 2)
    wanted = Requirement.objects.get()
    assert (wanted.budget_max, wanted.purpose) == (7_500_000, "buy")


def test_who_decides_while_the_value_is_written_is_told_what_was_decided(call, now):
    review, ann, is_writing = ValueReview.objects.get(), User.objects.create_user("ann"), Event()

    def correct(wanted, changed):
        is_writing.set()
        time.sleep(0.2)  # the other has read the review by then, and waits for the lead
        note_corrections(wanted, changed, by=ann, now=now)

    def act(n: int) -> str:
        if n:
            entries.change(call.lead_id, {}, {"budget_max": 7_500_000}, now=now, by=ann, corrected=correct)
            return ""
        assert is_writing.wait(5)
        with pytest.raises(DecisionError) as refused:
            decide(review.pk, choice="again", by=ann, now=now)
        return str(refused.value)

    assert all_at_once(act, 2)[0] == "This was decided before by ann: corrected, up to ₹75 lakh. Nothing was changed."
