"""Places are filled when sure, asked about when nearly so, and a brokerage's own names go first."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from voice.understanding import Found, Places, Understanding, understand
from voice.understanding.world import find_city

NOW = datetime.fromisoformat("2026-03-05T15:00:00+05:30")
GOLD = Path(__file__).parents[2] / "gold" / "seen_places.jsonl"
ROWS = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


def _place(city, locality=None):
    return [{"city": city, "locality": locality}]


def _read(text, asked="location", **more):
    return understand(text, asked=asked, now=NOW, **more)


def _offered(text, asked="location", **more):
    return [one.value for one in _read(text, asked, **more).unsure]


def test_every_phrase_about_places_is_understood_exactly():
    got = {row["text"]: understand(row["text"], asked=row["asked"], now=NOW).slots for row in ROWS}
    assert got == {row["text"]: row["expect"] for row in ROWS}


def test_evidence_of_a_place_gives_it_again():
    astray = [
        (row["text"], found)
        for row in ROWS
        for found in understand(row["text"], asked=row["asked"], now=NOW).found
        if understand(found.words, asked=row["asked"], now=NOW).slots.get(found.slot) != found.value
    ]
    assert astray == []


def test_a_nearly_named_place_is_asked_about_with_its_words():
    assert _read("in wakat please") == Understanding(
        unsure=(Found("locations", _place("Pune", "Wakad"), 3, 8, "wakat"),)
    )


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("kothurd gaav", _place("Pune", "Kothrud")),
        ("MG Road", _place("Pune", "MG Road")),
        ("Malviya Nagar", _place("Delhi", "Malviya Nagar")),
        ("reading", _place("Reading")),
    ],
)
def test_what_may_be_meant_is_offered_and_fills_nothing(said, offered):
    assert (_offered(said), _read(said).slots) == ([offered], {})


@pytest.mark.parametrize("said", ["sector 62", "haven't decided", "zzyzx qwrtp", "not wakat"])
def test_what_says_too_little_is_not_even_offered(said):
    assert (_offered(said), _read(said).slots) == ([], {})


def test_a_misheard_place_counts_elsewhere_only_where_a_place_is_spoken_of():
    assert _read("3 bhk in koramangella", "budget").slots["locations"] == _place("Bengaluru", "Koramangala")
    assert "locations" not in _read("koramangella ji", "name").slots
    assert _offered("in wakat", "budget") == []


def test_ruled_out_places_are_kept_as_dropped():
    understood = _read("anywhere in Pune except Hadapsar")
    assert [one.value for one in understood.dropped] == [_place("Pune", "Hadapsar")]


def test_own_names_win_where_several_cities_share_one():
    places = Places.default().with_listings([("Nasik", "Indira Nagar")])
    assert _read("Indira Nagar", places=places).slots == {"locations": _place("Nashik", "Indira Nagar")}
    assert _read("Indira Nagar Lucknow", places=places).slots == {"locations": _place("Lucknow", "Indira Nagar")}
    assert _read("Indira Nagar").slots == {}


def test_own_names_are_known_misheard_too():
    places = Places.default().with_listings([("Pune", "Thorvepatti Greens")])
    assert _read("torvepatti greens", places=places).slots == {"locations": _place("Pune", "Thorvepatti Greens")}


def test_own_localities_take_the_gazetteers_spelling():
    places = Places.default().with_listings([("Poona", "Hinjawadi"), ("Banglore", "")])
    assert _read("Hinjawadi", places=places).slots == {"locations": _place("Pune", "Hinjewadi")}


def test_the_same_listings_are_built_once_and_leave_the_default_alone():
    before = dict(Places.default().names)
    listed = [("Pune", "Some New Place"), ("Silvassa", "")]
    assert Places.default().with_listings(listed) is Places.default().with_listings(iter(listed))
    assert Places.default().names == before


def test_threads_share_places():
    places = Places.default().with_listings([("Pune", f"Novelpur {n}") for n in range(50)])
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: _read(f"in Novelpur {n}", places=places).slots["locations"], range(50)))
    assert got == [_place("Pune", f"Novelpur {n}") for n in range(50)]


def test_our_own_names_go_before_the_worlds_cities():
    assert find_city("hyderabad") == "Hyderabad"
    assert _read("Panshan").slots == {}
    assert _offered("Panshan") == [_place("Pune", "Pashan")]
    assert _read("लंदन").slots == {"locations": _place("London")}


def test_a_less_known_place_is_asked_about_when_only_nearly_named():
    assert (_offered("Landrun"), _read("Landrun").slots) == ([_place("Mohali", "Landran")], {})
    assert _offered("kothurd") == [_place("Pune", "Kothrud")]


@pytest.mark.parametrize("name", ["of", "nice", "buy", "most", "same"])
def test_short_words_are_no_cities(name):
    assert find_city(name) is None


def test_the_gazetteer_covers_a_hundred_cities_with_their_localities():
    places = {place for known in Places.default().names.values() for place in known}
    cities = {city for city, locality in places if locality}
    assert (len(cities) >= 100, len(places) >= 1_200) == (True, True)


@pytest.mark.parametrize(
    ("said", "dropped"),
    [
        ("not Delhi or Noida, Gurgaon", [_place("Delhi"), _place("Noida")]),
        ("Gurgaon bahut mehenga hai, Faridabad dekho", [_place("Gurugram")]),
        ("my office is in Hinjewadi but I prefer Baner", []),
        ("Kondapur near Hitech City", []),
    ],
)
def test_what_is_ruled_out_is_kept_and_what_is_only_told_about_is_not(said, dropped):
    assert [one.value for one in _read(said).dropped] == dropped


def test_words_that_were_read_as_something_else_are_no_half_heard_place():
    for said in ("kothi ya villa", "bungalo"):
        understood = understand(said, asked="location", now=NOW)
        assert (bool(understood.found), understood.unsure) == (True, ())
