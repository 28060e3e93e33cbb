"""What staff decided about heard values, as cases of the gold set."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from calls.corrections import Told, case_of, redacted
from calls.models import Call, ReviewReason, ValueReview
from calls.operations import evidence
from calls.operations.reviewing import decide
from leads.models import Lead, Requirement
from tests.heard_calls import heard, hold, line, transcribe
from tests.voice.understanding import test_gold

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann", is_staff=True)


def review(slot="budget"):
    return ValueReview.objects.get(slot=slot)


def export(**options):
    out = StringIO()
    call_command("export_corrections", stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_decided_values_are_exported_in_the_form_of_the_gold_set(now, ann, tmp_path):
    heard(now, (5, "seventeen lakhs"), (4, "3 BHK"))
    decide(review().pk, choice="again", by=ann, now=now)
    path = tmp_path / "corrections.jsonl"
    call_command("export_corrections", output=path, stdout=StringIO())
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert rows == [
        {
            "id": f"correction-{review().pk}",
            "asked": "budget",
            "text": "seventeen lakhs",
            "now": "2026-03-10T14:30:50+05:30",
            "expect": {"budget_max": 1_700_000},
            "why": "Accepted by staff. Heard live and heard in the recording differ.",
            "was": {"budget_max": 7_000_000},
            "engine": "whisper",
        }
    ]
    assert test_gold._wrong(rows) == {}


def test_only_what_was_decided_since_a_day_is_exported(now, ann):
    heard(now, (5, "seventeen lakhs"))
    decide(review().pk, choice="live", by=ann, now=now)
    assert [one["engine"] for one in export(since="2026-03-10")] == ["live"]
    assert export(since=str((now + timedelta(days=1)).date())) == []
    with pytest.raises(CommandError, match="takes a day such as"):
        export(since="yesterday")


def test_a_cleared_value_is_a_case_that_must_not_be_read(now, ann):
    heard(now, (5, "seventeen lakhs"))
    decide(review().pk, choice="clear", by=ann, now=now)
    assert [(one["text"], one["expect"]) for one in export()] == [("seventeen lakhs", {})]


def test_the_end_of_a_range_that_other_words_had_told_is_not_expected_of_these(now, ann):
    call = heard(now, (5, "seventeen lakhs"))
    floor = {"call": call.pk + 100, "turn": 1, "words": "from ten lakhs"}
    told = Requirement.objects.get().evidence
    Requirement.objects.update(budget_min=1_000_000, evidence={**told, "budget_min": floor})
    done = decide(review().pk, choice="live", by=ann, now=now)
    assert done.final == {"budget_min": 1_000_000, "budget_max": 7_000_000}
    assert [(one["text"], one["engine"], one["expect"]) for one in export()] == [
        ("seventy lakhs", "live", {"budget_max": 7_000_000})
    ]


def test_words_are_a_case_of_the_question_that_they_answered(now, ann):
    heard(now, (5, "seventeen lakhs"))
    ValueReview.objects.update(again={**review().again, "turn": 6})
    decide(review().pk, choice="again", by=ann, now=now)
    assert [(one["asked"], one["now"]) for one in export()] == [("consent", "2026-03-10T14:31:00+05:30")]


def test_a_models_reading_of_live_words_was_heard_live(now, ann):
    heard(now, (5, "seventeen lakhs"))
    again = {**review().live, "value": {"budget_max": 17_000_000}}
    ValueReview.objects.update(again=again, reason=ReviewReason.RULES_AND_MODEL)
    decide(review().pk, choice="again", by=ann, now=now)
    assert [(one["engine"], one["expect"]) for one in export()] == [("live", {"budget_max": 17_000_000})]


def test_a_yes_in_a_staffs_own_call_is_a_case_of_its_question(now, ann):
    lead = Lead.objects.create(name="Meena", phone="+919876500001", created_at=now)
    call = Call.objects.create(lead=lead, provider="upload", status="ended", end_reason="completed", created_at=now)
    transcribe(call)
    call.transcripts.update(lines=[line("may a sales representative call you?", 8, "agent"), line("yes sure", 11)])
    evidence.take_in(call.pk, now=now)
    decide(review("consent").pk, choice="again", by=ann, now=now)
    cases = export()
    assert [(one["asked"], one["text"], one["expect"]) for one in cases] == [("consent", "yes sure", {"consent": True})]
    assert test_gold._wrong(cases) == {}


def test_words_that_staff_were_told_are_a_case_of_the_day_they_were_said(now, ann):
    call = hold([], now=now, created_at=now - timedelta(days=40), transfer_state="accepted", transferred_at=now)
    transcribe(call)
    call.transcripts.update(lines=[line("In how many months?", 1, "staff"), line("by june", 4)])
    evidence.take_in(call.pk, now=now)
    decide(review("timeline_months").pk, choice="again", by=ann, now=now)
    cases = export()
    assert [(one["text"], one["expect"]) for one in cases] == [("june", {"timeline_months": 3})]
    assert test_gold._wrong(cases) == {}


def test_what_staff_did_not_decide_is_expected_as_it_is_read(now):
    told = Told({"words": "3 BHK for 80 lakhs", "value": {"budget_max": 8_000_000}}, "live")
    value = {"budget_max": 8_500_000}
    case = case_of(
        told, number=1, slot="budget", asked="", at=now, was={"budget_max": 8_000_000}, final=value, because="Why."
    )
    rooms = {"bedrooms_min": 3, "bedrooms_max": 3, "category": "residential"}
    assert (case["expect"], case["was"]) == ({**value, **rooms}, {"budget_max": 8_000_000})


def test_a_value_without_words_is_no_case(now):
    told = Told({"words": "", "value": "buy"}, "live")
    assert case_of(told, number=1, slot="purpose", asked="", at=now, was="buy", final="rent", because="") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("this is Meena Kulkarni", "this is [name] [name]"),
        ("call me on 98765 43210 please", "call me on [phone] please"),
        ("meena at gmail dot com", "[email]"),
        ("my budget is 75,00,000", "my budget is 75,00,000"),
        ("call +91 98765 43210 or 98765 43211", "call [phone] or [phone]"),
        ("मैं मीना हूँ", "मैं [name] हूँ"),
    ],
)
def test_names_numbers_and_addresses_leave_the_words(text, shown):
    assert redacted(text, "Meena Kulkarni") == shown


def test_a_name_that_is_a_number_hides_no_number():
    assert redacted("das lakh tak", "Arun Das") == "das lakh tak"
