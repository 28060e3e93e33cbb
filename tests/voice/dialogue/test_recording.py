"""Who does not want to be recorded hears at once that they are not, and is then asked what was open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.dialogue_calls import AT, opening, say, talk, until
from voice.dialogue import Outcome, outcome, recording_notice, retell, slots, was_refused
from voice.dialogue.script import LANGUAGES
from voice.events import CallReport, Direction, Spoken

OFF = LANGUAGES["en-IN"].sentences["not_recorded"]


def test_the_notice_stands_before_everything_else():
    state, reply = opening(direction=Direction.INBOUND)
    assert (reply.text.split(".")[0], recording_notice(state)) == (
        "This call may be recorded",
        "This call may be recorded.",
    )


def test_a_refusal_alone_is_answered_and_the_open_question_put_again():
    before = until("budget")
    state, reply = say(before, "please don't record this call")
    question = LANGUAGES["en-IN"].questions["budget"][0]
    assert (reply.text, state["attempts"], slots(state), state["recording"], state["recording_words"]) == (
        f"{OFF} {question}",
        before["attempts"],
        slots(before),
        "refused",
        "please don't record this call",
    )


def test_the_answer_beside_a_refusal_counts_and_keeps_its_place():
    text = "don't record me, and my budget is 50 lakh"
    state, reply = say(until("budget"), text)
    heard = state["slots"]["budget_max"]
    assert (heard["value"], text[heard["start"] : heard["end"]], reply.text.startswith(f"{OFF} Got it,")) == (
        5_000_000,
        heard["words"],
        True,
    )


@pytest.mark.parametrize(
    ("asked", "text", "slot", "words"),
    [
        ("identity", "record mat karo, Yes, Manoj speaking from Dubai", "name", "Yes, Manoj speaking from Dubai"),
        ("bedrooms", "four, don't record this, bedrooms", "bedrooms_min", "four, don't record this, bedrooms"),
    ],
)
def test_a_value_beside_a_refusal_is_proven_by_the_words_as_they_were_said(asked, text, slot, words):
    heard = say(until(asked), text)[0]["slots"][slot]
    assert (heard["words"], text[heard["start"] : heard["end"]]) == (words, words)


def test_a_no_to_the_recording_is_no_answer_to_the_question_of_consent():
    state, reply = say(until("consent"), "no, please don't record this")
    assert ("consent" in slots(state), outcome(state), reply.asked) == (False, Outcome.TALKING, "consent")


def test_a_no_to_the_recording_makes_nobody_a_wrong_person():
    state, reply = say(opening()[0], "no no, don't record me")
    assert (slots(state).get("identity"), outcome(state), reply.asked) == (None, Outcome.TALKING, "identity")


def test_who_wants_no_call_and_no_recording_gets_both():
    state, reply = say(until("budget"), "stop recording. Do not ever call me again")
    assert (outcome(state), was_refused(state), reply.text.startswith(OFF)) == (Outcome.DO_NOT_CALL, True, True)


def test_the_refusal_is_answered_in_the_language_spoken():
    _, reply = say(until("budget", language="hi-IN"), "रिकॉर्डिंग बंद कर दीजिए")
    assert reply.text.startswith(LANGUAGES["hi-IN"].sentences["not_recorded"])


def test_who_comes_to_the_telephone_later_hears_no_notice_of_a_recording_that_is_off():
    _, replies = talk(until("confirm"), "don't record this", "wait, I'll give the phone to him", "hello?")
    assert "recorded" not in replies[-1].text


def test_a_conversation_led_elsewhere_tells_of_the_refusal_too():
    spoken = (
        Spoken("Hello, this is Asha. Am I speaking with Meena?", by_caller=False, at=AT),
        Spoken("yes, but I don't want to be recorded", by_caller=True, at=AT + timedelta(seconds=5)),
    )
    opened, _ = opening()
    state, turns = retell(opened, CallReport(spoken), at=AT)
    assert (was_refused(state), state["recording_words"], slots(state)["identity"], len(turns)) == (
        True,
        "yes, but I don't want to be recorded",
        "confirmed",
        2,
    )
    plain = retell(opened, CallReport((spoken[0], replace(spoken[1], text="yes"))), at=AT)[0]
    assert not was_refused(plain)
