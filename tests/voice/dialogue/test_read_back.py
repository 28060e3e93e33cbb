"""What was understood is read back, corrected and taken back; and what the goodbye may promise."""

import pytest

from tests.dialogue_calls import say
from tests.dialogue_openings import ANSWERS, opening, talk, until
from voice.dialogue import Script, callback_at, evidence, missing, outcome, slots
from voice.dialogue.script import LANGUAGES

PUNE = [{"city": "Pune", "locality": None}]


def test_a_correction_at_the_read_back_is_read_back_again():
    state, reply = say(until("confirm"), "actually make that 4 BHK")
    state, goodbye = say(state, "yes")
    assert (reply.text, goodbye.ends_call, slots(state)["bedrooms_max"]) == (
        "So you are looking for a 4 BHK flat in Pune, budget up to seventy lakh rupees. Did I get that right?",
        True,
        4,
    )


def test_a_bare_no_at_the_read_back_is_asked_what_to_change():
    state, reply = say(until("confirm"), "no")
    state, again = say(state, "the budget is 80 lakhs")
    assert (reply.text, reply.asked, again.asked, slots(state)["budget_max"]) == (
        "What would you like me to change?",
        "confirm",
        "confirm",
        8_000_000,
    )


@pytest.mark.parametrize(
    ("said", "detail", "question"),
    [
        ("no", "the budget", "Sorry about that. What is your budget?"),
        ("galat hai", "location", "Sorry about that. Which city or area are you looking in?"),
    ],
)
def test_a_detail_named_after_a_no_is_asked_for_again(said, detail, question):
    state, _ = say(until("confirm"), said)
    state, reply = say(state, detail)
    assert (reply.text, outcome(state)) == (question, "")


@pytest.mark.parametrize(
    "said",
    ["yes but don't call me from sales", "no, I don't want any sales guy to phone"],
)
def test_consent_may_be_taken_back_at_the_read_back(said):
    state, reply = say(until("confirm"), said)
    assert (reply.text, slots(state)["consent"], [past["slot"] for past in state["history"]]) == (
        "Thank you for your time, Meena. No one from sales will call you about this. Goodbye!",
        False,
        ["consent"],
    )


def test_a_no_about_a_detail_takes_no_consent_back():
    state, _ = say(until("confirm"), "no, call it 80 lakhs")
    assert slots(state)["consent"] is True


def test_corrections_are_taken_as_often_as_they_come_and_doubts_twice():
    state = until("confirm")
    asked = []
    for said in ("make it 3 BHK", "make it 4 BHK", "no", "the budget is 80 lakhs", "no", "hmm"):
        state, reply = say(state, said)
        asked.append(reply.asked)
    assert (asked, outcome(state), slots(state)["bedrooms_max"], slots(state)["budget_max"]) == (
        ["confirm"] * 5 + [""],
        "completed",
        4,
        8_000_000,
    )


def test_an_answer_that_is_taken_back_is_asked_for_again():
    state, reply = say(until("confirm"), "yes but not Pune")
    state, again = say(state, "Mumbai")
    assert (reply.text, again.text) == (
        "No problem. Which city or area are you looking in?",
        "So you are looking for a 2 BHK flat in Mumbai, budget up to seventy lakh rupees. Did I get that right?",
    )


def test_a_read_back_that_is_not_understood_is_said_once_more():
    _, reply = say(until("confirm"), "sorry?")
    assert (reply.text.endswith("Did I get that right?"), reply.asked) == (True, "confirm")


def test_what_was_corrected_stays_in_the_history():
    state, _ = say(until("confirm"), "actually make that 4 BHK")
    assert [(past["slot"], past["value"], past["turn"], past["replaced_in"]) for past in state["history"]] == [
        ("bedrooms_min", 2, 5, 8),
        ("bedrooms_max", 2, 5, 8),
    ]


def test_what_was_taken_back_in_one_breath_is_in_the_history_too():
    state, _ = say(until("location"), "pune nahi, Mumbai")
    assert (slots(state)["locations"], [(past["value"], past["words"]) for past in state["history"]]) == (
        [{"city": "Mumbai", "locality": None}],
        [(PUNE, "pune")],
    )


def test_every_value_carries_the_turn_and_the_words_it_came_from():
    heard = ["yes I am", "I want something in Pune please"]
    state, _ = talk(*heard)
    place = evidence(state)["locations"]
    assert (place["value"], place["turn"], place["words"], heard[1][place["start"] : place["end"]]) == (
        PUNE,
        2,
        "Pune",
        "Pune",
    )


@pytest.mark.parametrize(
    ("said", "goodbye"),
    [
        ("yes", "Thank you, Meena. Someone from Sunrise Realty will call you soon. Have a good day!"),
        ("no", "Thank you for your time, Meena. No one from sales will call you about this. Goodbye!"),
    ],
)
def test_the_goodbye_tells_what_happens_next(said, goodbye):
    state, _ = say(until("consent"), said)
    assert say(state, "yes")[1].text == goodbye


@pytest.mark.parametrize(
    ("language", "unanswered", "goodbye"),
    [
        (
            "en-IN",
            "budget",
            "Thank you, Meena. We have noted what you said and may be in touch. Have a good day!",
        ),
        (
            "en-IN",
            "location",
            "Thank you, Meena. We have noted what you said and may be in touch. Have a good day!",
        ),
        (
            "hi-IN",
            "budget",
            "धन्यवाद, Meena जी। आपकी बात नोट कर ली है, ज़रूरत होने पर हम संपर्क करेंगे। आपका दिन शुभ हो!",
        ),
    ],
)
def test_nobody_is_promised_a_call_who_left_open_what_sales_must_know(language, unanswered, goodbye):
    in_hindi = {"identity": "haan boliye", "confirm": "haan, sahi hai"}
    answers = ANSWERS | (in_hindi if language == "hi-IN" else {}) | {unanswered: "hmm"}
    state, reply = opening(Script(language=language))
    while not reply.ends_call:
        state, reply = say(state, answers[reply.asked])
    assert (slots(state)["consent"], missing(state), reply.text) == (True, (unanswered,), goodbye)


def test_nobody_is_promised_a_call_where_the_script_does_not_ask_for_the_budget():
    script = Script(order=("identity", "location", "consent"), required=("location", "consent"))
    state, reply = opening(script)
    while not reply.ends_call:
        state, reply = say(state, ANSWERS[reply.asked])
    assert "may be in touch" in reply.text


@pytest.mark.parametrize("language", ["en-IN", "hi-IN"])
@pytest.mark.parametrize("key", ["close.declined", "close.open", "not_interested", "already_bought", "too_long"])
def test_no_goodbye_without_consent_promises_a_call(language, key):
    said = LANGUAGES[language].sentences[key]
    promises = ("will call", "in touch", "colleague", "कॉल करेंगे", "संपर्क", "साथी")
    assert [one for one in promises if one in said and "No one" not in said] == []


def test_a_hesitation_is_no_consent():
    state, reply = say(until("consent"), "not sure yet")
    state, _ = say(state, "let me think")
    state, goodbye = say(state, "yes, that's right")
    assert (reply.asked, slots(state).get("consent"), goodbye.text) == (
        "consent",
        None,
        "Thank you for your time, Meena. We have noted what you told us. Goodbye!",
    )


def test_a_yes_with_a_time_is_consent_and_not_a_postponement():
    state, reply = say(until("consent"), "yes, call me tomorrow at 11 in the morning")
    assert (slots(state)["consent"], callback_at(state), reply.asked) == (True, "2026-03-06T11:00:00+05:30", "confirm")
