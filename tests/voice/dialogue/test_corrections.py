"""What the caller calls wrong is asked for again."""

import pytest

from tests.dialogue_calls import say, until
from voice.dialogue import slots


@pytest.mark.parametrize(
    ("said", "asked_again"),
    [
        ("no, the budget is wrong", ["budget"]),
        ("budget galat hai", ["budget"]),
        ("no, location and budget are wrong", ["location", "budget"]),
        ("बजट गलत है", ["budget"]),
    ],
)
def test_a_detail_that_is_called_wrong_is_asked_for_again(said, asked_again):
    state, reply = say(until("confirm"), said)
    asked = []
    while reply.asked != "confirm":
        asked.append(reply.asked)
        state, reply = say(state, {"budget": "80 lakhs", "location": "Mumbai"}[reply.asked])
    assert (asked, slots(state)["budget_max"]) == (asked_again, 8_000_000)


def test_what_was_called_wrong_is_kept_in_the_history():
    state, _ = say(until("confirm"), "no, the budget is wrong")
    assert [(past["slot"], past["value"], past["replaced_in"]) for past in state["history"]] == [
        ("budget_max", 7_000_000, 8)
    ]


def test_two_corrections_in_one_breath_are_both_taken():
    _, reply = say(until("confirm"), "make it 3 BHK and the budget 90 lakhs")
    assert reply.text == (
        "So you are looking for a 3 BHK flat in Pune, budget up to ninety lakh rupees. Did I get that right?"
    )
