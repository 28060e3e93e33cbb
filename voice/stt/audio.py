"""Recordings and samples, brought to the form Whisper hears: 16 kHz float32, -1 to 1."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt

from voice.stt.errors import SttError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

RATE = 16_000  # Hz, the only rate that Whisper knows
MOST_CHANNELS = 8  # PyAV crashes the process on planar samples of more
LOWEST_RATE = 4_000  # Hz; a damaged header that says 1 Hz would fill the memory
MINUTE = 60  # seconds fed to the resampler at a time

PEAK_FLOOR = 0.05  # of full scale; what is quieter than this all along is drawn as quiet

# A playlist or a concat script is "audio" to FFmpeg too, and would make it open other files and addresses.
OPEN_OPTIONS = {
    "format_whitelist": "wav,mp3,flac,ogg,mov,matroska,aac,amr,aiff,au,caf",
    "protocol_whitelist": "file",
}


@dataclass(frozen=True, slots=True)
class Sound:
    """What a recording is: its channels, its length in seconds, its rate in Hz."""

    channels: int
    duration_s: float
    sample_rate: int


def probe(path: Path) -> Sound:
    """Decode the whole recording at `path` and say what it is: a header may promise what the file does not hold.

    Raises SttError when the file is missing, unreadable, or holds no sound.
    """
    channels = rate = 0
    length_s = 0.0
    with _reading(path) as container:
        for frame in _frames(container):
            channels, rate = channels or frame.layout.nb_channels, rate or frame.sample_rate
            length_s += frame.samples / frame.sample_rate
    if not length_s:
        raise _no_sound(path)
    return Sound(channels, round(length_s, 6), rate)


def glimpse(path: Path) -> Sound:
    """What the recording at `path` is by its first samples, at once; its length is not known so soon, and 0.

    Raises SttError as `probe`.
    """
    with _reading(path) as container:
        for frame in _frames(container):
            return Sound(frame.layout.nb_channels, 0.0, frame.sample_rate)
    raise _no_sound(path)


def peaks(path: Path, columns: int = 800, *, sound: Sound | None = None) -> list[list[int]]:
    """The waveform: for each channel, the loudest of each column's share of the time, 0 to 100.

    100 is the loudest moment of the whole recording, so that its channels can be compared. `sound` is what `probe`
    said, where that is known. Raises SttError as `probe`.
    """
    sound = sound or probe(path)
    loudest = np.zeros((sound.channels, columns), np.float32)
    position = 0
    with _reading(path) as container:
        for chunk in _resampled(_frames(container)):
            at = (position + np.arange(chunk.shape[1])) * columns / (sound.duration_s * RATE)
            into = np.minimum(at.astype(np.intp), columns - 1)
            for channel, samples in zip(loudest, np.abs(chunk), strict=True):
                np.maximum.at(channel, into, samples)
            position += chunk.shape[1]
    found: list[list[int]] = np.rint(loudest / max(float(loudest.max()), PEAK_FLOOR) * 100).astype(int).tolist()
    return found


def channel_blocks(path: Path, pick: Callable[[Samples], Samples], block_s: float) -> Iterator[Samples]:
    """What `pick` makes of the channels, as one 16 kHz axis in blocks of about `block_s` seconds.

    `pick` takes samples of shape (channels, frames), so that no more than a block is in memory. Raises SttError as
    `probe`.
    """
    chunks: list[Samples] = []
    frames = 0
    with _reading(path) as container:
        for chunk in _resampled(_frames(container)):
            chunks.append(pick(chunk))
            frames += chunk.shape[1]
            if frames >= block_s * RATE:
                yield np.concatenate(chunks)
                chunks, frames = [], 0
        if chunks:
            yield np.concatenate(chunks)


def read_channels(path: Path) -> Samples:
    """The recording at `path` as 16 kHz samples, shape (channels, frames).

    Raises SttError when the file is missing, unreadable, or holds no sound.
    """
    with _reading(path) as container:
        chunks = list(_resampled(_frames(container)))
    if not chunks:
        raise _no_sound(path)
    return np.concatenate(chunks, axis=1)


@contextmanager
def _reading(path: Path) -> Iterator[InputContainer]:
    _require_file(path)
    try:
        # Absolute, because FFmpeg takes what stands before a colon for a protocol.
        with av.open(str(path.resolve()), options=OPEN_OPTIONS, metadata_errors="ignore") as container:
            yield container
    except OSError as error:
        raise SttError(f"{path} cannot be opened ({error.strerror}); check its permissions.") from error
    except (av.FFmpegError, ValueError) as error:
        raise SttError(f"{path} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file.") from error


def _no_sound(path: Path) -> SttError:
    return SttError(f"{path} holds no sound; export it again as WAV or MP3.")


def mono(samples: npt.ArrayLike, sample_rate: int) -> Samples:
    """Samples (float in -1..1, or integers of any width) at `sample_rate` Hz as 16 kHz mono.

    Of two axes the shorter one is the channels. Raises SttError on any other shape, rate or content.
    """
    if sample_rate < LOWEST_RATE:
        raise SttError(f"Speech needs {LOWEST_RATE} Hz or more, not {sample_rate} Hz; give the recording's own rate.")
    flat = _as_float(np.asarray(samples))
    if sample_rate == RATE or flat.size == 0:
        return flat
    frames = (_mono_frame(chunk, sample_rate) for chunk in _minutes(flat, sample_rate))
    return np.concatenate([chunk[0] for chunk in _resampled(frames)])


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise SttError(f"{path} is a folder; give one recording.")
    if not path.is_file():
        raise SttError(f"There is no file {path}; check the name.")
    if path.stat().st_size == 0:
        raise SttError(f"{path} is empty; download or record it again.")


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    if not container.streams.audio:
        raise ValueError("no audio stream")
    for packet in container.demux(container.streams.audio[0]):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue  # a damaged packet costs its own milliseconds, not the recording
        for frame in frames:
            if frame.layout.nb_channels > MOST_CHANNELS or frame.sample_rate < LOWEST_RATE:
                raise ValueError("a damaged header")
            yield frame


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[Samples]:
    resampler = av.AudioResampler(format="fltp", rate=RATE)
    for frame in chain(frames, [None]):  # None asks for what the filter still holds
        if frame is not None:
            frame.pts = None  # telephone recorders leave gaps in their timestamps
        for out in resampler.resample(frame):
            yield out.to_ndarray().astype(np.float32, copy=False)


def _minutes(samples: Samples, sample_rate: int) -> Iterator[Samples]:
    step = sample_rate * MINUTE
    return (samples[start : start + step] for start in range(0, samples.size, step))


def _mono_frame(samples: Samples, sample_rate: int) -> AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[np.newaxis]), format="fltp", layout="mono")
    frame.sample_rate = sample_rate
    return frame


def _as_float(samples: npt.NDArray[Any]) -> Samples:
    if samples.ndim not in {1, 2}:
        raise SttError(f"Samples need one axis (mono) or two (channels), not {samples.ndim}; select one recording.")
    if np.issubdtype(samples.dtype, np.signedinteger):
        scaled = samples / (float(np.iinfo(samples.dtype).max) + 1)
    elif np.issubdtype(samples.dtype, np.floating) and np.isfinite(samples).all():
        scaled = samples
    else:
        raise SttError(f"Samples must be finite floats or signed integers, not {samples.dtype}; decode them first.")
    if scaled.ndim == 2:
        scaled = scaled.mean(axis=int(np.argmin(scaled.shape)))
    return np.ascontiguousarray(scaled, dtype=np.float32)
