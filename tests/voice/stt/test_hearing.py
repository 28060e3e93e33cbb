"""Whole recordings: the caller's channel alone, both, or one for all; and nothing where nobody speaks."""

from __future__ import annotations

import subprocess
import wave
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from voice.stt import audio, tracks
from voice.stt.audio import Sound
from voice.stt.errors import SttError
from voice.stt.whisper_engine import WhisperEngine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.whisper

RATE = 8_000
QUESTION = "Good morning. Where would you like to live?"


@pytest.fixture(scope="module")
def engine(model) -> WhisperEngine:
    return WhisperEngine(model)


def write(path: Path, *channels: np.ndarray) -> Path:
    """A 16-bit WAV at 8 kHz of channels in -1..1."""
    length = max(channel.size for channel in channels)
    even = np.stack([np.pad(channel, (0, length - channel.size)) for channel in channels], axis=1)
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(len(channels))
        sink.setsampwidth(2)
        sink.setframerate(RATE)
        sink.writeframes((even * 32_000).astype(np.int16).tobytes())
    return path


def at_8_khz(path: Path) -> np.ndarray:
    with av.open(str(path)) as source:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [out for frame in [*source.decode(audio=0), None] for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


@pytest.fixture(scope="module")
def caller(speech) -> np.ndarray:
    return at_8_khz(speech)


@pytest.fixture(scope="module")
def dual(caller, tmp_path_factory) -> Path:
    """The agent asks for some 3 s on channel 1, and the caller answers on channel 0 from second 4."""
    folder = tmp_path_factory.mktemp("dual")
    subprocess.run(["espeak-ng", "-v", "en-gb+f3", "-w", str(folder / "agent.wav"), QUESTION], check=True)
    return write(
        folder / "dual.wav",
        np.concatenate([np.zeros(4 * RATE), caller, np.zeros(RATE)]),
        at_8_khz(folder / "agent.wav"),
    )


def test_the_callers_channel_alone_is_transcribed_and_the_agents_says_when(engine, dual):
    shares: list[float] = []
    heard = engine.hear(dual, language="en-IN", caller_channel=0, on_progress=shares.append)
    text = " ".join(line.text for line in heard.lines)
    assert {line.speaker for line in heard.lines} == {"caller"}
    assert "Bangalore" in text
    assert "morning" in text.lower()
    assert "live" not in text.lower()
    assert heard.lines[0].start_s == pytest.approx(4, abs=0.5)
    assert heard.agent_spans[0][0] < 1 < heard.agent_spans[-1][1] < 4
    assert (heard.language, heard.dropped) == ("en", ())
    assert heard.audio_s == pytest.approx(audio.probe(dual).duration_s)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_both_channels_are_heard_in_order_across_the_blocks_edges(engine, dual, monkeypatch):
    monkeypatch.setattr(tracks, "BLOCK_S", 5.0)  # the caller is in the middle of a sentence
    heard = engine.hear(dual, language="en", caller_channel=0, staff_from_s=0.0)
    texts = {who: " ".join(line.text for line in heard.lines if line.speaker == who) for who in ("staff", "caller")}
    assert heard.lines[0].speaker == "staff"
    assert "live" in texts["staff"]
    assert {"apartment", "Bangalore", "tomorrow"} <= set(texts["caller"].replace(".", "").replace(",", "").split())
    assert heard.agent_spans == ()


def test_staff_are_heard_from_when_they_take_the_agents_place(engine, dual, caller, tmp_path, monkeypatch):
    monkeypatch.setattr(tracks, "BLOCK_S", 5.0)
    agent = audio.read_channels(dual)[1][:: audio.RATE // RATE]
    taken_s = 4 + caller.size / RATE + 2
    ours = np.concatenate([agent[: 4 * RATE], np.zeros(round((taken_s - 4) * RATE)), agent[: 4 * RATE]])
    path = write(tmp_path / "handed-over.wav", np.concatenate([np.zeros(4 * RATE), caller]), ours)
    heard = engine.hear(path, language="en", caller_channel=0, staff_from_s=taken_s - 1)
    by_staff = [line for line in heard.lines if line.speaker == "staff"]
    assert "live" in " ".join(line.text for line in by_staff)
    assert by_staff[0].start_s == pytest.approx(taken_s, abs=0.6)
    assert {line.speaker for line in heard.lines} == {"caller", "staff"}
    assert heard.agent_spans[-1][1] < 4.5
    late = engine.hear(path, language="en", caller_channel=0, staff_from_s=10_000)
    assert {line.speaker for line in late.lines} == {"caller"}


def test_one_channel_is_one_unknown_speaker_heard_after_a_long_silence(engine, caller, tmp_path):
    quiet = np.random.default_rng(1).normal(0, 0.001, 20 * RATE)
    path = write(tmp_path / "late.wav", np.concatenate([quiet, caller, quiet[: 3 * RATE]]))
    heard = engine.hear(path, language=None, caller_channel=1)
    assert heard.language == "en"
    assert {line.speaker for line in heard.lines} == {"unknown"}
    assert "Bangalore" in " ".join(line.text for line in heard.lines)
    assert heard.lines[0].start_s == pytest.approx(20, abs=0.6)
    assert max(line.end_s for line in heard.lines) < 20 + caller.size / RATE + 0.5


def seconds(length: float) -> np.ndarray:
    return np.arange(int(RATE * length)) / RATE


def tones(*hertz: int, length: float) -> np.ndarray:
    return sum(np.sin(2 * np.pi * one * seconds(length)) for one in hertz) * 0.08


NOBODY = {
    "silence": np.zeros(8 * RATE),
    "comfort noise": np.random.default_rng(2).normal(0, 0.003, 8 * RATE),
    "loud noise": np.random.default_rng(3).normal(0, 0.05, 8 * RATE),
    "ring tone": np.tile(np.concatenate([tones(400, 450, length=0.4), np.zeros(1_600)] * 2 + [np.zeros(16_000)]), 3),
    "hold music": np.concatenate([tones(a, a * 5 // 4, a * 3 // 2, length=0.7) for a in (262, 294, 330, 349)] * 3),
}


@pytest.mark.parametrize("kind", NOBODY)
def test_where_nobody_speaks_nothing_is_heard_and_no_model_is_loaded(kind, tmp_path):
    path = write(tmp_path / "nobody.wav", NOBODY[kind])
    heard = WhisperEngine("no-such-model").hear(path, language=None, caller_channel=None)
    assert (heard.lines, heard.dropped, heard.confidence, heard.language) == ((), (), 0.0, None)


def by_telephone(samples: np.ndarray) -> np.ndarray:
    """What is left of a voice between 300 and 3,400 Hz."""
    spectrum, hertz = np.fft.rfft(samples), np.fft.rfftfreq(samples.size, 1 / RATE)
    return np.fft.irfft(np.where((hertz < 300) | (hertz > 3_400), 0, spectrum), samples.size)


def test_who_knows_the_question_hears_its_answer_better(engine, tmp_path):
    subprocess.run(["espeak-ng", "-s", "150", "-w", str(tmp_path / "wide.wav"), "I want three bedrooms."], check=True)
    path = write(tmp_path / "narrow.wav", np.pad(by_telephone(at_8_khz(tmp_path / "wide.wav")), RATE))
    untold, told = (
        " ".join(line.text for line in engine.hear(path, language="en", caller_channel=None, hint=hint).lines)
        for hint in ("", "How many bedrooms do you need?")
    )
    assert "bedroom" not in untold
    assert told == "I want three bedrooms."


def test_whoever_watches_the_progress_may_stop_it(engine, dual):
    def lost(share: float) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        engine.hear(dual, language="en", caller_channel=0, on_progress=lost)


def test_a_probe_tells_what_the_file_holds_and_not_what_its_header_promises(dual, tmp_path):
    whole = audio.probe(dual)
    assert (whole.channels, whole.sample_rate) == (2, RATE)
    cut = tmp_path / "cut.wav"
    cut.write_bytes(dual.read_bytes()[: 44 + 4 * RATE])
    assert audio.probe(cut) == Sound(2, 1.0, RATE)
    assert audio.glimpse(cut) == Sound(2, 0.0, RATE)


def test_peaks_show_each_channel_beside_the_loudest(tmp_path):
    late = np.concatenate([np.zeros(RATE * 11 // 10), np.full(RATE * 9 // 10, 0.5)])
    path = write(tmp_path / "steps.wav", late, late[::-1] / 2)
    shown = np.array(audio.peaks(path, columns=4))
    assert shown.max() == 100
    # The resampler rings a little where the sound begins.
    assert np.abs(shown - [[0, 0, 90, 90], [45, 45, 0, 0]]).max() <= 10


def test_peaks_of_silence_are_flat(tmp_path):
    assert audio.peaks(write(tmp_path / "quiet.wav", np.zeros(RATE)), columns=3) == [[0, 0, 0]]


def test_what_is_no_recording_has_neither_probe_nor_peaks(tmp_path):
    path = tmp_path / "page.wav"
    path.write_bytes(b"<html>" * 100)
    sentence = f"{path} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."
    for read in (audio.probe, audio.peaks, audio.glimpse):
        with pytest.raises(SttError) as refusal:
            read(path)
        assert str(refusal.value) == sentence
