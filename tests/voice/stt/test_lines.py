"""Lines survive the database, and their confidence is a mean by duration."""

from __future__ import annotations

import json

import pytest

from voice.stt.lines import Line, Word, mean_confidence

LINE = Line("caller", 1.5, 2.75, "In Pune.", 0.812, (Word("In", 1.5, 1.8, 0.9), Word("Pune.", 1.9, 2.75, 0.724)))


def test_a_line_comes_back_as_it_was_stored():
    assert Line.from_json(json.loads(json.dumps(LINE.as_json()))) == LINE


def test_seconds_and_confidence_are_stored_short():
    line = Line("agent", 1.23456, 2.0, "Yes.", 1 / 3, (Word("Yes.", 1.23456, 2.0, 2 / 3),))
    assert line.as_json() == {
        "speaker": "agent",
        "start_s": 1.23,
        "end_s": 2.0,
        "text": "Yes.",
        "confidence": 0.333,
        "words": [["Yes.", 1.23, 2.0, 0.667]],
    }


def test_confidence_is_the_lines_mean_by_duration():
    lines = (Line("caller", 0.0, 3.0, "Yes.", 0.9, ()), Line("caller", 3.0, 4.0, "Uh.", 0.5, ()))
    assert mean_confidence(lines) == pytest.approx(0.8)
    assert mean_confidence(()) == 0.0
