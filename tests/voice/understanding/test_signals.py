"""Signals are heard in every way of speaking, and are no slots."""

import pytest

from tests.dialogue_calls import AT
from tests.signal_phrases import HEARD, PLAIN
from voice.understanding import understand
from voice.understanding.signals import SIGNALS, signal


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in HEARD.items() for text in texts])
def test_a_signal_is_heard_in_three_ways_of_speaking(name, text):
    assert signal(text, asked="identity") == name


@pytest.mark.parametrize("text", PLAIN)
def test_an_answer_signals_nothing(text):
    assert signal(text, asked="location") in {"", "elsewhere" if "back in" in text else ""}


def test_every_signal_has_its_examples():
    assert HEARD.keys() == SIGNALS


@pytest.mark.parametrize("text", [text for texts in HEARD.values() for text in texts])
def test_no_signal_is_a_slot(text):
    assert not SIGNALS & understand(text, asked="location", now=AT).slots.keys()
