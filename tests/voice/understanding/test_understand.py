"""What understanding keeps besides values: evidence, what was taken back, listed places, yes and no."""

from datetime import datetime

import pytest

from voice.understanding import Found, Places, Understanding, affirmation, understand

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
PUNE = [{"city": "Pune", "locality": None}]
MUMBAI = [{"city": "Mumbai", "locality": None}]


def _read(text, asked="", **more):
    return understand(text, asked=asked, now=NOW, **more)


def test_a_value_comes_with_the_words_that_say_it():
    assert _read("well, my budget is about 2 crore, ok?", "budget").found == (
        Found("budget_min", 18_000_000, 19, 32, "about 2 crore"),
        Found("budget_max", 22_000_000, 19, 32, "about 2 crore"),
    )


def test_evidence_points_into_the_original_script():
    assert _read("मेरा बजट सत्तर लाख है", "budget").found == (Found("budget_max", 7_000_000, 9, 18, "सत्तर लाख"),)


def test_a_corrected_place_is_kept_as_dropped():
    assert _read("pune nahi, Mumbai", "location") == Understanding(
        (Found("locations", MUMBAI, 11, 17, "Mumbai"),), (Found("locations", PUNE, 0, 4, "pune"),)
    )


def test_a_corrected_budget_is_kept_as_dropped():
    understood = _read("no no not 50, 60 lakhs", "budget")
    assert (understood.slots, [one.value for one in understood.dropped]) == ({"budget_max": 6_000_000}, [5_000_000])


def test_a_negated_type_is_kept_as_dropped():
    understood = _read("villa nahi, flat", "property_type")
    assert understood.slots == {"property_type": "apartment", "category": "residential"}
    assert [(one.slot, one.value) for one in understood.dropped] == [("property_type", "villa")]


def test_silence_fills_nothing():
    assert _read("", "consent") == Understanding()


def test_a_listing_teaches_a_locality_that_the_gazetteer_lacks():
    places = Places.default().with_listings([("Poona", "Koregaon Bhima Greens"), ("Silvassa", "")])
    assert _read("Koregaon Bhima Greens", "location", places=places).slots == {
        "locations": [{"city": "Pune", "locality": "Koregaon Bhima Greens"}]
    }
    assert _read("in silvassa", "location", places=places).slots == {
        "locations": [{"city": "Silvassa", "locality": None}]
    }
    assert _read("Koregaon Bhima Greens", "location").slots == {}


def test_the_gazetteer_holds_the_places_that_indians_live_in():
    places = {place for places in Places.default().names.values() for place in places}
    cities = {city for city, locality in places if locality is None}
    assert (len(cities) >= 60, len(places - {(city, None) for city in cities}) >= 600) == (True, True)


def test_a_promised_time_has_the_offset_of_now():
    dubai = datetime.fromisoformat("2026-03-05T15:00:00+04:00")
    assert understand("call me at 6 pm", asked="identity", now=dubai).slots == {
        "intent": "callback",
        "callback_at": "2026-03-05T18:00:00+04:00",
    }


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yes that's right", True),
        ("haan bilkul sahi", True),
        ("जी हाँ", True),
        ("no problem", True),
        ("no", False),
        ("नहीं", False),
        ("bilkul nahi", False),
        ("galat hai", False),
        ("maybe", None),
        ("not sure", None),
        ("I know Noida", None),
        ("why?", None),
        ("sochna padega", None),
        ("", None),
    ],
)
def test_yes_no_and_neither(said, meant):
    assert affirmation(said) is meant


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("yes actually I was looking with my wife, and my mother said something near Baner", "confirmed"),
        ("yes this is Meena, my husband told me you will call", "confirmed"),
        ("haan mujhe apne papa ke liye flat chahiye", "confirmed"),
        ("haan wo ghar par nahi hai", "wrong_person"),
        ("yes but he is in office", "wrong_person"),
        ("yes, my wife is not here", "wrong_person"),
    ],
)
def test_who_speaks_for_themselves_may_speak_of_family(text, who):
    assert understand(text, asked="identity", now=NOW).slots["identity"] == who
