from datetime import datetime

import pytest

from voice.dialogue import Script, begin, slots
from voice.dialogue.requirement import absorb, take_back
from voice.events import Direction
from voice.understanding.types import Found

AT = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
PUNE, MUMBAI = {"city": "Pune", "locality": None}, {"city": "Mumbai", "locality": None}
WAKAD = {"city": "Pune", "locality": "Wakad"}
FLAT = {"category": "residential", "property_type": "apartment", "bedrooms_min": 2, "bedrooms_max": 2}


def after(known, heard, text="some words"):
    """What is known after `heard` came on top of `known`, and the slots that changed."""
    state, _ = begin(Script(), direction=Direction.OUTBOUND, known=known, at=AT)
    state["turn"] = 1
    found = [Found(slot=slot, value=value, start=0, end=4, words="some") for slot, value in heard.items()]
    changed = absorb(state, found, text)
    return slots(state), set(changed), [past["slot"] for past in state["history"]]


@pytest.mark.parametrize(
    ("known", "heard", "expected"),
    [
        ({"budget_max": 7}, {"budget_max": 8}, {"budget_max": 8}),
        ({"budget_min": 5, "budget_max": 7}, {"budget_max": 8}, {"budget_max": 8}),
        ({"budget_min": 5}, {"budget_max": 8}, {"budget_min": 5, "budget_max": 8}),
        ({"budget_min": 5}, {"budget_max": 4}, {"budget_max": 4}),
        ({"budget_max": 7}, {"budget_min": 8}, {"budget_min": 8}),
        ({"bedrooms_min": 2, "bedrooms_max": 2}, {"bedrooms_min": 2}, {"bedrooms_min": 2}),
        ({"bedrooms_min": 2}, {"bedrooms_min": 3, "bedrooms_max": 3}, {"bedrooms_min": 3, "bedrooms_max": 3}),
    ],
)
def test_a_new_figure_replaces_the_old_pair_unless_it_completes_it(known, heard, expected):
    assert after(known, heard)[0] == expected


@pytest.mark.parametrize(
    ("known", "heard", "text", "expected"),
    [
        ([PUNE], [MUMBAI], "make it Mumbai", [MUMBAI]),
        ([PUNE], [MUMBAI], "Mumbai also", [PUNE, MUMBAI]),
        ([PUNE], [MUMBAI], "Mumbai bhi", [PUNE, MUMBAI]),
        ([PUNE], [WAKAD], "in Wakad", [WAKAD]),
        ([WAKAD], [PUNE], "yes in Pune", [WAKAD]),
        ([WAKAD], [PUNE, MUMBAI], "Pune or Mumbai", [PUNE, MUMBAI]),
    ],
)
def test_a_new_place_replaces_refines_or_joins_the_old_ones(known, heard, text, expected):
    assert after({"locations": known}, {"locations": heard}, text)[0] == {"locations": expected}


@pytest.mark.parametrize(
    ("known", "heard", "expected"),
    [
        ({}, {"property_type": "shop"}, {"property_type": "shop", "category": "commercial"}),
        (FLAT, {"property_type": "office"}, {"property_type": "office", "category": "commercial"}),
        (FLAT, {"property_type": "plot"}, {"property_type": "plot", "category": "residential"}),
        (FLAT, {"category": "commercial"}, {"category": "commercial"}),
        (
            {"category": "residential", "property_type": "plot"},
            {"category": "residential", "bedrooms_min": 3, "bedrooms_max": 3},
            {"category": "residential", "bedrooms_min": 3, "bedrooms_max": 3},
        ),
        (
            {"category": "commercial", "property_type": "shop"},
            {"category": "residential", "bedrooms_min": 3, "bedrooms_max": 3},
            {"category": "residential", "bedrooms_min": 3, "bedrooms_max": 3},
        ),
    ],
)
def test_what_no_longer_fits_is_dropped(known, heard, expected):
    assert after(known, heard)[0] == expected


def test_only_what_differs_counts_as_changed_and_only_what_went_is_history():
    known, changed, history = after(FLAT, {"property_type": "villa", "bedrooms_min": 2, "bedrooms_max": 2})
    assert (known, changed, history) == (FLAT | {"property_type": "villa"}, {"property_type"}, ["property_type"])


def test_what_was_taken_back_in_one_breath_is_remembered():
    state, _ = begin(Script(), direction=Direction.OUTBOUND, at=AT)
    state["turn"] = 2
    take_back(state, [Found(slot="budget_max", value=5_000_000, start=9, end=11, words="50")])
    assert (slots(state), state["history"]) == (
        {},
        [
            {
                "slot": "budget_max",
                "value": 5_000_000,
                "turn": 2,
                "words": "50",
                "start": 9,
                "end": 11,
                "replaced_in": 2,
            }
        ],
    )


@pytest.mark.parametrize(
    ("known", "slot", "negated", "left", "lost"),
    [
        ({"budget_max": 7}, "budget_max", 7, {}, ("budget_max",)),
        ({"budget_max": 7}, "budget_max", 5, {"budget_max": 7}, ()),
        ({}, "budget_max", 7, {}, ()),
        ({"locations": [PUNE]}, "locations", [PUNE], {}, ("locations",)),
        ({"locations": [WAKAD]}, "locations", [PUNE], {}, ("locations",)),
        ({"locations": [PUNE]}, "locations", [WAKAD], {"locations": [PUNE]}, ()),
        ({"locations": [PUNE, MUMBAI]}, "locations", [PUNE], {"locations": [MUMBAI]}, ("locations",)),
    ],
)
def test_a_known_value_that_is_negated_is_known_no_more(known, slot, negated, left, lost):
    state, _ = begin(Script(), direction=Direction.OUTBOUND, known=known, at=AT)
    result = take_back(state, [Found(slot=slot, value=negated, start=0, end=4, words="some")])
    assert (result, slots(state), [past["slot"] for past in state["history"]]) == (lost, left, [slot])
