"""Phone numbers as people type them."""

import pytest

from leads.phones import from_carrier, normalise


@pytest.mark.parametrize(
    "typed",
    [
        "9876543210",
        "98765 43210",
        "98765-43210",
        "09876543210",
        "0 98765 43210",
        "+91 98765 43210",
        "+91-98765-43210",
        "+919876543210",
        "919876543210",
        "0091 98765 43210",
        "(+91) 98765 43210",
        "+91 (0) 98765 43210",
        "tel:+91-98765-43210",
        " 9876 543 210 ",
        "98,76,54,32,10",
        "९८७६५४३२१०",
    ],
)
def test_every_usual_indian_way_of_writing_a_number_is_the_same_number(typed):
    assert normalise(typed) == "+919876543210"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+1 (415) 555-2671", "+14155552671"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+971 50 123 4567", "+971501234567"),
        ("022 2778 2183", "+912227782183"),
    ],
)
def test_international_and_landline_numbers_are_kept(typed, number):
    assert normalise(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "call me", "12345", "98765", "98765432101234567", "0000000000", "+999 12345678", "9876543210 ext 5"],
)
def test_nonsense_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        normalise(typed)


@pytest.mark.parametrize(
    "sent", ["anonymous", "Anonymous", "", "unknown", "restricted", "+266696687", "98abc", "sip:x@y", "+"]
)
def test_a_withheld_or_malformed_carrier_number_is_no_number(sent):
    assert from_carrier(sent) == ""


@pytest.mark.parametrize("sent", ["+919876543210", "+915550100101", "+14155550101"])
def test_a_carriers_number_is_taken_as_it_is(sent):
    assert from_carrier(sent) == sent


@pytest.mark.parametrize("typed", ["98765O3210", "9876543210 (Ravi)", "call 9876543210 or 9876543211"])
def test_letters_are_told_from_digits(typed):
    with pytest.raises(ValueError, match="This is not a phone number"):
        normalise(typed)
