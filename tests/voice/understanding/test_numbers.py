"""Every spelling of every number word from 0 to 99 is that number of lakh."""

from datetime import UTC, datetime

import pytest

from voice.understanding import understand
from voice.understanding.mishearings import value_by_shape
from voice.understanding.numbers import hear
from voice.understanding.text import read_list

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
WAYS = {int(value): ways for value, ways in read_list("numbers.txt").items()}
SPELLINGS = [(value, way) for value, ways in WAYS.items() for way in ways if value]


@pytest.mark.parametrize(("unit", "rupees"), [("lakh", 10**5), ("hazaar", 10**3)])
def test_each_number_word_counts_its_unit(unit, rupees):
    wrong = {
        way: slots
        for value, way in SPELLINGS
        if (slots := understand(f"{way} {unit}", asked="budget", now=NOW).slots) != {"budget_max": value * rupees}
    }
    assert wrong == {}


def test_each_number_word_counts_minutes():
    wrong = {way for value, way in SPELLINGS if f" {value} minute " not in hear(f"{way} minute").line}
    assert wrong == set()


def test_no_spelling_stands_for_two_numbers():
    assert len({way for _, way in SPELLINGS}) == len(set(SPELLINGS))


def test_each_number_above_ten_has_four_latin_spellings_and_two_in_devanagari():
    few = {
        value
        for value, ways in WAYS.items()
        if value > 10 and (sum(map(str.isascii, ways[1:])) < 4 or sum(not way.isascii() for way in ways) < 2)
    }
    assert few == set()


@pytest.mark.parametrize(
    ("unlisted", "value"),
    [
        ("pachattarh", 75),
        ("chhapphan", 56),
        ("painnsatth", 65),
        ("unchaaleess", 39),
        ("pachasee", 85),
        ("sattavvan", 57),
    ],
)
def test_an_unlisted_spelling_counts_as_it_sounds_beside_a_unit(unlisted, value):
    assert (hear(f"{unlisted} lakh").tokens[0].word, hear(f"{unlisted} ji").tokens[0].word) == (str(value), unlisted)


def test_a_known_word_is_no_misspelt_number():
    assert [value_by_shape(word) for word in ("lakh", "subah", "satara ji", "kitne")] == [None] * 4


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("twenty five", "25"),
        ("twenty-five", "25"),
        ("one point two five", "1.25"),
        ("do point paanch", "2.5"),
        ("two and a half", "2.5"),
        ("one and a quarter", "1.25"),
        ("1 and 1/2", "1.5"),
        ("saadhe paanch", "5.5"),
        ("sarhe paanch", "5.5"),
        ("paune do", "1.75"),
        ("sava teen", "3.25"),
        ("sawa sau", "125"),
        ("dhai sau", "250"),
        ("saadhe teen sau", "350"),
        ("ek sau bees", "120"),
        ("one hundred and ten", "110"),
        ("1,10,00,000", "11000000"),
        ("12,000,000", "12000000"),
        ("५०", "50"),
        ("do not call", "do not call"),
        ("bata do", "bata do"),
        ("fifty sixty", "50 60"),
        ("fifty two sixty", "50 to 60"),
        ("fifty two", "52"),
        ("dead crore", "1.5 crore"),
        ("ek 2 bhk", "ek 2 bhk"),
    ],
)
def test_spoken_numbers_become_figures(said, figures):
    assert " ".join(token.word for token in hear(said).tokens).replace("bataiye", "bata") == figures


@pytest.mark.parametrize("asked", ["budget", "bedrooms", "email", "phone", "timeline", "location"])
def test_digits_in_circles_and_other_scripts_never_raise(asked):
    for text in ("❶", "❶❷ lakh", "⓪ BHK", "٥٠ lakh", "²³", "୫ লাখ"):
        understand(text, asked=asked, now=NOW)


@pytest.mark.parametrize("asked", ["budget", "bedrooms"])
@pytest.mark.parametrize(
    "said", ["how much was in his power to do for them", "how much will it do", "what is there to do"]
)
def test_an_english_do_is_not_hindi_for_two(asked, said):
    assert understand(said, asked=asked, now=NOW).slots == {}


def test_hindi_for_two_is_two():
    assert understand("mujhe to do chahiye", asked="bedrooms", now=NOW).slots == {"bedrooms_min": 2, "bedrooms_max": 2}
