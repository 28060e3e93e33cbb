"""Real weights hear synthesised speech in every form a telephone or a phone's recorder writes."""

from __future__ import annotations

import multiprocessing
import re
import shutil
import socket
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from voice.stt import whisper_engine
from voice.stt.errors import SttError
from voice.stt.whisper_engine import Transcript, WhisperEngine

pytestmark = pytest.mark.whisper

ROOT = Path(__file__).resolve().parents[3]
KEY_WORDS = {"apartment", "bangalore", "call", "tomorrow", "morning"}
CURE = "set WHISPER_MODEL to a folder with a CTranslate2 Whisper model."


def key_words(text: str) -> set[str]:
    return KEY_WORDS & set(re.findall("[a-z]+", text.lower()))


@pytest.fixture(scope="module")
def engine(model) -> WhisperEngine:
    return WhisperEngine(model)


@pytest.fixture(scope="module")
def transcript(engine, speech) -> Transcript:
    return engine.segments(speech)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("telephone.wav", "pcm_mulaw", 8_000, "mono"),
        ("narrow.wav", "pcm_s16le", 8_000, "mono"),
        ("wide.wav", "pcm_s16le", 16_000, "mono"),
        ("studio.wav", "pcm_s16le", 44_100, "stereo"),
        ("narrow.mp3", "libmp3lame", 8_000, "mono"),
        ("studio.mp3", "libmp3lame", 44_100, "stereo"),
    ],
)
def test_the_words_are_heard_in_any_usual_form(engine, encoded, name, codec, rate, layout):
    text, confidence = engine.transcribe(encoded(name, codec, rate, layout), language="en-IN")
    assert key_words(text) == KEY_WORDS
    assert 0.4 < confidence <= 1.0


def test_samples_and_their_file_give_the_same_text(engine, transcript, speech):
    with wave.open(str(speech)) as recording:
        rate = recording.getframerate()
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype=np.int16)
    assert engine.transcribe(samples, rate) == (transcript.text, pytest.approx(transcript.confidence, abs=0.01))


def test_a_path_may_be_a_plain_string(engine, transcript, speech):
    assert engine.transcribe(str(speech)) == (transcript.text, transcript.confidence)


def test_words_have_times_in_the_order_in_which_they_were_said(transcript):
    words = [word for segment in transcript.segments for word in segment.words]
    times = [moment for word in words for moment in (word.start_s, word.end_s)]
    assert transcript.language == "en"
    assert transcript.text.split() == [word.text for word in words]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 6
    assert all(0 < word.confidence <= 1 for word in words)


@pytest.mark.parametrize("sound", [np.zeros(48_000, np.int16), np.zeros(0, np.float32)])
def test_silence_has_no_words_and_no_confidence(engine, sound):
    assert engine.transcribe(sound) == ("", 0.0)
    assert engine.segments(sound, language="hi") == Transcript("", 0.0, "hi", ())


def test_engines_of_the_same_name_share_one_model_per_process(engine, model):
    assert WhisperEngine(model)._model() is engine._model()
    assert len([key for key in whisper_engine._models if key[1] == model]) == 1


def test_a_forked_child_transcribes_after_its_parent_did(engine, transcript, speech):
    fork = multiprocessing.get_context("fork")
    heard, answer = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: answer.send(engine.transcribe(speech)))
    child.start()
    try:
        assert heard.poll(60), "the child hangs in a model that it inherited"
        assert heard.recv() == (transcript.text, transcript.confidence)
        child.join(30)
        assert child.exitcode == 0
    finally:
        child.kill()


def test_importing_the_engine_loads_no_speech_library():
    program = (
        "import sys, voice.stt.whisper_engine\n"
        "print([name for name in ('faster_whisper', 'ctranslate2', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_incomplete_model_folder_says_what_it_lacks(model, speech, tmp_path):
    shutil.copy(Path(model) / "config.json", tmp_path)
    with pytest.raises(SttError) as refusal:
        WhisperEngine(tmp_path).transcribe(speech)
    assert str(refusal.value) == f"The folder {tmp_path} lacks model.bin, tokenizer.json; {CURE}"


def test_a_damaged_model_is_refused(model, speech, tmp_path):
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copy(Path(model) / name, tmp_path)
    with (Path(model) / "model.bin").open("rb") as weights:
        (tmp_path / "model.bin").write_bytes(weights.read(100_000))
    with pytest.raises(SttError) as refusal:
        WhisperEngine(tmp_path).transcribe(speech)
    assert re.fullmatch(rf"The Whisper model in {tmp_path} cannot be loaded \(.+\); {CURE}", str(refusal.value))


def test_a_home_of_models_that_never_answers_is_not_waited_for(speech, monkeypatch):
    monkeypatch.setattr(whisper_engine, "HUB_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SttError) as refusal:
            WhisperEngine("large-v1").transcribe(speech)
    assert str(refusal.value).startswith("The Whisper model large-v1 is no folder, not in the cache and cannot be")


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder"])
def test_a_model_that_is_nowhere_is_refused_at_once(speech, name):
    with pytest.raises(SttError) as refusal:
        WhisperEngine(name).transcribe(speech)
    assert (
        str(refusal.value)
        == f"The Whisper model {name} is no folder, not in the cache and cannot be downloaded; {CURE}"
    )


def test_the_silence_that_fills_a_window_up_is_not_computed(model):
    whisper = WhisperEngine(model)._model()
    window = np.zeros((80, 3000), np.float32)
    window[:, :700] = 0.1
    assert whisper.encode(window).shape == [1, 600, 512]
