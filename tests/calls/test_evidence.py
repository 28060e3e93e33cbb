"""What a recording makes of a lead's values: seconds where both hearings agree, a review where they do not."""

from dataclasses import replace

import pytest

from calls.comparing import compare
from calls.models import Call, ReviewState, Turn, ValueReview
from calls.operations import consent, evidence
from leads.models import Lead, Requirement
from tests.heard_calls import HEARD, hold, line, transcribe

pytestmark = pytest.mark.django_db


def live(*changed, confidence=0.9):
    """The usual answers with some changed, each as (turn, text) or (turn, text, confidence)."""
    answers = [(text, confidence) for text in HEARD]
    for turn, text, *sure in changed:
        answers[turn - 1] = (text, sure[0] if sure else confidence)
    return answers


def recorded(*changed):
    said = list(HEARD)
    for turn, text in changed:
        said[turn - 1] = text
    return said


def take_in(call, said, now, **fields):
    transcribe(call, *said, **fields)
    evidence.take_in(call.pk, now=now)


def reviews():
    return [
        (one.slot, one.reason, one.live.get("value"), one.again.get("value"), one.state)
        for one in ValueReview.objects.order_by("slot")
    ]


def proof(call, slot):
    return Requirement.objects.get(lead=call.lead).evidence[slot]


def test_values_that_both_hearings_give_have_their_second_and_need_nobody(now):
    call = hold(live(), now=now)
    take_in(call, HEARD, now)
    assert reviews() == []
    assert proof(call, "budget_max") == {
        "call": call.pk,
        "turn": 5,
        "words": "seventy lakhs",
        "source": "live",
        "recording": call.recordings.get().pk,
        "start_s": 48.2,
        "end_s": 48.95,
        "confidence": 0.9,
    }


def test_words_in_another_script_are_the_same_value(now):
    call = hold(live((5, "pachaas lakh")), now=now)
    take_in(call, recorded((5, "पचास लाख")), now)
    assert (reviews(), proof(call, "budget_max")["start_s"]) == ([], 48.2)


def test_a_value_heard_otherwise_waits_for_staff_and_the_lead_keeps_its_own(now):
    call = hold(live(), now=now)
    take_in(call, recorded((5, "seventeen lakhs")), now)
    assert reviews() == [("budget", "disagrees", {"budget_max": 7_000_000}, {"budget_max": 1_700_000}, "open")]
    assert Requirement.objects.get(lead=call.lead).budget_max == 7_000_000
    assert proof(call, "budget_max")["start_s"] == 48.2


def test_a_value_that_only_the_recording_has_is_never_applied_by_itself(now):
    call = hold(live((5, "", None)), now=now)
    take_in(call, HEARD, now)
    assert ("budget", "not_live", None, {"budget_max": 7_000_000}, "open") in reviews()
    assert Requirement.objects.get(lead=call.lead).budget_max is None


def test_consent_that_only_the_recording_has_is_a_question_for_staff(now):
    call = hold(live((7, "", None))[:7], now=now)
    take_in(call, HEARD[:7], now)
    assert ("consent", "not_live", None, True, "open") in reviews()
    assert Requirement.objects.get(lead=call.lead).consent is None


@pytest.mark.parametrize(("sure", "reasons"), [(0.9, []), (None, ["not_again"]), (0.6, ["not_again"])])
def test_a_value_that_whisper_missed_is_believed_where_the_live_recogniser_was_sure(now, sure, reasons):
    call = hold(live((5, "seventy lakhs", sure)), now=now)
    take_in(call, recorded((5, "sevvy lak")), now)
    assert [one[1] for one in reviews()] == reasons


@pytest.mark.parametrize(("sure", "reasons"), [(0.9, []), (None, ["low_confidence"])])
def test_a_value_in_words_that_neither_was_sure_of_is_hard_to_hear(now, sure, reasons):
    call = hold(live((5, "seventy lakhs", sure)), now=now)
    take_in(call, recorded((5, ("seventy lakhs", 0.39))), now)
    assert [one[1] for one in reviews()] == reasons


def test_another_value_that_whisper_only_guessed_is_hard_to_hear(now):
    call = hold(live((5, "seventy lakhs", None)), now=now)
    take_in(call, recorded((5, ("seventeen lakhs", 0.3))), now)
    assert [one[1] for one in reviews()] == ["low_confidence"]


def test_a_value_is_played_from_its_own_words_and_not_from_the_answers_first(now):
    call = hold(live(), now=now)
    take_in(call, recorded((5, "well I can pay seventy lakhs for it")), now)
    assert (reviews(), proof(call, "budget_max")["start_s"], proof(call, "budget_max")["end_s"]) == ([], 47.4, 48.15)


def test_what_both_hearings_told_and_nobody_took_is_nothing_new():
    told = {"purpose": {"value": "buy", "turn": 1, "words": "to buy", "start": 0, "end": 6, "rung": "rules"}}
    assert [one.reason for one in compare({}, {}, told, turns={}, sure={})] == ["not_live"]
    assert compare({}, told, told, turns={}, sure={}) == []


def test_a_guess_of_whispers_raises_no_value(now):
    call = hold(live((5, "", None)), now=now)
    take_in(call, recorded((5, ("seventy lakhs", 0.2))), now)
    assert [one[0] for one in reviews() if one[0] == "budget"] == []


def test_both_ends_of_a_range_are_one_thing_to_look_at(now):
    call = hold(live((5, "between 50 and 60 lakhs")), now=now)
    take_in(call, recorded((5, "up to 16 lakhs")), now)
    both = {"budget_min": 5_000_000, "budget_max": 6_000_000}
    assert reviews() == [("budget", "disagrees", both, {"budget_max": 1_600_000}, "open")]


def test_a_new_ceiling_is_looked_at_beside_a_floor_that_another_call_set(now):
    call = hold(live(), now=now)
    floor = {"call": call.pk + 100, "turn": 1, "words": "from ten lakhs"}
    told = Requirement.objects.get(lead=call.lead).evidence
    Requirement.objects.update(budget_min=1_000_000, evidence={**told, "budget_min": floor})
    take_in(call, recorded((5, "seventeen lakhs")), now)
    assert reviews() == [("budget", "disagrees", {"budget_max": 7_000_000}, {"budget_max": 1_700_000}, "open")]
    assert (proof(call, "budget_min"), proof(call, "budget_max")["start_s"]) == (floor, 48.2)


def test_what_was_said_after_words_that_end_a_call_counts(now):
    call = hold(live(confidence=None), now=now)
    take_in(call, recorded((1, "no wrong number")), now)
    assert reviews() == []


def test_what_was_read_before_the_call_was_locked_is_not_read_again(now):
    call = hold(live(), now=now)
    transcript = transcribe(call, *recorded((5, "seventeen lakhs")))
    call.transcripts.all().delete()
    reading = evidence.read(Call.objects.get(), transcript, now=now)
    assert [one.slot for one in reading.findings if one.reason] == ["budget"]
    transcript.save()
    evidence.take_in(call.pk, now=now, reading=replace(reading, findings=[]))
    assert reviews() == []


def test_what_was_said_since_is_read_as_well(now):
    call = hold(live(), now=now)
    transcript = transcribe(call, *recorded((5, "seventeen lakhs")))
    reading = evidence.read(call, transcript, now=now)
    Turn.objects.filter(number=8).update(heard="yes, that is right")
    evidence.take_in(call.pk, now=now, reading=replace(reading, findings=[]))
    assert [one[0] for one in reviews()] == ["budget"]


def test_a_second_run_changes_nothing(now):
    call = hold(live(), now=now)
    take_in(call, recorded((5, "seventeen lakhs"), (2, "Baner in Pune")), now)
    before = [list(rows.values()) for rows in (ValueReview.objects, Turn.objects, Requirement.objects, Call.objects)]
    evidence.take_in(call.pk, now=now)
    after = [list(rows.values()) for rows in (ValueReview.objects, Turn.objects, Requirement.objects, Call.objects)]
    assert after == before


def test_a_new_transcript_takes_the_place_of_open_reviews_and_leaves_decided_ones(now):
    call = hold(live(), now=now)
    take_in(call, recorded((5, "seventeen lakhs"), (4, "3 BHK"), (2, "Baner in Pune")), now)
    ValueReview.objects.filter(slot="locations").update(state=ReviewState.ACCEPTED)
    take_in(call, recorded((5, "sixteen lakhs")), now)
    assert [(one[0], one[3], one[4]) for one in reviews()] == [
        ("budget", {"budget_max": 1_600_000}, "open"),
        ("locations", [{"city": "Pune", "locality": "Baner"}], "accepted"),
    ]


def test_what_staff_changed_meanwhile_is_left_alone(now):
    call = hold(live(), now=now)
    wanted = Requirement.objects.get(lead=call.lead)
    wanted.budget_max = 9_000_000
    wanted.evidence.pop("budget_max")
    wanted.save()
    take_in(call, recorded((5, "seventeen lakhs")), now)
    wanted.refresh_from_db()
    assert (reviews(), wanted.budget_max, wanted.evidence.get("budget_max")) == ([], 9_000_000, None)


def test_what_a_later_call_told_is_no_doubt_of_an_earlier_one(now):
    first = hold(live(), now=now)
    take_in(first, recorded((5, "seventeen lakhs")), now)
    hold(live((5, "eighty lakhs")), now=now, lead=first.lead)
    assert [one[4] for one in reviews()] == ["overtaken"]
    evidence.take_in(first.pk, now=now)
    assert [one[4] for one in reviews()] == ["overtaken"]


def test_what_a_later_call_told_or_staff_wrote_is_not_looked_at_for_what_only_an_earlier_recording_has(now):
    call = hold(live((5, "", None), (6, "", None)), now=now)
    later = {"budget_max": {"call": call.pk + 1, "turn": 5, "words": "eighty lakhs"}}
    told = Requirement.objects.get(lead=call.lead).evidence
    Requirement.objects.update(budget_max=8_000_000, purpose="invest", evidence={**told, **later})
    take_in(call, HEARD, now)
    assert reviews() == []


def test_a_value_of_a_language_model_stands_where_its_words_were_heard_again(now):
    call = hold(live((5, "the usual for a place like that", 0.9)), now=now)
    state = call.dialogue
    words = "the usual for a place like that"
    state["slots"]["budget_max"] = {
        "value": 8_000_000,
        "turn": 5,
        "words": words,
        "start": 0,
        "end": 31,
        "rung": "primary",
    }
    Call.objects.filter(pk=call.pk).update(dialogue=state)
    told = {"call": call.pk, "turn": 5, "words": words}
    wanted = Requirement.objects.get(lead=call.lead)
    wanted.budget_max, wanted.evidence = 8_000_000, {**wanted.evidence, "budget_max": told}
    wanted.save()
    take_in(call, recorded((5, "the usual for a place like that")), now)
    assert ([one for one in reviews() if one[0] == "budget"], proof(call, "budget_max")["end_s"]) == ([], 48.95)


def test_keys_that_were_pressed_are_no_words_to_miss(now):
    answers = live()
    answers[6] = ("", None, "1")
    call = hold(answers, now=now)
    take_in(call, recorded((7, "")), now)
    assert (reviews(), Requirement.objects.get(lead=call.lead).consent) == ([], True)


def test_without_whisper_only_what_was_badly_heard_live_is_to_be_looked_at(now):
    call = hold(live((5, "seventy lakhs", 0.3)), now=now)
    take_in(call, HEARD, now, engine="provider")
    assert [one[:2] for one in reviews()] == [("budget", "low_confidence")]
    assert set(call.turns.values_list("heard_again", "better")) == {("", "")}


def test_a_value_that_was_badly_heard_waits_for_staff_where_nothing_is_recorded(now):
    hold(live((5, "seventy lakhs", 0.3)), now=now, started=False)
    assert reviews() == [("budget", "low_confidence", {"budget_max": 7_000_000}, None, "open")]


def test_a_recording_clears_up_what_was_badly_heard_live(now):
    call = hold(live((5, "seventy lakhs", 0.3)), now=now)
    take_in(call, HEARD, now)
    assert reviews() == []


def test_a_transcript_without_words_raises_nothing(now):
    call = hold(live(), now=now)
    take_in(call, [""] * 8, now)
    assert reviews() == []


def test_words_that_a_new_transcript_does_not_have_are_no_words_of_whispers(now):
    call = hold(live(), now=now)
    take_in(call, recorded((5, "seventeen lakhs")), now)
    take_in(call, [""] * 8, now)
    turn = call.turns.get(number=5)
    assert (turn.heard_again, turn.better, turn.start_s, turn.words) == ("", "", None, [])


def test_a_call_without_a_conversation_tells_nothing(now):
    lead = Lead.objects.create(name="Meena", phone="+919876500001", created_at=now)
    call = Call.objects.create(lead=lead, provider="pretend", status="ended", end_reason="busy", created_at=now)
    evidence.take_in(call.pk, now=now)
    assert ValueReview.objects.count() == 0


def warnings(call):
    return call.lead.activities.filter(text__contains="seems to ask not to be called").count()


def test_a_wish_to_be_left_alone_that_only_the_recording_has_is_told_to_staff_once(now):
    call = hold(live((7, "hm", 0.4)), now=now)
    take_in(call, recorded((7, "no don't call me again")), now)
    evidence.take_in(call.pk, now=now)
    assert warnings(call) == 1
    assert call.lead.follow_ups.filter(kind="hand_off", done_at=None).count() == 1
    assert Lead.objects.get().do_not_call is False


def test_staff_are_told_of_no_wish_that_stands_already(now):
    call = hold(live((7, "hm", 0.4)), now=now)
    Lead.objects.update(do_not_call=True)
    take_in(call, recorded((7, "no don't call me again")), now)
    assert warnings(call) == 0


def test_nobodys_standing_changes_by_what_a_recording_tells(now):
    call = hold(live(), now=now)
    before = Lead.objects.values().get(), Call.objects.values("disposition", "status").get()
    take_in(call, recorded((7, "no don't call me again")), now)
    assert (Lead.objects.values().get(), Call.objects.values("disposition", "status").get()) == before


def test_better_words_make_a_new_summary(now):
    call = hold(live((5, "", None)), now=now)
    Call.objects.filter(pk=call.pk).update(summary=[])
    take_in(call, HEARD, now)
    call.refresh_from_db()
    assert call.summary[-1]["text"].startswith("Next: ")
    Call.objects.filter(pk=call.pk).update(summary=[])
    evidence.take_in(call.pk, now=now)
    call.refresh_from_db()
    assert call.summary == []


def upload(now, lines):
    lead = Lead.objects.create(name="Meena", phone="+919876500001", created_at=now)
    call = Call.objects.create(lead=lead, provider="upload", status="ended", end_reason="completed", created_at=now)
    transcribe(call)
    call.transcripts.update(lines=lines)
    evidence.take_in(call.pk, now=now)
    return call


def test_each_value_of_a_staffs_own_call_waits_for_staff(now):
    lines = [
        line("what is your budget?", 1, "agent"),
        line("around seventy lakhs", 4),
        line("may a sales representative call you?", 8, "agent"),
        line("yes sure", 11),
    ]
    call = upload(now, lines)
    around = {"budget_min": 6_300_000, "budget_max": 7_700_000}
    assert reviews() == [("budget", "staff_call", None, around, "open"), ("consent", "staff_call", None, True, "open")]
    again = ValueReview.objects.get(slot="budget").again
    assert (again["start_s"], again["asked"]) == (4, "budget")
    assert Requirement.objects.get(lead=call.lead).budget_max is None


def test_a_staffs_own_call_has_a_summary_as_any_other(now):
    call = upload(now, [line("what is your budget?", 1, "agent"), line("up to seventy lakhs", 4)])
    call.refresh_from_db()
    assert ([one["text"] for one in call.summary], call.summary_rung) == (
        ["up to ₹70 lakh", "A call of our own, whose recording was uploaded."],
        "rules",
    )


def test_a_staffs_own_call_is_looked_at_though_another_value_was_typed(now):
    call = upload(now, [])
    Requirement.objects.update_or_create(lead=call.lead, defaults={"budget_max": 5_000_000})
    call.transcripts.update(lines=[line("what is your budget?", 1, "agent"), line("up to seventy lakhs", 4)])
    evidence.take_in(call.pk, now=now)
    assert reviews() == [("budget", "staff_call", None, {"budget_max": 7_000_000}, "open")]
    assert Requirement.objects.get(lead=call.lead).budget_max == 5_000_000


def test_hardly_understood_words_of_a_staffs_own_call_are_shown_as_well(now):
    upload(now, [line("what is your budget?", 1, "agent"), line("up to seventy lakhs", 4, confidence=0.2)])
    assert reviews() == [("budget", "staff_call", None, {"budget_max": 7_000_000}, "open")]


def test_a_yes_of_nobody_knows_whom_agrees_to_nothing(now):
    lines = [
        line("may a sales representative call you?", 8, "unknown"),
        line("yes sure seventy lakhs budget", 11, "unknown"),
    ]
    upload(now, lines)
    assert [one[0] for one in reviews()] == ["budget"]


def test_a_refusal_that_only_the_recording_has_counts_as_one_heard_live(now):
    call = hold(live((3, "a flat")), now=now)
    take_in(call, recorded((3, "a flat and please don't record this call")), now)
    call.refresh_from_db()
    assert (call.recording_consent, call.recording_words) == ("refused", "a flat and please don't record this call")
    consent.stop_recording(call.pk, now=now)
    assert call.recordings.get().state == "refused"
