"""Leads in the words of people."""

from datetime import UTC, datetime

import pytest

from leads import display


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "not known"),
        (0, "₹0"),
        (950, "₹950"),
        (25_000, "₹25,000"),
        (7_000_000, "₹70 lakh"),
        (10_000_000, "₹1 crore"),
        (12_000_000, "₹1.2 crore"),
        (12_345_678, "₹1,23,45,678"),
        (1_250_000_000, "₹125 crore"),
    ],
)
def test_rupees_are_written_as_indians_write_them(amount, said):
    assert display.rupees(amount) == said


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("70 lakh", 7_000_000),
        ("₹1.2 crore", 12_000_000),
        ("1.2Cr", 12_000_000),
        ("70L", 7_000_000),
        ("25k", 25_000),
        ("70,00,000", 7_000_000),
        ("Rs. 45 lacs", 4_500_000),
    ],
)
def test_an_amount_may_be_typed_in_any_usual_way(typed, amount):
    assert display.parse_rupees(typed) == amount


@pytest.mark.parametrize("typed", ["", "lots", "70 bananas", "-5", "1.2.3", "70 lakh or 80"])
def test_an_amount_that_is_none_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="Write it like 70 lakh"):
        display.parse_rupees(typed)


@pytest.mark.parametrize("amount", [0, 999, 25_000, 7_000_000, 7_123_456, 12_000_000, 99_999_999])
def test_what_is_shown_can_be_typed_back(amount):
    assert display.parse_rupees(display.rupees(amount)) == amount


def test_places_can_be_typed_back():
    places = [{"city": "Pune", "locality": "Wakad"}, {"city": "Greater Noida West", "locality": None}]
    assert display.places(places) == "Wakad (Pune), Greater Noida West"
    assert display.parse_places("Wakad (Pune), Greater Noida West\n") == places


@pytest.mark.parametrize("typed", ["Wakad (Pune", "Wakad) Pune", "(Pune)", "Wakad ()"])
def test_a_place_with_a_stray_bracket_is_refused(typed):
    with pytest.raises(ValueError, match="its city in brackets"):
        display.parse_places(typed)


@pytest.mark.parametrize(
    ("slots", "line"),
    [
        ({}, ""),
        (
            {
                "property_type": "apartment",
                "bedrooms_min": 2,
                "bedrooms_max": 2,
                "locations": [{"city": "Pune", "locality": "Wakad"}],
                "budget_min": None,
                "budget_max": 7_000_000,
            },
            "2 BHK, Wakad (Pune), up to ₹70 lakh",
        ),
        ({"property_type": "villa", "bedrooms_min": 3, "bedrooms_max": None}, "3 BHK or larger villa"),
        ({"purpose": "rent", "budget_max": 25_000, "property_type": "office"}, "Office, up to ₹25,000 a month"),
        ({"bedrooms_min": 2.5, "bedrooms_max": 3, "budget_min": 20_000_000}, "2.5 to 3 BHK, from ₹2 crore"),
    ],
)
def test_what_a_lead_wants_fits_one_line(slots, line):
    assert display.requirement_line(slots) == line


def test_what_nobody_said_is_not_known_and_never_no():
    assert display.requirement_rows({"consent": None, "budget_max": 7_000_000}) == [
        ("Place", "not known"),
        ("Category", "not known"),
        ("Type", "not known"),
        ("Bedrooms", "not known"),
        ("Budget", "up to ₹70 lakh"),
        ("Purpose", "not known"),
        ("When", "not known"),
        ("Sales call", "not known"),
    ]
    assert display.requirement_rows({"consent": False})[-1] == ("Sales call", "No")


@pytest.mark.parametrize(("seconds", "said"), [(None, ""), (0, "0 s"), (59, "59 s"), (125, "2 min 5 s")])
def test_a_duration_is_said_in_minutes_and_seconds(seconds, said):
    assert display.duration(seconds) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 3, 10, 23, 59, tzinfo=UTC), "today 23:59"),
        (datetime(2026, 3, 9, 0, 5, tzinfo=UTC), "yesterday 00:05"),
        (datetime(2026, 3, 11, 9, 30, tzinfo=UTC), "tomorrow 09:30"),
        (datetime(2026, 3, 3, 16, 54, tzinfo=UTC), "3 Mar 16:54"),
        (datetime(2025, 3, 3, 16, 54, tzinfo=UTC), "3 Mar 2025"),
    ],
)
def test_a_moment_is_said_beside_now(at, said):
    assert display.moment(at, datetime(2026, 3, 10, 14, 30, tzinfo=UTC)) == said
