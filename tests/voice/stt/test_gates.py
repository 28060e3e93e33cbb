"""What Whisper writes into silence is taken out with a code; what a caller says stays."""

from __future__ import annotations

import pytest

from voice.stt import gates
from voice.stt.gates import Doubts
from voice.stt.lines import Word

SURE = Doubts(no_speech=0.05, voice=0.9, sureness=0.9)
SILENT = Doubts(no_speech=0.8, voice=0.2, sureness=0.5)


def gate(text: str, doubts: Doubts) -> str:
    return gates.gate([Word(f" {word}", at * 0.3, at * 0.3 + 0.2, 0.9) for at, word in enumerate(text.split())], doubts)


@pytest.mark.parametrize(
    ("text", "doubts", "code"),
    [
        ("Thank you.", SURE, ""),
        ("Thank you.", SILENT, "silence_phrase"),
        ("Thank you.", Doubts(no_speech=0.1, voice=0.7, sureness=0.3), "silence_phrase"),
        ("धन्यवाद।", SURE, ""),
        ("धन्यवाद।", SILENT, "silence_phrase"),
        ("Thank you for the details, call me tomorrow.", SILENT, ""),
        ("Thank you for watching!", Doubts(no_speech=0.3, voice=0.7, sureness=0.8), "broadcast"),
        ("Thank you for watching!", SURE, ""),
        ("Please like and subscribe.", SILENT, "broadcast"),
        ("वीडियो देखने के लिए धन्यवाद", SILENT, "broadcast"),
        ("धन्यवाद देखने के लिए", SILENT, "broadcast"),
        ("चैनल को सब्सक्राइब करें", SILENT, "broadcast"),
        ("[Music]", SURE, "brackets"),
        ("(applause) ♪", SURE, "brackets"),
        ("Two bedrooms (or three)", SURE, ""),
        ("I want a flat in Pune.", Doubts(no_speech=0.1, voice=0.05, sureness=0.9), "no_voice"),
        ("I want a flat in Pune.", Doubts(no_speech=0.9, voice=0.5, sureness=0.3), "no_speech"),
        ("I want a flat in Pune.", Doubts(no_speech=0.9, voice=0.5, sureness=0.8), ""),
        ("I want a flat in Pune.", Doubts(no_speech=0.1, voice=0.5, sureness=0.2), ""),
    ],
)
def test_a_line_passes_or_is_taken_out_by_one_gate(text, doubts, code):
    assert gate(text, doubts) == code


def test_a_long_sentence_may_speak_of_watching():
    text = "My mother is fond of watching the birds so the flat should have a balcony please"
    assert gate(text, SILENT) == ""


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("yes yes yes yes yes I do", []),
        ("no " * 9 + "thanks", list(range(1, 9))),
        ("call me back, call me back, call me back", []),
        ("so call me. " + "I want a flat. " * 5, list(range(7, 23))),
        ("हाँ जी " * 6, list(range(2, 12))),
        ("nine eight seven nine eight seven", []),
        ("", []),
    ],
)
def test_words_that_go_round_are_found_but_for_their_first_time(text, repeated):
    assert gates.loops(text.split()) == repeated
