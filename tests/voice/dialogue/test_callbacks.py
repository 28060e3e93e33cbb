"""What is promised to a caller who asks to be called later."""

from datetime import datetime, time

import pytest

from voice.dialogue import Script, begin, callback_at, outcome, step
from voice.events import Direction, Utterance

AT = datetime.fromisoformat("2026-08-24T11:00:00+05:30")  # a Monday


def talk(*said, hours=None):
    state, reply = begin(Script(), name="Meena Kulkarni", direction=Direction.OUTBOUND, at=AT, hours=hours)
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


def test_an_hour_at_which_nobody_may_call_is_noted_and_not_promised():
    state, replies = talk("call me at 10 pm", hours=(time(9), time(21)))
    assert (replies, callback_at(state), outcome(state)) == (
        [
            (
                "Sure, Meena, I have noted today at 10 at night. "
                "If we may not call at that hour, we will at the next one that we may. Goodbye!"
            )
        ],
        "2026-08-24T22:00:00+05:30",
        "callback",
    )


def test_without_known_hours_any_time_is_promised():
    _, replies = talk("call me at 10 pm")
    assert replies == ["Sure, Meena, we will call you back today at 10 at night. Goodbye!"]


def test_a_time_that_has_passed_is_not_promised():
    state, replies = talk("call me at 9 am today", "kal shaam ko")
    assert (replies[0], callback_at(state)) == (
        "What would be a good time to call you back?",
        "2026-08-25T18:00:00+05:30",
    )


def test_who_did_not_hear_the_question_about_a_time_hears_it_once_more():
    state, replies = talk("call me later", "what?", "pardon?")
    assert (replies[1], outcome(state)) == ("Of course. What would be a good time to call you back?", "callback")
