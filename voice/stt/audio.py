"""Recordings and samples, brought to the form Whisper hears: 16 kHz float32, -1 to 1."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt

from voice.stt.errors import SttError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

RATE = 16_000  # Hz, the only rate that Whisper knows
MOST_CHANNELS = 8  # PyAV crashes the process on planar samples of more
LOWEST_RATE = 4_000  # Hz; a damaged header that says 1 Hz would fill the memory
MINUTE = 60  # seconds fed to the resampler at a time

# A playlist or a concat script is "audio" to FFmpeg too, and would make it open other files and addresses.
OPEN_OPTIONS = {
    "format_whitelist": "wav,mp3,flac,ogg,mov,matroska,aac,amr,aiff,au,caf",
    "protocol_whitelist": "file",
}


def read_channels(path: Path) -> Samples:
    """The recording at `path` as 16 kHz samples, shape (channels, frames).

    Raises SttError when the file is missing, unreadable, or holds no sound.
    """
    _require_file(path)
    try:
        # Absolute, because FFmpeg takes what stands before a colon for a protocol.
        with av.open(str(path.resolve()), options=OPEN_OPTIONS, metadata_errors="ignore") as container:
            chunks = list(_resampled(_frames(container)))
    except OSError as error:
        raise SttError(f"{path} cannot be opened ({error.strerror}); check its permissions.") from error
    except (av.FFmpegError, ValueError) as error:
        raise SttError(f"{path} is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file.") from error
    if not chunks:
        raise SttError(f"{path} holds no sound; export it again as WAV or MP3.")
    return np.concatenate(chunks, axis=1)


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
