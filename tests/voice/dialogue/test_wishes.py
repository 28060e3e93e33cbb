"""What callers may want instead of answering: to end the call, another time, to know who we are, another language."""

import pytest

from tests.dialogue_calls import say
from tests.dialogue_openings import opening, talk, until
from voice.dialogue import Script, callback_at, outcome, slots
from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.script import fill
from voice.events import Direction, Reply

ENDINGS = {
    "do not call me again": ("do_not_call", "do_not_call"),
    "galat number lag gaya": ("wrong_number", "wrong_number"),
    "no this is Suresh": ("wrong_number", "wrong_person"),
    "can I speak to a person": ("human", "human"),
    "I am not interested": ("not_interested", "not_interested"),
    "we took a flat last month": ("already_bought", "already_bought"),
}
HOLES = {"name": "Meena Kulkarni", "brokerage": "Sunrise Realty"}


@pytest.mark.parametrize("said", ENDINGS)
def test_some_words_end_the_call_at_once(said):
    state, replies = talk(said)
    ended, goodbye = ENDINGS[said]
    assert (outcome(state), replies[-1]) == (
        ended,
        Reply(text=fill(ENGLISH.sentences[goodbye], HOLES), ends_call=True),
    )


def test_a_machine_is_not_talked_to():
    state, replies = talk("please leave your message after the tone")
    assert (outcome(state), replies[-1]) == ("voicemail", Reply(text="", ends_call=True))


def test_a_wish_not_to_be_called_is_final_in_the_middle_of_an_answer():
    state, reply = say(until("confirm"), "no, do not call me again")
    assert (outcome(state), reply.ends_call) == ("do_not_call", True)


def test_a_promised_time_is_said_in_words_and_kept():
    state, replies = talk("yes speaking", "busy, call tomorrow at 6 in the evening")
    assert (replies[-1].text, callback_at(state), outcome(state)) == (
        "Sure, Meena, we will call you back tomorrow at 6 in the evening. Goodbye!",
        "2026-03-06T18:00:00+05:30",
        "callback",
    )


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("tomorrow at 11 in the morning", "2026-03-06T11:00:00+05:30"),
        ("I don't know", None),
        ("", None),
    ],
)
def test_a_caller_without_a_time_is_asked_for_one_once(then, expected):
    state, replies = talk("in a meeting, later please", then)
    assert (replies[1].text, replies[1].asked, callback_at(state), outcome(state)) == (
        "Of course. What would be a good time to call you back?",
        "callback",
        expected,
        "callback",
    )


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("aap kaun", "I'm Asha, a virtual assistant from Sunrise Realty, about your property enquiry."),

        ("are you a robot", "Yes, I'm a computer assistant working for Sunrise Realty, not a person."),
    ],
)  # fmt: skip
def test_questions_about_us_are_answered_then_ours_is_put_again(said, answer):
    _, replies = talk(said)
    assert (replies[-1].text, replies[-1].asked) == (f"{answer} Am I speaking with Meena Kulkarni?", "identity")


@pytest.mark.parametrize(
    ("source", "told"),
    [("website", " on our website"), ("Walk-in", " at our office"), ("99acres", " through 99acres"), ("api", "")],
)
def test_a_caller_who_wonders_hears_where_the_enquiry_came_from(source, told):
    _, replies = talk("aap kaun", source=source)
    assert f"about your property enquiry{told}. Am I" in replies[-1].text


def test_whoever_rang_us_hears_whom_they_have_reached():
    _, replies = talk("aap kaun", direction=Direction.INBOUND)
    assert replies[-1].text.startswith("You have reached Sunrise Realty, I'm Asha, a virtual assistant. Am I")


def test_say_that_again_repeats_the_question_and_nothing_else():
    _, replies = talk("yes speaking", "say that again")
    assert replies[-1].text == "Which city or area are you looking in?"


def test_a_caller_who_only_asks_back_is_not_asked_for_ever():
    state, replies = talk(*["say that again"] * 30)
    spoken = [reply for reply in replies if reply.text]
    assert (outcome(state), len(spoken) < 20) == ("completed", True)


def test_the_language_changes_when_the_caller_asks():
    state, replies = talk("yes speaking", "Hindi mein boliye", script=Script(voice="Polly.Kajal-Neural"))
    _, reply = say(state, "speak in English please")
    assert ((replies[-1].text, replies[-1].language, replies[-1].voice), (reply.text, reply.language, reply.voice)) == (
        ("ज़रूर, हिंदी में बात करते हैं। आप किस शहर या इलाके में देख रहे हैं?", "hi-IN", ""),
        ("Sure, let's speak English. Which city or area are you looking in?", "en-IN", "Polly.Kajal-Neural"),
    )


def test_two_answers_in_devanagari_turn_the_agent_to_hindi():
    _, replies = talk("हाँ बोलिए", "पुणे")
    assert [reply.language for reply in replies] == ["en-IN", "en-IN", "hi-IN"]


def test_a_hindi_script_speaks_hindi_from_the_first_word():
    _, reply = opening(Script(language="hi-IN"))
    assert reply == Reply(
        text="यह कॉल रिकॉर्ड हो सकती है। नमस्ते, मैं Asha हूँ, Sunrise Realty की वर्चुअल असिस्टेंट। "
        "क्या मेरी बात Meena Kulkarni जी से हो रही है?",
        asked="identity",
        language="hi-IN",
        hints=reply.hints,
        digits=True,
    )


@pytest.mark.parametrize(
    "said",
    [
        "how did you get my number",
        "where did you get this number from?",
        "mera number kahan se mila",
        "aapko mera number kisne diya",
        "मेरा नंबर कहाँ से मिला",
        "मेरा नंबर किसने दिया आपको",
        "number kaise mila aapko",
    ],
)
def test_who_asks_how_we_have_their_number_is_told_where_they_enquired(said):
    state = until("location", source="website")
    after, reply = say(state, said)
    assert (reply.text, reply.asked, slots(after)) == (
        ("We have your number from your property enquiry on our website. Which city or area are you looking in?"),
        "location",
        slots(state),
    )


@pytest.mark.parametrize("said", ["details kaise milegi", "how can you get details to me", "how many did you get"])
def test_who_asks_for_something_else_is_not_told_about_their_number(said):
    assert "your number" not in say(until("location", source="website"), said)[1].text


def test_who_rang_us_is_told_that_they_did():
    _, reply = say(until("location", direction=Direction.INBOUND), "how did you get my number")
    assert reply.text.startswith("You rang us, so I see only the number that you are calling from. ")


def test_who_asks_for_their_number_and_wants_no_calls_gets_no_calls():
    state, _ = say(until("location"), "where did you get my number, do not call me again")
    assert outcome(state) == "do_not_call"
