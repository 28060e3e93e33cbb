"""What a finished conversation told of a lead is what stands on the lead."""

from dataclasses import replace

import pytest

from leads.conversations import Conversation, apply_conversation
from leads.models import Activity, FollowUp, Lead, Requirement
from leads.operations import promise, set_do_not_call

pytestmark = pytest.mark.django_db
READY = {"budget_max": 7_000_000, "consent": True}


@pytest.fixture
def lead():
    return Lead.objects.create(name="Ravi Rao", phone="+919820012345")


def told(outcome: str = "completed", *, taken_back=(), known=None, **heard) -> Conversation:
    """A conversation in which `heard` was said, beside what was `known` before."""
    words = {slot: {"value": value, "turn": 3, "words": str(value)} for slot, value in heard.items()}
    return Conversation(7, outcome, words, {**(known or {}), **heard}, frozenset(taken_back))


def test_what_was_said_is_stored_with_the_words_and_the_lead_is_judged(lead, now):
    verdict = apply_conversation(lead_id=lead.pk, told=told(**READY), now=now)
    lead.refresh_from_db()
    assert (verdict.status, lead.status, lead.score) == ("qualified", "qualified", verdict.score)
    assert lead.requirement.evidence["budget_max"] == {"call": 7, "turn": 3, "words": "7000000"}


def test_what_no_longer_holds_is_emptied_with_its_evidence(lead, now):
    apply_conversation(lead_id=lead.pk, told=told(property_type="apartment", bedrooms_min=2, bedrooms_max=2), now=now)
    later = told(property_type="office", category="commercial", taken_back={"bedrooms_min", "bedrooms_max"})
    apply_conversation(lead_id=lead.pk, told=later, now=now)
    wanted = Requirement.objects.get()
    assert (wanted.property_type, wanted.bedrooms_min, wanted.bedrooms_max) == ("office", None, None)
    assert set(wanted.evidence) == {"property_type", "category"}


def test_a_place_that_was_taken_back_is_a_place_no_more(lead, now):
    apply_conversation(lead_id=lead.pk, told=told(locations=[{"city": "Pune", "locality": None}]), now=now)
    apply_conversation(lead_id=lead.pk, told=told(taken_back={"locations"}), now=now)
    assert Requirement.objects.get().locations == []


def test_a_floor_beside_a_known_ceiling_keeps_the_ceiling_that_was_read_back(lead, now):
    Requirement.objects.create(lead=lead, budget_max=10_000_000)
    apply_conversation(lead_id=lead.pk, told=told(budget_min=8_000_000, known={"budget_max": 10_000_000}), now=now)
    wanted = Requirement.objects.get()
    assert (wanted.budget_min, wanted.budget_max) == (8_000_000, 10_000_000)


def test_a_new_ceiling_does_away_with_an_old_floor(lead, now):
    Requirement.objects.create(lead=lead, budget_min=10_000_000)
    apply_conversation(lead_id=lead.pk, told=told(budget_max=7_000_000), now=now)
    wanted = Requirement.objects.get()
    assert (wanted.budget_min, wanted.budget_max) == (None, 7_000_000)


def test_what_a_conversation_left_alone_stays_as_staff_have_it(lead, now):
    Requirement.objects.create(lead=lead, purpose="rent", consent=True)
    apply_conversation(lead_id=lead.pk, told=told("abandoned", known={"purpose": "buy"}), now=now)
    wanted = Requirement.objects.get()
    assert (wanted.purpose, wanted.consent) == ("rent", True)


def test_a_lead_who_must_not_be_called_stays_so_and_is_promised_no_call(lead, now):
    set_do_not_call(lead_id=lead.pk, now=now)
    apply_conversation(lead_id=lead.pk, told=told(**READY), now=now)
    lead.refresh_from_db()
    assert (lead.status, lead.do_not_call, FollowUp.objects.filter(done_at=None).count()) == ("do_not_call", True, 0)


@pytest.mark.parametrize("outcome", ["not_interested", "wrong_number", "already_bought"])
def test_promises_end_with_their_reason(lead, now, outcome):
    apply_conversation(lead_id=lead.pk, told=told(**READY), now=now)
    assert FollowUp.objects.get().done_at is None
    apply_conversation(lead_id=lead.pk, told=told(outcome), now=now)
    assert FollowUp.objects.get().done_at == now


def test_a_verdict_stands_when_a_later_call_comes_to_none(lead, now):
    apply_conversation(lead_id=lead.pk, told=told(**READY), now=now)
    apply_conversation(lead_id=lead.pk, told=told("abandoned"), now=now)
    lead.refresh_from_db()
    assert lead.status == "qualified"


def test_somebody_else_on_the_line_leaves_the_lead_to_be_called_again(lead, now):
    apply_conversation(lead_id=lead.pk, told=told("not_there"), now=now)
    lead.refresh_from_db()
    assert (lead.status, lead.do_not_call, lead.last_contacted_at) == ("contacted", False, None)
    assert list(FollowUp.objects.values_list("kind", "due_at", "done_at")) == [("callback", None, None)]


@pytest.mark.parametrize(
    ("abusive", "sentence"),
    [
        (True, "Was abusive twice; the agent ended the call. Decide whether to call again."),
        (False, "Is not interested."),
    ],
)
def test_staff_read_whether_a_lead_declined_or_swore(lead, now, abusive, sentence):
    apply_conversation(lead_id=lead.pk, told=replace(told("not_interested"), abusive=abusive), now=now)
    lead.refresh_from_db()
    assert [one.text for one in Activity.objects.all()] == [sentence]
    assert [one["sentence"] for one in lead.score_reasons] == [sentence]


@pytest.mark.parametrize("outcome", ["abandoned", "no_response", "completed"])
def test_an_answer_that_was_promised_is_somebodys_task_however_the_call_ended(lead, now, outcome):
    asked = replace(told(outcome), questions=("is a loan possible",))
    apply_conversation(lead_id=lead.pk, told=asked, now=now)
    assert list(FollowUp.objects.values_list("kind", "note")) == [("hand_off", "Asked: “is a loan possible”")]


@pytest.mark.parametrize(("outcome", "is_owed"), [("voicemail", True), ("no_response", True), ("completed", False)])
def test_a_promised_callback_is_owed_until_somebody_was_talked_to(lead, now, outcome, is_owed):
    promise(lead, "callback", due_at=now, note="", now=now)
    apply_conversation(lead_id=lead.pk, told=told(outcome), now=now)
    assert FollowUp.objects.filter(kind="callback", done_at=None).exists() == is_owed
