"""How the conversation takes what is no answer: waiting, other people, insults, questions, remarks."""

import pytest

from tests.dialogue_calls import say, talk, until
from tests.signal_phrases import HEARD
from voice.dialogue import Outcome, callback_at, outcome, slots
from voice.dialogue.ending import ending
from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.script import LANGUAGES, fill
from voice.dialogue.turn import silence
from voice.understanding.signals import SIGNALS


def test_who_wants_it_slower_hears_the_same_question_slowly_from_then_on():
    state, replies = talk(until("location"), "slowly please", "Pune")
    assert ([(reply.text, reply.slow) for reply in replies], state["attempts"]["location"]) == (
        [
            ("Sure, I'll speak slowly. Which city or area are you looking in?", True),
            ("Got it, Pune. Are you looking for a residential or a commercial property?", True),
        ],
        1,
    )


def test_who_asks_us_to_hold_is_waited_for_several_times_then_asked_again():
    state, replies = talk(until("location"), "ek minute", "", "", "", "")
    assert ([(reply.text, reply.patience_s) for reply in replies], state["attempts"]["location"]) == (
        [
            ("Sure, I'll wait.", 20),
            ("I'm still on the line.", 20),
            ("I'm still on the line.", 20),
            ("I'm still on the line.", 20),
            ("Which city or area are you looking in?", 6),
        ],
        1,
    )


def test_who_comes_back_from_a_hold_is_heard():
    state, _ = talk(until("location"), "hold on", "", "Pune")
    assert (slots(state)["locations"], state["waiting"], state["waits"]) == (
        [{"city": "Pune", "locality": None}],
        "",
        0,
    )


def test_a_phone_that_changes_hands_is_asked_for_its_owner_again():
    state, replies = talk(until("confirm"), "wait, I'll give the phone to him", "hello?", "yes speaking")
    assert ([reply.text for reply in replies], "consent" in slots(state)) == (
        [
            "Sure, I'll wait.",
            (
                "This call may be recorded. Hello, this is Asha, the virtual assistant from Sunrise Realty. "
                "Am I speaking with Meena Kulkarni?"
            ),
            (
                "I'm calling about your property enquiry. May one of our sales representatives call you about matching "
                "properties?"
            ),
        ],
        False,
    )


def test_who_takes_over_the_phone_hears_the_open_question_as_if_for_the_first_time():
    _, replies = talk(until("location"), "mummy ko phone deti hoon", "yes, Meena speaking")
    assert replies[-1].text == (
        "This call may be recorded. Hello, this is Asha, the virtual assistant from Sunrise Realty. "
        "I'm calling about your property enquiry. Which city or area are you looking in?"
    )


def test_who_has_died_is_mourned_and_never_called_again():
    state, replies = talk(until("identity"), "she passed away last month")
    assert (replies[-1].text, outcome(state)) == (
        "I am very sorry for your loss, and for calling at such a time. Goodbye.",
        "wrong_number",
    )


def test_a_relative_who_speaks_after_a_hasty_yes_is_not_asked_for_a_time():
    state, _ = talk(until("identity"), "yes", "she is in the office, I am her brother")
    assert outcome(state) == "not_there"


def test_who_wants_to_sell_is_handed_to_a_person():
    state, _ = talk(until("location"), "I want to sell my flat in Pune")
    assert (outcome(state), "locations" in slots(state)) == ("human", False)


def test_who_asks_about_the_sales_call_is_told_and_asked_again():
    state, replies = talk(until("consent"), "when will they call", "yes")
    assert (replies[0].text, slots(state)["consent"]) == (
        (
            "A sales colleague would call, and only about properties that match what you told me. "
            "May one of our sales representatives call you about matching properties?"
        ),
        True,
    )


def test_a_machine_that_connects_us_confirms_nobody():
    state, _ = talk(until("identity"), HEARD["screening"][4], "ok connecting you")
    assert ("identity" in slots(state), state["waiting"]) == (False, "queue")


def test_an_assistant_that_screens_calls_hears_one_sentence_and_is_waited_for():
    state, replies = talk(until("identity"), HEARD["screening"][3], "", "yes speaking")
    assert ([(reply.text, reply.patience_s) for reply in replies], outcome(state)) == (
        [
            (
                "This is Asha from Sunrise Realty, calling Meena Kulkarni about their property enquiry on our website.",
                20,
            ),
            ("I'm still on the line.", 20),
            (
                (
                    "This call may be recorded. Hello, this is Asha, the virtual assistant from Sunrise Realty. "
                    "I'm calling about your property enquiry. Which city or area are you looking in?"
                ),
                6,
            ),
        ],
        "",
    )


def test_a_queue_is_left_after_a_while_to_be_tried_again():
    state, replies = talk(until("identity"), *["your call is important to us"] * 5)
    assert (outcome(state), [reply.ends_call for reply in replies]) == ("no_response", [False] * 4 + [True])


def test_a_machine_that_only_screens_is_left_after_a_while():
    state, _ = talk(until("identity"), *["please say your name and why you are calling"] * 5)
    assert outcome(state) == "no_response"


@pytest.mark.parametrize("text", [*HEARD["elsewhere"], *HEARD["child"]])
def test_the_right_number_with_somebody_else_on_it_is_no_wrong_number(text):
    state, reply = say(until("identity"), text)
    assert (outcome(state), reply.text, ending(state, inventory=None)) == (
        Outcome.NOT_THERE,
        "Thank you for telling me. We will call another time. Goodbye!",
        ("wrong_number", ("Somebody else answered; the lead was not there.",)),
    )


def test_a_child_is_asked_nothing_more_even_after_a_yes():
    ends = [
        say(until("budget"), text)[1].ends_call for text in (*HEARD["child"], "papa nahi hai, baad mein call karna")
    ]
    assert set(ends) == {True}


def test_what_a_child_agreed_to_is_forgotten():
    state, _ = say(until("confirm"), "papa ghar pe nahi hai")
    assert ("consent" in slots(state), outcome(state)) == (False, "not_there")


def test_the_lead_may_speak_of_family_who_are_out():
    state, reply = say(until("location"), "my husband is out of town, Pune")
    assert (outcome(state), reply.asked) == ("", "category")


def test_a_yes_that_is_taken_back_at_once_was_no_yes():
    state, _ = talk(until("identity"), "haan", "main uski wife bol rahi hoon")
    assert outcome(state) == "not_there"


def test_a_lead_may_speak_of_screening():
    _, reply = say(until("location"), "sorry, I had call screening on. Pune")
    assert reply.asked == "category"


def test_who_answers_for_the_lead_may_name_a_time():
    state, reply = say(until("identity"), "he is out, call tomorrow at 6 in the evening")
    assert (outcome(state), callback_at(state), "Meena" in reply.text) == (
        "callback",
        "2026-03-06T18:00:00+05:30",
        False,
    )


def test_an_insult_is_met_calmly_once_and_ends_the_call_the_second_time():
    state, replies = talk(until("location"), "shut up you idiot", "you bloody fool")
    assert ([reply.text for reply in replies], outcome(state), state["abused"]) == (
        [
            (
                "I'm sorry to have bothered you. If you want no more calls from us, just say stop. "
                "Which city or area are you looking in?"
            ),
            "I understand, and I won't take more of your time. Goodbye.",
        ],
        "not_interested",
        2,
    )


def test_whoever_says_stop_after_the_offer_is_never_called_again():
    assert outcome(talk(until("location"), "shut up you idiot", "stop")[0]) == "do_not_call"


@pytest.mark.parametrize("text", HEARD["question"])
def test_what_only_people_can_answer_is_promised_and_kept(text):
    state, reply = say(until("location"), text)
    assert (reply.text, state["attempts"]["location"], state["open_questions"]) == (
        "A colleague will get back to you on that. Which city or area are you looking in?",
        1,
        [{"turn": 2, "words": text, "answer": ""}],
    )


def test_what_is_said_beside_a_question_is_taken():
    state, reply = say(until("location"), "Pune, what is the price?")
    assert (slots(state)["locations"], reply.text) == (
        [{"city": "Pune", "locality": None}],
        (
            "All right, Pune. A colleague will get back to you on that. "
            "Are you looking for a residential or a commercial property?"
        ),
    )


ASKED = {"elsewhere": "identity", "died": "identity", "screening": "identity", "offered_call": "consent"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hindi_script", ["Deva", "Latn"])
@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_no_signal_is_swallowed_in_any_language(name, language, hindi_script):
    state = until(
        ASKED.get(name, "location"),
        language=language,
        hindi_script=hindi_script,
    )
    _, reply = say(state, HEARD[name][0])
    plain = say(state, "hmm")[1].text
    assert (bool(reply.text), reply.text != plain, "{" in reply.text) == (True, True, False)


def test_silence_while_we_wait_for_nobody_is_silence():
    state = until("location")
    assert silence(state)[1].text == f"{ENGLISH.sentences['silence']} Which city or area are you looking in?"


def test_goodbyes_name_what_staff_wrote():
    assert fill(ENGLISH.sentences["not_there"], {}) == "Thank you for telling me. We will call another time. Goodbye!"


@pytest.mark.parametrize("asked", ["identity", "location", "budget"])
@pytest.mark.parametrize("said", ["not now", "abhi nahi"])
def test_not_now_asks_for_another_time_and_refuses_nobody(asked, said):
    state, reply = say(until(asked), said)
    assert (reply.asked, outcome(state)) == ("callback", "")


def test_not_now_to_a_sales_call_postpones_nothing():
    state, reply = say(until("consent"), "not now")
    assert (reply.asked, slots(state).get("consent")) != ("callback", True)


@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ("can you hear me", "Yes, I can hear you."),
        ("tamil please", "I am sorry, I speak only English and Hindi."),
    ],
)
def test_a_remark_is_answered_and_the_question_put_again(said, remark):
    state, reply = say(until("location"), said)
    assert (reply.text, state["attempts"]["location"]) == (f"{remark} Which city or area are you looking in?", 1)


def test_what_an_owner_has_is_not_what_they_look_for():
    state, _ = say(until("location"), "mujhe apna flat bechna hai")
    assert (outcome(state), "property_type" in slots(state)) == ("human", False)


def test_who_told_a_colleague_already_is_not_asked_again():
    state, reply = say(until("location"), "I already told everything to your colleague yesterday")
    assert (reply.text, outcome(state)) == (
        "Sorry for asking again. I will have our colleague get back to you. Goodbye!",
        "human",
    )


@pytest.mark.parametrize(
    ("asked", "said"), [("consent", ["yes, tomorrow at 5 pm", "yes"]), ("confirm", ["yes, call me tomorrow at 5 pm"])]
)
def test_a_time_that_comes_with_a_yes_is_the_sales_calls(asked, said):
    state, replies = talk(until(asked), *said)
    assert (replies[-1].text, outcome(state), callback_at(state)) == (
        "Thank you, Meena. Someone from Sunrise Realty will call you tomorrow at 5 in the evening. Have a good day!",
        "completed",
        "2026-03-06T17:00:00+05:30",
    )


def test_no_more_open_questions_are_kept_than_anybody_answers():
    asked = {"turn": 1, "words": "what is the price", "answer": ""}
    state, _ = say({**until("location"), "open_questions": [asked] * 20}, "is loan available")
    assert state["open_questions"] == [asked] * 20


def test_the_lead_is_called_by_the_name_that_we_know():
    _, replies = talk(until("identity"), "yes this is Mina", "call me tomorrow at 5 pm")
    assert replies[-1].text.startswith("Sure, Meena, ")
