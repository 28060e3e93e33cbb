"""What was half heard is asked about, and taken only at a yes."""

import pytest

from tests.dialogue_calls import say, talk, until
from voice.dialogue import evidence, slots
from voice.understanding import Understanding, understand
from voice.understanding.types import Found

WAKAD = [{"city": "Pune", "locality": "Wakad"}]


def half_heard(monkeypatch, words, value):
    """Let the rules be unsure of `words`, whatever the gazetteer makes of them today."""

    def read(text, *, asked, now, places=None):
        plain = understand(text, asked=asked, now=now, places=places)
        if words not in text:
            return plain
        at = text.index(words)
        kept = tuple(one for one in plain.found if one.slot != "locations")
        return Understanding(kept, plain.dropped, (Found("locations", value, at, at + len(words), words),))

    monkeypatch.setattr("voice.dialogue.meaning.understand", read)


@pytest.mark.parametrize(("text", "digits"), [("yes", ""), ("haan ji", ""), ("हाँ", ""), ("", "1"), ("Vakard yes", "")])
def test_a_yes_takes_the_place_that_was_half_heard(monkeypatch, text, digits):
    half_heard(monkeypatch, "Vakard", WAKAD)
    state, reply = say(until("location"), "somewhere in Vakard")
    after, following = say(state, text, digits)
    assert (reply.text, reply.asked, reply.digits, slots(state).get("locations")) == (
        "Did you mean Wakad in Pune?", "location", True, None,
    )  # fmt: skip
    assert (evidence(after)["locations"], following.asked, after["offer"]) == (
        {"value": WAKAD, "turn": 2, "words": "Vakard", "start": 13, "end": 19, "confirmed_in": 3},
        "category",
        None,
    )


def test_a_no_asks_for_the_place_again_and_never_offers_it_twice(monkeypatch):
    half_heard(monkeypatch, "Vakard", WAKAD)
    state, replies = talk(until("location"), "Vakard", "no", "Vakard")
    assert ([reply.text for reply in replies], slots(state).get("locations")) == (
        [
            "Did you mean Wakad in Pune?",
            "Sorry, which place should the property be in? A city or a locality is enough.",
            "No problem. Are you looking for a residential or a commercial property?",
        ],
        None,
    )


def test_another_place_in_answer_to_the_offer_is_taken_instead(monkeypatch):
    half_heard(monkeypatch, "Vakard", WAKAD)
    state, replies = talk(until("location"), "Vakard", "no, Baner")
    assert (slots(state)["locations"], replies[-1].asked) == ([{"city": "Pune", "locality": "Baner"}], "category")


def test_an_offer_survives_silence_and_a_question_about_us(monkeypatch):
    half_heard(monkeypatch, "Vakard", WAKAD)
    state, replies = talk(until("location"), "Vakard", "", "who is this", "yes")
    assert ([reply.text.endswith("Did you mean Wakad in Pune?") for reply in replies], slots(state)["locations"]) == (
        [True, True, True, False],
        WAKAD,
    )


@pytest.mark.parametrize(
    ("language", "hindi_script", "said"),
    [("hi-IN", "Deva", "क्या आपने पुणे में Wakad कहा?"), ("hi-IN", "Latn", "Kya aapne Pune mein Wakad kaha?")],
)
def test_an_offer_is_made_in_hindi(monkeypatch, language, hindi_script, said):
    half_heard(monkeypatch, "Vakard", WAKAD)
    assert say(until("location", language=language, hindi_script=hindi_script), "Vakard")[1].text == said
