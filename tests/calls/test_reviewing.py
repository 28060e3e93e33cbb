"""What staff decide about heard values: once, on the lead, in its evidence, for its verdict and on its timeline."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from calls.models import Call, ReviewReason, ReviewState, ValueReview
from calls.operations import evidence, mark_reviewed
from calls.operations.reviewing import DecisionError, decide, note_corrections, open_doubts, version_of
from leads.models import Activity, FollowUp, Lead, LeadStatus, Requirement
from tests.heard_calls import HEARD, heard, hold, transcribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann", is_staff=True)


def review(slot="budget"):
    return ValueReview.objects.get(slot=slot)


def wanted():
    return Requirement.objects.get()


def last_line():
    return Activity.objects.order_by("-pk").values_list("text", "actor__username").first()


def test_the_recording_is_taken(now, ann):
    heard(now, (5, "seventeen lakhs"))
    done = decide(review().pk, choice="again", by=ann, now=now)
    assert (done.state, done.final, done.decided_by) == (ReviewState.ACCEPTED, {"budget_max": 1_700_000}, ann)
    assert wanted().budget_max == 1_700_000
    proof = wanted().evidence["budget_max"]
    assert (proof["words"], proof["source"], proof["by"], proof["start_s"]) == (
        "seventeen lakhs",
        "staff",
        ann.pk,
        48.2,
    )
    said = "Checked what was heard. Budget: up to ₹17 lakh; it was up to ₹70 lakh."
    assert last_line() == (said, "ann")
    assert Call.objects.get().summary[0]["text"] == "2 BHK, Wakad (Pune), up to ₹17 lakh"


def test_the_live_value_is_kept_with_the_word_of_who_checked_it(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    decide(review().pk, choice="live", by=ann, now=now)
    evidence.take_in(call.pk, now=now)
    proof = wanted().evidence["budget_max"]
    assert (wanted().budget_max, proof["words"], proof["source"]) == (7_000_000, "seventy lakhs", "staff")
    assert last_line()[0] == "Checked what was heard. Budget: up to ₹70 lakh."


def test_another_value_is_a_correction(now, ann):
    heard(now, (5, "seventeen lakhs"))
    both = {"budget_min": 6_000_000, "budget_max": 7_500_000}
    done = decide(review().pk, choice="other", value=both, by=ann, now=now)
    assert (done.state, done.final, wanted().budget_min, wanted().budget_max) == (
        "corrected",
        both,
        6_000_000,
        7_500_000,
    )


@pytest.mark.parametrize(
    ("slot", "turn", "said", "value"),
    [
        ("budget", 5, "seventeen lakhs", {"budget_min": 9_000_000, "budget_max": 7_000_000}),
        ("property_type", 3, "a villa", "castle"),
        ("locations", 2, "Baner in Pune", "Pune"),
    ],
)
def test_a_value_that_the_lead_cannot_have_is_refused_with_a_sentence(now, ann, slot, turn, said, value):
    heard(now, (turn, said))
    with pytest.raises(DecisionError) as refused:
        decide(review(slot).pk, choice="other", value=value, by=ann, now=now)
    assert (refused.value.code, str(refused.value)[-1], review(slot).state) == ("not_a_value", ".", "open")


def test_a_cleared_value_is_not_known_and_disqualifies(now, ann):
    heard(now, (5, "seventeen lakhs"))
    assert Lead.objects.get().status == LeadStatus.QUALIFIED
    done = decide(review().pk, choice="clear", by=ann, now=now)
    lead = Lead.objects.get()
    assert (done.state, done.final, wanted().budget_max, "budget_max" in wanted().evidence) == (
        "cleared",
        None,
        None,
        False,
    )
    assert (lead.status, FollowUp.objects.filter(kind="sales_call", done_at=None).count()) == ("not_qualified", 0)


def test_a_value_that_nobody_heard_live_can_qualify(now, ann):
    heard(now, answers=[*HEARD[:6], "not sure", HEARD[7]])
    Lead.objects.update(status=LeadStatus.NOT_QUALIFIED, score=50, score_reasons=[])
    decide(review("consent").pk, choice="again", by=ann, now=now)
    lead = Lead.objects.get()
    assert (lead.status, wanted().consent) == ("qualified", True)
    assert FollowUp.objects.filter(kind="sales_call", done_at=None).count() == 1
    assert Call.objects.get().summary[-1]["text"].startswith("Next: a sales representative calls")


def test_what_a_model_wrote_stays_beside_what_staff_decided(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    wrote = {"text": "Has two dogs.", "quote": "a flat", "turn": 3}
    call.refresh_from_db()
    Call.objects.update(summary=[*call.summary[:2], wrote], summary_rung="primary")
    decide(review().pk, choice="again", by=ann, now=now)
    assert [one["text"] for one in Call.objects.get().summary] == [
        "2 BHK, Wakad (Pune), up to ₹17 lakh",
        call.summary[1]["text"],
        "Has two dogs.",
    ]


def test_a_summary_tells_a_decision_though_the_lead_wants_something_else_by_now(now, ann):
    heard(now, (5, "seventeen lakhs"))
    Requirement.objects.update(bedrooms_min=3, bedrooms_max=3)
    decide(review().pk, choice="again", by=ann, now=now)
    assert Call.objects.get().summary[0]["text"] == "2 BHK, Wakad (Pune), up to ₹17 lakh"


@pytest.mark.parametrize("status", [LeadStatus.DO_NOT_CALL, LeadStatus.WRONG_NUMBER])
def test_no_decision_makes_a_lead_callable_again(now, ann, status):
    heard(now, (5, "seventeen lakhs"))
    Lead.objects.update(status=status, do_not_call=status == LeadStatus.DO_NOT_CALL)
    decide(review().pk, choice="again", by=ann, now=now)
    assert (Lead.objects.get().status, wanted().budget_max) == (status, 1_700_000)


def test_a_lead_who_must_not_be_called_is_promised_no_call(now, ann):
    heard(now, answers=[*HEARD[:6], "not sure", HEARD[7]])
    Lead.objects.update(status=LeadStatus.NEW, do_not_call=True)
    decide(review("consent").pk, choice="again", by=ann, now=now)
    assert (Lead.objects.get().status, FollowUp.objects.filter(done_at=None).count()) == ("new", 0)


def test_who_waits_to_be_called_back_goes_on_waiting(now, ann):
    heard(now, answers=[*HEARD[:6], "not sure", HEARD[7]])
    Lead.objects.update(status=LeadStatus.CALLBACK)
    decide(review("consent").pk, choice="again", by=ann, now=now)
    assert (Lead.objects.get().status, wanted().consent) == ("callback", True)


@pytest.mark.parametrize("status", [LeadStatus.QUALIFIED, LeadStatus.NOT_QUALIFIED])
def test_a_decision_that_turns_nothing_leaves_the_status_that_staff_chose(now, ann, status):
    heard(now, (4, "3 BHK"), answers=[*HEARD[:6], "not sure", HEARD[7]])
    if status == LeadStatus.NOT_QUALIFIED:
        Requirement.objects.update(consent=True)
    Lead.objects.update(status=status, score_reasons=[])
    decide(review("bedrooms").pk, choice="again", by=ann, now=now)
    assert Lead.objects.get().status == status


def test_who_said_no_stays_not_interested(now, ann):
    heard(now, (5, "seventeen lakhs"))
    said_no = [{"code": "not_interested", "sentence": "Is not interested.", "met": False}]
    Lead.objects.update(status=LeadStatus.NOT_QUALIFIED, score=0, score_reasons=said_no)
    decide(review().pk, choice="again", by=ann, now=now)
    assert (Lead.objects.get().status, Lead.objects.get().score) == ("not_qualified", 0)


def test_a_decision_is_taken_once_and_who_comes_second_is_told(now, ann):
    heard(now, (5, "seventeen lakhs"))
    decide(review().pk, choice="again", by=ann, now=now)
    with pytest.raises(
        DecisionError, match=r"decided before by ann: accepted, up to ₹17 lakh. Nothing was changed."
    ) as told:
        decide(review().pk, choice="live", by=ann, now=now)
    assert (told.value.code, wanted().budget_max) == ("decided", 1_700_000)


def test_what_nobody_heard_cannot_be_taken(now, ann):
    heard(now, answers=[*HEARD[:4], "", *HEARD[5:]])
    with pytest.raises(DecisionError, match="Choose another value, or clear it"):
        decide(review().pk, choice="live", by=ann, now=now)


def test_a_new_ceiling_does_away_with_the_floor_of_the_words_that_are_given_up(now, ann):
    call = hold([(text if text != "seventy lakhs" else "between 50 and 60 lakhs", 0.9) for text in HEARD], now=now)
    transcribe(call, *HEARD[:4], "up to 16 lakhs", *HEARD[5:])
    evidence.take_in(call.pk, now=now)
    decide(review().pk, choice="again", by=ann, now=now)
    assert (wanted().budget_min, wanted().budget_max) == (None, 1_600_000)


def test_a_new_ceiling_leaves_an_old_floor_that_other_words_set(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    rest = {"call": call.pk + 100, "turn": 1, "words": "from ten lakhs"}
    Requirement.objects.update(budget_min=1_000_000, evidence={**wanted().evidence, "budget_min": rest})
    decide(review().pk, choice="again", by=ann, now=now)
    assert (wanted().budget_min, wanted().budget_max) == (1_000_000, 1_700_000)
    assert (wanted().evidence["budget_min"], wanted().evidence["budget_max"]["words"]) == (rest, "seventeen lakhs")


def test_a_decided_value_stays_in_the_summary_when_the_recording_is_heard_again(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    decide(review().pk, choice="again", by=ann, now=now)
    transcribe(call, *HEARD[:5], "to buy within three months", *HEARD[6:])
    evidence.take_in(call.pk, now=now)
    call.refresh_from_db()
    assert call.turns.get(number=6).better == "whisper"
    assert call.summary[0]["text"] == "2 BHK, Wakad (Pune), up to ₹17 lakh"


def test_who_saw_another_hearing_than_the_newest_decides_nothing(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    seen = version_of(review())
    transcribe(call, *HEARD[:4], "sixteen lakhs", *HEARD[5:])
    evidence.take_in(call.pk, now=now)
    with pytest.raises(DecisionError) as told:
        decide(review().pk, choice="again", seen=seen, by=ann, now=now)
    assert (told.value.code, wanted().budget_max, review().state) == ("changed", 7_000_000, "open")
    decide(review().pk, choice="again", seen=version_of(review()), by=ann, now=now)
    assert wanted().budget_max == 1_600_000


def test_a_review_that_a_new_transcript_settled_cannot_be_decided(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    gone = review().pk
    transcribe(call, *HEARD)
    evidence.take_in(call.pk, now=now)
    with pytest.raises(DecisionError, match="a new transcript settled it") as told:
        decide(gone, choice="again", by=ann, now=now)
    assert (told.value.code, wanted().budget_max) == ("gone", 7_000_000)


def test_what_waits_of_an_earlier_call_is_over_once_a_later_one_is_decided(now, ann):
    first = heard(now, (5, "seventeen lakhs"))
    later = now + timedelta(days=1)
    values = {"lead": first.lead, "status": "ended", "created_at": later, "answered_at": later}
    other = Call.objects.create(provider="upload", end_reason="completed", **values)
    again = {"value": {"budget_max": 9_000_000}, "words": "ninety lakhs", "turn": 1, "start_s": 3.0}
    told = ValueReview.objects.create(call=other, slot="budget", reason=ReviewReason.STAFF_CALL, again=again)
    decide(told.pk, choice="again", by=ann, now=later)
    assert (first.value_reviews.get().state, wanted().evidence["budget_max"]["call"]) == ("overtaken", other.pk)
    with pytest.raises(DecisionError, match="A later call has told this anew"):
        decide(first.value_reviews.get().pk, choice="live", by=ann, now=later)


def doubted(now):
    """A call in which rules and model read a budget differently."""
    call = hold([(text, 0.9) for text in HEARD], now=now)
    doubt = {"slot": "budget_max", "turn": 5, "words": "seventy lakhs", "rule": 7_000_000, "model": 17_000_000}
    call.dialogue["review"] = [doubt]
    call.needs_review = True
    call.save()
    open_doubts(call, now=now)
    open_doubts(call, now=now)
    return call


def test_what_rules_and_model_read_differently_is_on_the_same_list(now, ann):
    doubted(now)
    row = review()
    assert (row.reason, row.live["value"], row.again["value"]) == (
        ReviewReason.RULES_AND_MODEL,
        {"budget_max": 7_000_000},
        {"budget_max": 17_000_000},
    )
    decide(row.pk, choice="again", by=ann, now=now)
    assert (wanted().budget_max, Call.objects.get().needs_review) == (17_000_000, False)


def test_the_calls_mark_goes_with_the_value_that_somebody_wrote_on_the_lead(
    now, ann, django_capture_on_commit_callbacks
):
    doubted(now)
    changed, requirement = {"budget_max": wanted().budget_max}, wanted()
    requirement.budget_max = 7_500_000
    with django_capture_on_commit_callbacks(execute=True):
        note_corrections(requirement, changed, by=ann, now=now)
    assert (review().state, Call.objects.get().needs_review) == ("corrected", False)


def test_what_rules_and_model_read_differently_waits_whatever_recordings_tell(now):
    call = doubted(now)
    transcribe(call, *HEARD[:4], "seventeen lakhs", *HEARD[5:])
    evidence.take_in(call.pk, now=now)
    transcribe(call, *HEARD)
    evidence.take_in(call.pk, now=now)
    assert review().state == "open"


def test_a_call_that_was_checked_as_a_whole_closes_its_values(now, ann):
    call = doubted(now)
    assert mark_reviewed(call_id=call.pk, by=ann, now=now)
    assert (review().state, review().final, review().decided_by) == ("accepted", {"budget_max": 7_000_000}, ann)
