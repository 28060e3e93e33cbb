"""Speech to text with faster-whisper, on this machine's own processor."""

from __future__ import annotations

import logging
import math
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voice.stt import audio as sound
from voice.stt.errors import SttError
from voice.stt.lines import Heard, Word
from voice.stt.tracks import Wanted, hear

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")
CURE = "set WHISPER_MODEL to a folder with a CTranslate2 Whisper model"

# Keyed by process as well: a model that crossed a fork has lost its threads and would wait for them for ever.
# The parent's entry stays in the child on purpose, because freeing it waits for the same threads.
_models: dict[tuple[int, str, str, str], Any] = {}
_locks: dict[int, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech that Whisper wrote down in one go; times in seconds."""

    start_s: float
    end_s: float
    text: str
    confidence: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. Without speech: no text, no segments, confidence 0.0.

    `confidence` is 0 to 1, the mean of the segments' by duration. `language` is an ISO 639-1 code,
    None where nothing was said and none was given.
    """

    text: str
    confidence: float
    language: str | None
    segments: tuple[Segment, ...]


class WhisperEngine:
    """A Whisper model by name or folder; loaded at the first transcription, once per process."""

    def __init__(self, model_name: str | Path = "base", device: str = "cpu", compute_type: str = "int8") -> None:
        self.model_name = str(model_name)
        self.device = device
        self.compute_type = compute_type

    def transcribe(
        self, audio: npt.ArrayLike | Path, sample_rate: int = sound.RATE, language: str | None = None
    ) -> tuple[str, float]:
        """The text and its confidence, 0 to 1; ("", 0.0) when nobody speaks. Arguments as for `segments`."""
        transcript = self.segments(audio, sample_rate, language)
        return transcript.text, transcript.confidence

    def segments(
        self, audio: npt.ArrayLike | Path, sample_rate: int = sound.RATE, language: str | None = None
    ) -> Transcript:
        """Transcribe with word times.

        `audio` is a path (str or Path), or samples at `sample_rate` Hz. `language` ("en", "hi-IN") is detected
        when None. Raises SttError when the recording or the model cannot be used.
        """
        samples = _samples(audio, sample_rate)
        if samples.size == 0:
            return Transcript("", 0.0, language, ())
        model = _model(self.model_name, self.device, self.compute_type)
        known = language.partition("-")[0].lower() if language and model.model.is_multilingual else None
        heard, info = model.transcribe(
            samples,
            language=known,
            beam_size=5,
            vad_filter=True,
            word_timestamps=True,
            # Its own mistakes, fed back to it, become loops on telephone audio.
            condition_on_previous_text=False,
        )
        found = tuple(_segment(segment) for segment in heard)
        text = " ".join(segment.text for segment in found)
        return Transcript(text, _confidence(found), info.language if found else language, found)

    def hear(
        self,
        path: Path,
        *,
        language: str | None,
        caller_channel: int | None,
        both: bool = False,
        on_progress: Callable[[float], None] | None = None,
    ) -> Heard:
        """Hear a whole recording, in memory that does not grow with its length.

        Of several channels only `caller_channel` (from 0) is transcribed, and the others only say where the agent
        speaks; with `both` each is transcribed. One channel, or several of which nobody knows whose they are, are heard
        as one unknown speaker. `language` ("en-IN", "hi") is detected among English and Hindi when None.
        `on_progress` gets 0 to 1 every few seconds, and what it raises ends the hearing. Raises SttError when the
        recording or the model cannot be used.
        """
        wanted = Wanted(language, caller_channel, both, on_progress or _nothing)
        return hear(path, lambda: _model(self.model_name, self.device, self.compute_type), wanted)


def _nothing(share: float) -> None:
    del share


def _samples(audio: npt.ArrayLike | Path, sample_rate: int) -> sound.Samples:
    if isinstance(audio, str | Path):
        mixed: sound.Samples = sound.read_channels(Path(audio)).mean(axis=0)
        return mixed
    return sound.mono(audio, sample_rate)


def _segment(segment: Any) -> Segment:
    # The library's times are NumPy scalars, which print badly and pickle large.
    words = tuple(
        Word(word.word.strip(), float(word.start), float(word.end), float(word.probability)) for word in segment.words
    )
    confidence = min(1.0, math.exp(segment.avg_logprob))
    return Segment(float(segment.start), float(segment.end), segment.text.strip(), confidence, words)


def _confidence(segments: tuple[Segment, ...]) -> float:
    # A segment may have no length at all, and still counts.
    weights = [max(segment.end_s - segment.start_s, 0.01) for segment in segments]
    total = sum(weights)
    return sum(s.confidence * w for s, w in zip(segments, weights, strict=True)) / total if total else 0.0


def _model(name: str, device: str, compute_type: str) -> Any:
    pid = os.getpid()
    key = (pid, name, device, compute_type)
    with _locks.setdefault(pid, threading.Lock()):
        if key not in _models:
            _models[key] = _load(name, device, compute_type)
        return _models[key]


def _load(name: str, device: str, compute_type: str) -> Any:
    import faster_whisper  # noqa: PLC0415 -- slow, and the web process never transcribes

    # Three lines a recording, which tell its length and nothing that the transcript does not.
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    folder = _folder(name)
    try:
        # More threads scale badly on small models: more processes do better.
        return faster_whisper.WhisperModel(folder, device=device, compute_type=compute_type, cpu_threads=1)
    except (RuntimeError, ValueError) as error:
        raise SttError(f"The Whisper model in {folder} cannot be loaded ({error}); {CURE}.") from error


def _folder(name: str) -> str:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return _fetched(name)
    missing = [file for file in MODEL_FILES if not (folder / file).is_file()]
    if missing:
        raise SttError(f"The folder {folder} lacks {', '.join(missing)}; {CURE}.")
    return str(folder)


def _fetched(name: str) -> str:
    """The folder of a model known by name: from the local cache, else downloaded into it."""
    from faster_whisper.utils import download_model  # noqa: PLC0415 -- slow, and the web process never transcribes

    try:
        return str(download_model(name, local_files_only=True))
    except (OSError, ValueError):
        pass
    try:
        return str(download_model(name))
    except (OSError, ValueError, RuntimeError) as error:
        raise SttError(
            f"The Whisper model {name} is no folder, not in the cache and cannot be downloaded; {CURE}."
        ) from error
