"""What is promised to a caller who asks to be called later."""

from datetime import datetime

import pytest

from voice.dialogue import Script, begin, callback_at, outcome, step
from voice.events import Direction, Utterance

AT = datetime.fromisoformat("2026-08-24T11:00:00+05:30")  # a Monday


def talk(*said):
    state, reply = begin(Script(), name="Meena Kulkarni", direction=Direction.OUTBOUND, at=AT)
    replies = []
    for text in said:
        state, reply = step(state, Utterance(at=AT, text=text))
        replies.append(reply.text)
    return state, replies


@pytest.mark.parametrize(
    ("first", "then", "promised"),
    [
        ("call me tomorrow", "6 pm", "2026-08-25T18:00:00+05:30"),
        ("call me tomorrow", "any time", "2026-08-25T11:00:00+05:30"),
        ("call me in the evening", "7", "2026-08-24T19:00:00+05:30"),
        ("call me later", "in the evening", "2026-08-24T18:00:00+05:30"),
        ("busy", "call me on Sunday", "2026-08-30T11:00:00+05:30"),
        ("kal call karna", "saat baje", "2026-08-25T19:00:00+05:30"),
        ("kal call karna", "subah", "2026-08-25T10:00:00+05:30"),
        ("call me later", "after 2 hours", "2026-08-24T13:00:00+05:30"),
        ("call me later", "after lunch", None),
    ],
)
def test_a_day_and_a_time_may_come_in_two_answers(first, then, promised):
    state, replies = talk(first, then)
    assert replies[0] == "Of course. What would be a good time to call you back?"
    assert (callback_at(state), outcome(state)) == (promised, "callback")


def test_nobody_is_promised_a_call_in_the_night():
    state, replies = talk("call me at 2 am", "10 am")
    assert (replies[0], callback_at(state)) == (
        ("We only call between 9 in the morning and 9 in the evening. What would be a good time to call you back?"),
        "2026-08-25T10:00:00+05:30",
    )


def test_who_insists_on_the_night_is_promised_no_time():
    state, replies = talk("call me later", "2 am", "3 am")
    assert (replies[-1], callback_at(state), outcome(state)) == (
        "Sure, we will call you back another time. Goodbye!",
        None,
        "callback",
    )


def test_a_time_that_has_passed_is_not_promised():
    state, replies = talk("call me at 9 am today", "kal shaam ko")
    assert (replies[0], callback_at(state)) == (
        "What would be a good time to call you back?",
        "2026-08-25T18:00:00+05:30",
    )


def test_who_did_not_hear_the_question_about_a_time_hears_it_once_more():
    state, replies = talk("call me later", "what?", "pardon?")
    assert (replies[1], outcome(state)) == ("Of course. What would be a good time to call you back?", "callback")
