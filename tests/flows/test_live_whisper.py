"""Whisper hears the caller: recorded answers over real HTTP, heard in a job while the line is held."""

import time
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from calls import operations
from calls.dispatcher import run_once
from calls.models import Call, LiveUtterance, Turn
from calls.operations import hearing_turns
from leads.models import Lead
from tests.flows.live_hearing import HOLD, be_late, hold_for, jobs, verbs, work
from tests.pretend_people import number_of
from tests.speech import wav_of
from tests.twilio_line import spoken, turn_of
from tests.whisper_model import model_folder
from voice import dialogue

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_recorded_answer_is_held_for_heard_and_taken(line, api, agent, lead, hears):
    api.recordings["RE1"] = {"call_sid": line.sid, "media": wav_of("Yes.")}
    engine = hears("yes, speaking", 0.8)
    opening = line.ring()
    assert verbs(opening)[-5:] == ["Say", "Record", "Record", "Record", "Redirect"]
    assert [job.rpartition(".")[2] for job in jobs()] == ["warm_up"] * 2
    OrmQ.objects.all().delete()

    first = line.record(opening, "RE1")
    second = line.follow(first)
    assert [verbs(first), verbs(second)] == [HOLD, HOLD]
    assert (work(), engine.asked) == (["heard"], [(b"RIFF", "en-IN")])

    answered = line.follow(second)
    assert verbs(answered)[:2] == ["Say", "Record"]
    turn = Turn.objects.get(number=1)
    assert (turn.heard, turn.confidence, turn.said) == ("yes, speaking", 0.8, spoken(answered))
    assert [one["slot"] for one in turn.understood] == ["identity"]
    assert LiveUtterance.objects.values_list("state", "text").get() == ("taken", "")

    run_once(timezone.now())
    assert (work(), api.recordings) == (["deleted"], {})


def test_an_answer_is_heard_with_its_question_in_mind_unless_that_holds_a_name(line, api, agent, lead, hears):
    engine = hears("yes, speaking")
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    work()
    asked = line.follow(held)
    question = dialogue.hint(dialogue.resume(Call.objects.get().dialogue))
    assert question
    assert question in spoken(asked)

    hold_for(line, api, asked, wav_of("Yes."), "RE2")
    work()
    assert engine.hints == ["", question]


def test_an_answer_to_a_question_that_is_past_is_heard_without_it(line, api, agent, lead, hears):
    engine = hears("yes, speaking")
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    OrmQ.objects.all().delete()
    be_late()
    line.follow(held)  # our "Sorry, I didn't hear you."
    Call.objects.update(dialogue=Call.objects.get().dialogue | {"turn": 3, "asked": "bedrooms"})
    hearing_turns.hear_turn(LiveUtterance.objects.get().pk, clock=timezone.now)
    assert engine.hints == [""]


def test_a_late_answer_is_asked_for_again_and_heard_by_the_provider_from_then_on(
    line, api, agent, lead, hears, admin_client
):
    opening = line.ring()
    held = hold_for(line, api, opening, wav_of("Yes."))
    be_late()
    again = line.follow(held)
    assert verbs(again) == ["Gather", "Redirect"]
    assert spoken(again).startswith("Sorry, I didn't hear you.")
    assert Call.objects.get().get_live_hearing_display() == "The provider's recogniser, since Whisper was late"
    assert (Turn.objects.get(number=1).heard, Call.objects.get().dialogue["silences"]) == ("", 0)

    hears("yes, speaking")
    work()  # too late for the conversation, not for staff
    assert LiveUtterance.objects.values_list("state", "text").get() == ("late", "yes, speaking")
    page = admin_client.get(f"/admin/calls/call/{Call.objects.get().pk}/change/").content.decode()
    assert "Whisper heard later: <q" in page
    assert "The provider&#x27;s recogniser, since Whisper was late" in page

    answered = line.say(again, "yes, this is Ravi")
    assert (verbs(answered), turn_of(answered)) == (["Gather", "Redirect"], 3)
    assert Turn.objects.get(number=2).heard == "yes, this is Ravi"


@pytest.mark.parametrize("fault", ["no such recording", "not audio"])
def test_an_answer_that_cannot_be_fetched_or_heard_is_asked_for_again(line, api, agent, lead, settings, fault):
    settings.LIVE_WHISPER_DEADLINE_S = 0
    held = line.record(line.ring(), "RE1")  # waits no longer than the deadline for what is not there yet
    if fault == "not audio":
        api.recordings["RE1"] = {"call_sid": line.sid, "media": b"<html>"}
    LiveUtterance.objects.update(due_at=timezone.now())
    assert work() == ["failed"]
    assert verbs(line.follow(held)) == ["Gather", "Redirect"]
    call, utterance = Call.objects.get(), LiveUtterance.objects.get()
    assert (call.live_hearing, utterance.state, bool(utterance.error)) == ("failed", "failed", True)


def test_a_redelivered_recording_is_heard_once_and_gets_the_stored_reply(line, api, agent, lead, hears):
    hears("yes, speaking")
    opening = line.ring()
    held = hold_for(line, api, opening, wav_of("Yes."))
    assert line.record(opening, "RE1").text == held.text
    assert [job.rpartition(".")[2] for job in jobs()].count("hear_turn") == 1
    assert work() == ["heard"]
    answered = line.follow(held)
    assert line.follow(held).text == answered.text
    assert Turn.objects.count() == 2


def test_two_questions_for_the_same_words_take_one_turn(line, api, agent, lead, hears):
    hears("yes, speaking")
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    second = line.follow(held)
    work()
    answered = line.follow(second)
    late = line.follow(held, X="1")  # the first question once more gets what it got
    assert (late.text, verbs(answered)[:2], Turn.objects.count()) == (second.text, ["Say", "Record"], 2)


def test_an_answer_that_is_heard_in_the_moment_it_is_given_up_is_taken(line, api, agent, lead, monkeypatch):
    held, settle = hold_for(line, api, line.ring(), wav_of("Yes.")), LiveUtterance.settle

    def heard_now(utterance, *args, **fields):
        waiting = LiveUtterance.objects.filter(pk=utterance.pk, state="waiting")
        waiting.update(state="heard", text="yes, speaking", confidence=0.8)
        return settle(utterance, *args, **fields)

    monkeypatch.setattr(LiveUtterance, "settle", heard_now)
    be_late()
    assert verbs(line.follow(held))[:2] == ["Say", "Record"]
    assert Turn.objects.get(number=1).heard == "yes, speaking"


def test_a_worker_that_was_killed_costs_the_caller_one_question_and_no_words(line, api, agent, lead, hears):
    held = hold_for(line, api, line.ring(), wav_of("Yes."))
    LiveUtterance.objects.update(claimed_at=timezone.now())  # and no more is heard of it
    assert verbs(line.follow(held)) == HOLD
    be_late()
    second = line.follow(held)  # as before: what was answered is answered so again
    assert verbs(line.follow(second)) == ["Gather", "Redirect"]
    hears("yes, speaking")
    assert work() == ["taken"]
    utterance = LiveUtterance.objects.get()
    later = timezone.now() + timedelta(minutes=4)  # when the queue gives the job to another worker
    assert hearing_turns.hear_turn(utterance.pk, clock=lambda: later) == "heard"
    assert LiveUtterance.objects.get().text == "yes, speaking"


def test_silence_goes_on_as_it_does_without_whisper(line, api, agent, lead, hears):
    opening = line.ring()
    asked = line.follow(opening)
    assert (spoken(asked).startswith("Sorry, I didn't hear you."), verbs(asked)[1]) == (True, "Record")
    hears("", 0.0)
    held = hold_for(line, api, asked, wav_of("Yes."))
    work()
    assert (verbs(line.follow(held)), Call.objects.get().dialogue["outcome"]) == (["Say", "Hangup"], "no_response")


def test_a_key_says_it_all_and_its_recording_is_deleted_unheard(line, api, agent, lead):
    opening = line.ring()
    assert ET.fromstring(opening.text).find("Record").get("finishOnKey") == "12"
    api.recordings["RE1"] = {"call_sid": line.sid, "media": b"RIFF"}
    answered = line.record(opening, "RE1", Digits="1")
    assert (verbs(answered)[:2], Turn.objects.get(number=1).digits) == (["Say", "Record"], "1")
    assert not any(job.endswith("hear_turn") for job in jobs())
    run_once(timezone.now())
    assert (work(), api.recordings) == (["deleted"], {})


@pytest.mark.parametrize("heard_first", [True, False])
def test_the_last_words_of_who_hangs_up_are_taken(line, api, agent, lead, hears, heard_first):
    hears("do not call me again")
    held = line.record(line.ring(), "RE1", Digits="hangup", CallStatus="completed")
    api.recordings["RE1"] = {"call_sid": line.sid, "media": wav_of("Do not call me again.")}
    assert verbs(held) == HOLD
    if heard_first:
        work()
    line.status("completed", sequence=3, CallDuration="9")
    work()
    run_once(timezone.now())
    call = Call.objects.get()
    assert (call.disposition, Turn.objects.get(number=1).heard) == ("do_not_call", "do not call me again")
    lead.refresh_from_db()
    said = LiveUtterance.objects.filter(turn=1).values_list("state", "text").get()
    assert (lead.do_not_call, said) == (True, ("taken", ""))


@pytest.mark.parametrize("asked_again", [True, False])
def test_the_end_of_the_line_told_before_the_last_words_costs_none_of_them(line, api, agent, lead, hears, asked_again):
    hears("do not call me again")
    api.recordings["RE1"] = {"call_sid": line.sid, "media": wav_of("Do not call me again.")}
    opening = line.ring()
    if asked_again:  # a question of the caller's line is on its way to us when the line closes
        held = line.record(opening, "RE1")
        line.status("completed", sequence=3, CallDuration="9")
        be_late()
        assert verbs(line.follow(held)) == HOLD
    else:
        line.status("completed", sequence=3, CallDuration="9")
        assert verbs(line.record(opening, "RE1", Digits="hangup", CallStatus="completed")) == HOLD
    assert work() == ["heard"]
    run_once(timezone.now())
    work()
    heard = Turn.objects.filter(number__gt=0).values_list("number", "heard")
    assert (list(heard), Call.objects.get().disposition) == ([(1, "do not call me again")], "do_not_call")
    assert api.recordings == {}


def test_an_answer_that_nobody_waits_for_is_deleted_unheard(line, api, agent, lead):
    opening = line.ring()
    call = Call.objects.get()
    call.dialogue |= {"outcome": "voicemail"}  # detection told so meanwhile
    call.save()
    api.recordings["RE1"] = {"call_sid": line.sid, "media": b"RIFF"}
    line.record(opening, "RE1")
    assert not any(job.endswith("hear_turn") for job in jobs())
    run_once(timezone.now())
    assert (work(), api.recordings) == (["deleted"], {})


def test_answers_that_nobody_told_of_are_deleted_once_the_call_is_over(line, api, agent, lead):
    line.ring()
    one = {"call_sid": line.sid, "media": b"RIFF", "source": "RecordVerb"}
    api.recordings |= {"RE1": one, "RE2": {**one, "source": "OutboundAPI"}, "RE3": {**one, "call_sid": "another"}}
    line.status("completed", sequence=3, CallDuration="9")
    line.status("completed", sequence=3, CallDuration="9")
    later = timezone.now() + timedelta(minutes=11)
    run_once(later)
    assert (work(later), sorted(api.recordings)) == (["deleted"], ["RE2", "RE3"])


def test_a_recording_that_could_not_be_deleted_is_never_forgotten(line, api, agent, lead):
    LiveUtterance.objects.create(
        call=hold_for(line, api, line.ring()) and Call.objects.get(),
        turn=9,
        provider_recording_id="RE9",
        state="taken",
        due_at=timezone.now(),
        delete_after=timezone.now(),
        delete_tries=99,
    )
    api.mode, now = "503", timezone.now()
    OrmQ.objects.all().delete()
    run_once(now)
    assert work(now) == ["failed"]
    assert LiveUtterance.objects.get(turn=9).delete_after == now + timedelta(days=1)


def test_a_recording_that_could_not_be_deleted_is_tried_again(line, api, agent, lead, hears):
    hears("yes, speaking")
    line.follow(hold_for(line, api, line.ring(), wav_of("Yes.")))
    work()
    api.mode, now = "503", timezone.now()
    run_once(now)
    assert work(now) == ["failed"]
    api.mode = "ok"
    run_once(now + timedelta(minutes=3))
    assert work() == []
    run_once(now + timedelta(minutes=5))
    assert (work(), api.recordings, LiveUtterance.objects.get().delete_after) == (["deleted"], {}, None)


def test_whoever_refuses_to_be_recorded_is_heard_by_the_provider(line, api, agent, lead, hears):
    hears("please do not record this call")
    held = hold_for(line, api, line.ring(), wav_of("Please do not record this call."))
    work()
    assert verbs(line.follow(held)) == ["Gather", "Redirect"]


@pytest.mark.whisper
def test_whisper_itself_hears_the_answer(line, api, agent, lead, settings):
    settings.WHISPER_MODEL = model_folder()
    api.recordings["RE1"] = {
        "call_sid": line.sid,
        "media": wav_of("Yes, speaking. I am looking for an apartment in Bangalore."),
    }
    held = line.record(line.ring(), "RE1")
    assert work() == ["heard"]
    line.follow(held)
    slots = Call.objects.get().dialogue["slots"]
    assert {slot: one["value"] for slot, one in slots.items()} == {
        "identity": "confirmed",
        "locations": [{"city": "Bengaluru", "locality": None}],
        "property_type": "apartment",
        "category": "residential",
    }


@pytest.mark.whisper
def test_a_call_on_the_pretend_network_is_heard_by_whisper(providers, agent, now, settings):
    settings.WHISPER_MODEL = model_folder()
    settings.LIVE_WHISPER_DEADLINE_S = 60  # this machine may have much else to do
    providers["pretend"] |= {"speaks": True}
    agent.order = agent.required = ["location"]
    agent.save()
    lead = Lead.objects.create(name="Meena Kulkarni", phone=number_of("cooperative"))
    call = operations.request_call(lead_id=lead.pk, now=now, provider="pretend")
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    deadline = time.monotonic() + 60
    while Call.objects.get(pk=call.pk).is_live and time.monotonic() < deadline:
        work()
        time.sleep(0.05)
    call.refresh_from_db()
    assert (call.live_hearing, call.status) == ("whisper", "ended")
    heard = [turn.heard for turn in call.turns.all()]
    assert (len(heard) > 2, bool(heard[1])) == (True, True)
    assert all(turn.confidence != 0.91 for turn in call.turns.all())  # which is what the network's recogniser says
