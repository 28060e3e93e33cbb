"""Calls from their first word, as whatever script begins them; see dialogue_calls for those up to a question."""

from functools import cache

from tests import dialogue_calls
from tests.dialogue_calls import AT, say
from voice.dialogue import Script, begin
from voice.events import Direction

ANSWERS = {**dialogue_calls.ANSWERS, "name": "Meena Kulkarni", "phone": "98765 43210"}


def opening(script=None, *, name="Meena Kulkarni", direction=Direction.OUTBOUND, **more):
    return begin(script or Script(), name=name, direction=direction, at=AT, **more)


def talk(*said, **more):
    """The state and every reply of a call in which these things are heard one after the other."""
    state, reply = opening(**more)
    replies = [reply]
    for text in said:
        state, reply = say(state, text)
        replies.append(reply)
    return state, replies


@cache
def until(asked, **more):
    """The state in which a co-operative caller is asked for `asked`."""
    state, reply = opening(**more)
    while reply.asked != asked:
        state, reply = say(state, ANSWERS[reply.asked])
    return state
