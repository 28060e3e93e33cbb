"""Calls in the words of staff."""

from calls import display
from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from voice.events import EndReason


def test_both_ends_of_a_budget_are_one_chip_with_its_words():
    understood = [
        {"slot": "budget_min", "value": 6_300_000, "words": "around 70 lakh", "start": 0, "end": 14},
        {"slot": "budget_max", "value": 7_700_000, "words": "around 70 lakh", "start": 0, "end": 14},
        {"slot": "consent", "value": True, "words": "haan", "start": 16, "end": 20},
    ]
    assert display.chips(understood) == [
        ("Budget", "₹63 lakh to ₹77 lakh", "around 70 lakh"),
        ("Sales call", "Yes", "haan"),
    ]


def test_a_slot_that_the_admin_has_no_label_for_is_shown_by_its_name():
    assert display.chips([{"slot": "parking_space", "value": "two_cars"}]) == [("Parking space", "Two cars", "")]


def test_what_a_conversation_knows_is_read_from_its_state():
    slots = {"locations": {"value": [{"city": "Pune", "locality": "Wakad"}], "words": "wakad", "turn": 2}}
    assert display.collected(slots) == [("Place", "Wakad (Pune)", "wakad")]


def test_every_status_and_end_has_a_sentence():
    assert set(display.STATUS_SENTENCES) == set(display.STATUS_COLOURS) == set(CallStatus)
    assert set(display.END_SENTENCES) == set(EndReason)
    assert set(display.DISPOSITION_COLOURS) == set(Disposition)
