"""Calls as the tests of the dialogue hold them: a co-operative caller up to a question, then whatever is tried."""

from datetime import datetime
from functools import cache

from voice.dialogue import Script, begin, step
from voice.events import Direction, Utterance

AT = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
ANSWERS = {
    "identity": "yes, this is me",
    "location": "Pune",
    "category": "residential",
    "property_type": "flat",
    "bedrooms": "2 BHK",
    "budget": "70 lakhs",
    "consent": "yes",
    "confirm": "yes, that's right",
}


def opening(*, direction=Direction.OUTBOUND, **script):
    return begin(Script(**script), name="Meena Kulkarni", source="website", direction=direction, at=AT)


def say(state, text="", digits=""):
    return step(state, Utterance(at=AT, text=text, digits=digits))


@cache
def until(asked, **more):
    """The state in which a co-operative caller is asked for `asked`."""
    state, reply = opening(**more)
    while reply.asked != asked:
        state, reply = say(state, ANSWERS[reply.asked])
    return state


def talk(state, *said):
    """The state and every reply after these things were heard one after the other."""
    replies = []
    for text in said:
        state, reply = say(state, text)
        replies.append(reply)
    return state, replies
