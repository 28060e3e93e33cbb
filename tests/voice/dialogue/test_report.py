"""A conversation that somebody else led, told again to our engine."""

from datetime import UTC, datetime, timedelta

import pytest

from voice.dialogue import Script, begin, callback_at, evidence, outcome, retell
from voice.dialogue.report import Exchange
from voice.events import CallReport, Direction, Spoken
from voice.understanding import Places

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
GOODBYE = "Thank you. Someone will call you. Goodbye."


def told(*words, machine=False, name="Meena Kulkarni", known=None):
    """Words in turn, the assistant's first; a text that begins with > is the caller's."""
    spoken = tuple(Spoken(one.removeprefix("> "), by_caller=one.startswith("> ")) for one in words)
    opened, _ = begin(Script(), name=name, direction=Direction.OUTBOUND, known=known, at=AT)
    return retell(opened, CallReport(spoken, machine=machine), at=AT)


def values(state):
    return {slot: (one["value"], one["turn"]) for slot, one in evidence(state).items()}


def test_a_whole_conversation_is_told_again_with_its_turns_and_slots():
    state, turns = told(
        "Hi, this is Riya from Sunrise Realty. Am I speaking with Meena?",
        "> Yes, speaking.",
        "Great! Which city are you looking in?",
        "> A two BHK flat in Whitefield.",
        "And your budget?",
        "> under eighty lakhs",
        "May one of our advisors call you about this?",
        "> Yes please.",
        GOODBYE,
    )
    assert outcome(state) == "completed"
    assert values(state) == {
        "identity": ("confirmed", 1),
        "locations": ([{"city": "Bengaluru", "locality": "Whitefield"}], 2),
        "category": ("residential", 2),
        "property_type": ("apartment", 2),
        "bedrooms_min": (2, 2),
        "bedrooms_max": (2, 2),
        "budget_max": (8_000_000, 3),
        "consent": (True, 4),
    }
    assert [(turn.asked, turn.heard, turn.said) for turn in turns] == [
        ("", "", "Hi, this is Riya from Sunrise Realty. Am I speaking with Meena?"),
        ("identity", "Yes, speaking.", "Great! Which city are you looking in?"),
        ("location", "A two BHK flat in Whitefield.", "And your budget?"),
        ("budget", "under eighty lakhs", "May one of our advisors call you about this?"),
        ("consent", "Yes please.", GOODBYE),
    ]
    assert turns[3].understood == [{"slot": "budget_max", **evidence(state)["budget_max"]}]


@pytest.mark.parametrize(
    "heard",
    ["2 bhk ka kya rate hai", "please don't record this call", "...", "hold on a second", "speak slower please"],
)
def test_whatever_is_said_where_no_question_of_ours_is_open_is_taken_in(heard):
    _, turns = told("Hello there.", f"> {heard}", "I see.", f"> {heard}", "In six months then?", "> yes")
    assert [turn.heard for turn in turns] == ["", heard, heard, "yes"]


def test_words_that_one_side_says_in_a_row_are_one_turn():
    _, turns = told("Hello.", "Your budget?", "> Eighty", "> lakhs", "Fine.", "Goodbye.")
    assert turns == [
        Exchange(said="Hello. Your budget?"),
        Exchange(asked="budget", heard="Eighty lakhs", said="Fine. Goodbye.", understood=turns[1].understood),
    ]
    assert {one["slot"]: (one["value"], one["words"]) for one in turns[1].understood} == {
        "budget_max": (8_000_000, "Eighty lakhs")
    }


def test_a_caller_who_speaks_first_answers_nothing():
    _, turns = told("> Hello?", "Hi, is this Meena?", "> Yes.")
    assert [(turn.asked, turn.heard, turn.said) for turn in turns] == [
        ("", "", ""),
        ("", "Hello?", "Hi, is this Meena?"),
        ("identity", "Yes.", ""),
    ]


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ("no_response", ["Hello, am I speaking with Meena?"]),
        ("no_response", []),
        ("abandoned", ["Am I speaking with Meena?", "> Yes.", "Which city?", "> Pune."]),
        ("wrong_number", ["Am I speaking with Meena?", "> No, wrong number."]),
        ("do_not_call", ["Am I speaking with Meena?", "> Never call me again."]),
        ("do_not_call", ["Hello.", "> Do not call me again.", "May our sales team call you?", "> Yes."]),
        ("not_interested", ["Am I speaking with Meena?", "> I am not interested.", "All right, goodbye."]),
        ("human", ["Your budget?", "> I want to talk to a real person.", "Sure, goodbye."]),
        ("completed", ["May our sales team call you?", "> No."]),
        ("completed", ["Hi.", "> Not interested.", "May our sales team call you at least?", "> Yes, okay."]),
        (
            "completed",
            ["Hi.", "> 2 BHK in Pune, 80 lakhs.", "So a 2 BHK in Pune for 80 lakhs, is that right?", "> Yes."],
        ),
        ("abandoned", ["Hi.", "> 2 BHK in Pune.", "A 2 BHK in Pune, is that right?", "> Yes.", "Your budget?"]),
        ("abandoned", ["Is this for your family?", "> No."]),
        ("abandoned", ["Is this a good time, Meena?", "> No."]),
        ("abandoned", ["Hello Meena! Am I speaking with the boss?", "> No."]),
        ("abandoned", ["Did our sales team call you?", "> Yes."]),
        ("completed", ["Is it all right if our sales team calls you?", "> Yes."]),
        ("completed", ["क्या हमारी सेल्स टीम आपको कॉल कर सकती है?", "> हाँ"]),
        ("wrong_number", ["Hello, is this Meena?", "> No."]),
        ("abandoned", ["Hello.", "> Are you a robot?", "I am."]),
    ],
)
def test_a_conversation_ends_as_its_words_say(ended, words):
    assert outcome(told(*words)[0]) == ended


def test_a_machine_wants_nothing_whatever_its_greeting_says():
    state, turns = told("Hello?", "> You have reached Meena in Pune, budget 80 lakhs, leave a message.", machine=True)
    assert (outcome(state), evidence(state), len(turns)) == ("voicemail", {}, 2)


def test_a_promise_counts_from_the_minute_it_was_made():
    opened, _ = begin(Script(), name="Meena", direction=Direction.OUTBOUND, at=AT)
    said_at = AT - timedelta(hours=3)
    report = CallReport(
        (Spoken("Hello, is this Meena?", by_caller=False), Spoken("Call me in one hour.", True, said_at))
    )
    state, _ = retell(opened, report, at=AT)
    assert (outcome(state), callback_at(state)) == ("callback", (said_at + timedelta(hours=1)).isoformat())


def test_a_callback_without_a_time_is_still_a_callback():
    state, _ = told("Is this Meena?", "> I'm busy, call me later.", "Sure, goodbye.")
    assert (outcome(state), callback_at(state)) == ("callback", None)


def test_what_was_known_before_is_kept_apart_from_what_was_heard():
    state, _ = told("Your budget?", "> 80 lakhs", known={"purpose": "buy"})
    assert state["slots"]["purpose"]["turn"] == 0
    assert "purpose" not in evidence(state)


def test_the_longest_conversation_does_not_end_by_its_length():
    words = ["Hello.", "> Hm.", "Which city?"] * 40
    assert outcome(told(*words)[0]) == "abandoned"


def test_a_question_that_the_other_assistant_took_up_is_no_promise_of_ours():
    state, _ = told(
        "Which city are you looking in?", "> What is the price there?", "It begins at 62 lakh. Which city, please?"
    )
    assert [(one["words"], one["answer"]) for one in state["open_questions"]] == [
        ("What is the price there?", "It begins at 62 lakh. Which city, please?")
    ]


def test_places_of_our_own_listings_are_heard_in_reports_too():
    spoken = (Spoken("Which area are you looking in?", by_caller=False), Spoken("Zorawar Greens", by_caller=True))
    opened, _ = begin(Script(), name="Meena Kulkarni", direction=Direction.OUTBOUND, at=AT)
    places = Places.default().with_listings([("Pune", "Zorawar Greens")])
    state, _ = retell(opened, CallReport(spoken), at=AT, places=places)
    assert values(state)["locations"] == ([{"city": "Pune", "locality": "Zorawar Greens"}], 1)


def test_a_yes_to_a_question_that_the_other_assistant_never_asked_takes_nothing():
    state, _ = told("Which area are you looking in?", "> Wakkadd", "Shall I go on?", "> yes", "Fine.")
    assert "locations" not in evidence(state) or evidence(state)["locations"]["words"] == "Wakkadd"
    assert all("confirmed_in" not in one for one in evidence(state).values())
