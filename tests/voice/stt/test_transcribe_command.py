"""`manage.py transcribe` as a person runs it: its output, its errors, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whisper

ROOT = Path(__file__).resolve().parents[3]


def transcribe(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "manage.py", "transcribe", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_text_and_its_confidence_are_printed_and_nothing_else(speech, model):
    code, out, err = transcribe(str(speech), WHISPER_MODEL=model)
    text, confidence = out.splitlines()
    assert (code, err) == (0, "")
    assert "Bangalore" in text
    assert 0.4 < float(confidence.removeprefix("confidence ")) <= 1


def test_json_output_is_one_object_with_text_and_confidence(encoded, model):
    code, out, err = transcribe(str(encoded("call.mp3", "libmp3lame", 8_000)), "--json", "--model", model)
    result = json.loads(out)
    assert (code, err, set(result)) == (0, "", {"text", "confidence"})
    assert "Bangalore" in result["text"]
    assert 0.4 < result["confidence"] <= 1


def test_an_error_is_one_sentence_and_exit_code_1(tmp_path):
    missing = tmp_path / "none.wav"
    assert transcribe(str(missing)) == (1, "", f"CommandError: There is no file {missing}; check the name.\n")


def test_a_missing_model_is_one_sentence_and_exit_code_1(speech):
    assert transcribe(str(speech), WHISPER_MODEL="no-such-model") == (
        1,
        "",
        (
            "CommandError: The Whisper model no-such-model is no folder, not in the cache and cannot be downloaded; "
            "set WHISPER_MODEL to a folder with a CTranslate2 Whisper model.\n"
        ),
    )
