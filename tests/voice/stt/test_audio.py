"""Recordings and samples become 16 kHz mono, and what is none is refused with a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from voice.stt.audio import mono, read_channels
from voice.stt.errors import SttError

EDGE = slice(160, -160)  # samples; a filter rings where a tone begins and ends


def tone(hertz: int, rate: int, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate) / 2


def loudest_hertz(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / samples.size)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_and_length_at_any_rate(rate):
    resampled = mono(tone(440, rate), rate)
    assert resampled.size == pytest.approx(16_000, abs=20)
    assert loudest_hertz(resampled) == pytest.approx(440, abs=1)


def test_a_tone_above_8_khz_vanishes_instead_of_folding_back():
    assert np.abs(mono(tone(12_000, 44_100), 44_100)[EDGE]).max() < 0.01


def test_a_recording_longer_than_a_minute_stays_in_one_piece():
    resampled = mono(tone(440, 8_000, seconds=61), 8_000)
    assert resampled.size == pytest.approx(61 * 16_000, abs=20)
    assert np.abs(np.diff(resampled[EDGE])).max() < 0.1  # a seam would jump


def test_integers_and_floats_are_the_same_sound():
    floats = np.array([0.0, 0.5, -0.5, -1.0])
    wanted = floats.astype(np.float32).tolist()
    assert mono(floats, 16_000).tolist() == wanted
    assert mono((floats * 2**15).astype(np.int16), 16_000).tolist() == wanted
    assert mono((floats * 2**31).astype(np.int32), 16_000).tolist() == wanted


@pytest.mark.parametrize("turned", [False, True])
def test_channels_are_mixed_whichever_axis_holds_them(turned):
    stereo = np.stack([np.full(5, 0.5), np.zeros(5)])
    assert mono(stereo.T if turned else stereo, 16_000).tolist() == [0.25] * 5


@pytest.mark.parametrize(
    ("samples", "rate", "sentence"),
    [
        (np.zeros((2, 2, 2)), 16_000, "Samples need one axis (mono) or two (channels), not 3; select one recording."),
        ([0.0, np.nan], 16_000, "Samples must be finite floats or signed integers, not float64; decode them first."),
        (b"RIFF", 16_000, "Samples need one axis (mono) or two (channels), not 0; select one recording."),
        (
            np.zeros(4, np.uint8),
            8_000,
            "Samples must be finite floats or signed integers, not uint8; decode them first.",
        ),
        ([0.0], 0, "Speech needs 4000 Hz or more, not 0 Hz; give the recording's own rate."),
    ],
)
def test_samples_that_are_no_sound_are_refused(samples, rate, sentence):
    with pytest.raises(SttError) as refusal:
        mono(samples, rate)
    assert str(refusal.value) == sentence


def test_both_channels_of_a_recording_are_kept(encoded):
    left, right = read_channels(encoded("stereo.wav", "pcm_s16le", 44_100, "stereo"))
    assert left.size == right.size > 16_000
    assert np.abs(left).max() > 0.1
    assert np.allclose(left, right)


def test_a_colon_in_a_file_name_is_no_protocol(speech, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path("http:call.wav")
    shutil.copy(speech, path)
    assert np.array_equal(read_channels(path), read_channels(speech))


def test_a_cut_recording_is_read_as_far_as_it_goes(speech, tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(speech.read_bytes()[:50_000])
    assert 16_000 < read_channels(path).size < read_channels(speech).size


# The last one is a playlist, by which a recording could name other files of this machine.
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "{} is empty; download or record it again."),
        (b"Dear Sir,\n" * 100, "{} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."),
        (bytes(range(256)) * 50, "{} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."),
        (b"RIFF\x24\0\0\0WAVEfmt ", "{} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."),
        (
            b"ffconcat version 1.0\nfile speech.wav\n",
            "{} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file.",
        ),
    ],
)
def test_a_file_that_is_no_recording_is_refused(content, sentence, speech, tmp_path):
    shutil.copy(speech, tmp_path / "speech.wav")
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(SttError) as refusal:
        read_channels(path)
    assert str(refusal.value) == sentence.format(path)


@pytest.mark.parametrize(("offset", "damage"), [(22, b"\x2f\x00"), (24, b"\x01\x00\x00\x00")])
def test_a_header_with_47_channels_or_1_hz_is_refused_and_crashes_nothing(speech, tmp_path, offset, damage):
    path = tmp_path / "damaged.wav"
    content = bytearray(speech.read_bytes())
    content[offset : offset + len(damage)] = damage
    path.write_bytes(content)
    with pytest.raises(SttError) as refusal:
        read_channels(path)
    assert str(refusal.value) == f"{path} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."


def test_a_recording_without_a_single_sample_is_refused(speech, tmp_path):
    path = tmp_path / "header.wav"
    path.write_bytes(speech.read_bytes()[:44])
    with pytest.raises(SttError) as refusal:
        read_channels(path)
    assert str(refusal.value) == f"{path} holds no sound; export it again as WAV or MP3."


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(SttError) as missing:
        read_channels(tmp_path / "none.wav")
    with pytest.raises(SttError) as folder:
        read_channels(tmp_path)
    assert [str(missing.value), str(folder.value)] == [
        f"There is no file {tmp_path / 'none.wav'}; check the name.",
        f"{tmp_path} is a folder; give one recording.",
    ]
