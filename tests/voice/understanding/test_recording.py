"""Who does not want to be recorded is heard in three ways of speaking, and nobody else is."""

import pytest

from tests.recording_phrases import NOT_REFUSED, REFUSED
from voice.understanding.recording import without_refusal


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_is_heard_and_leaves_nothing_of_an_answer(text):
    rest, refused = without_refusal(text, asked="consent")
    assert (rest.strip(), refused, len(rest)) == ("", True, len(text))


@pytest.mark.parametrize("text", NOT_REFUSED)
def test_what_only_sounds_like_it_stays_as_it_was(text):
    assert without_refusal(text, asked="consent") == (text, False)


@pytest.mark.parametrize(
    ("asked", "text", "left"),
    [
        ("budget", "my budget is 50 lakh but don't record this", "my budget is 50 lakh"),
        ("location", "no no don't record me, I am looking in Pune", "I am looking in Pune"),
        ("consent", "yes, but please don't record", "yes"),
        ("consent", "haan, record mat karo", ""),  # a yes to us, or only a word to begin with: better asked again
        ("identity", "haan, record mat karo", "haan"),
        ("identity", "no, don't record me", ""),
    ],
)
def test_the_answer_beside_a_refusal_keeps_its_place(asked, text, left):
    rest, refused = without_refusal(text, asked=asked)
    assert (rest.strip(), refused, rest.find(left), len(rest)) == (left, True, text.find(left), len(text))


def test_what_nobody_can_say_in_one_breath_holds_up_no_answer():
    text = "<" + " " * 1_000_000  # hours, were it read to its end
    assert without_refusal(text, asked="budget") == (text, False)
