"""Speech to text with faster-whisper, on this machine's own processor."""

from __future__ import annotations

import logging
import os
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voice.stt import audio as sound
from voice.stt.activity import probabilities
from voice.stt.errors import SttError
from voice.stt.lines import Heard, Line, Word, mean_confidence
from voice.stt.listening import Listener, Sound
from voice.stt.tracks import Wanted, hear
from voice.stt.weights import CURE, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

HUB_S = 5.0
"""Seconds that the home of the models may take to answer."""

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

    def load(self) -> None:
        """Load the weights now, and not at the first speech. Raises SttError when they cannot be used."""
        self._model()

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

        `audio` is a path (str or Path), or samples at `sample_rate` Hz. `language` ("en", "hi-IN") is detected among
        English and Hindi when None. Raises SttError when the recording or the model cannot be used.
        """
        if isinstance(audio, str | Path):
            heard = self.hear(Path(audio), language=language, caller_channel=None)
            return _transcript(heard.lines, heard.language)
        samples = sound.mono(audio, sample_rate)
        listener = Listener(self._model, language)
        for _heard_s in listener.listen(Sound(samples, probabilities(samples), 0.0, "unknown")):
            pass  # one utterance, which is not told of while it is heard
        return _transcript(listener.lines, listener.language)

    def hear(
        self,
        path: Path,
        *,
        language: str | None,
        caller_channel: int | None,
        staff_from_s: float | None = None,
        hint: str = "",
        on_progress: Callable[[float], None] | None = None,
    ) -> Heard:
        """Hear a whole recording, in memory that does not grow with its length.

        Of several channels only `caller_channel` (from 0) is transcribed, and the others only say where the agent
        speaks; from `staff_from_s` on, in seconds, people of ours are there in its place, and are transcribed as well.
        One channel, or several of which nobody knows whose they are, are heard as one unknown speaker; where staff
        speak from the beginning, each of those channels as one. `language` ("en-IN", "hi") is detected among English
        and Hindi when None. `hint` is what was said right before, such as the question that is answered: it makes like
        words likelier. `on_progress` gets 0 to 1 every few seconds, and what it raises ends the hearing. Raises
        SttError when the recording or the model cannot be used.
        """
        wanted = Wanted(language, caller_channel, staff_from_s, on_progress or _nothing, hint)
        return hear(path, self._model, wanted)

    def _model(self) -> Any:
        return _model(self.model_name, self.device, self.compute_type)


def _nothing(share: float) -> None:
    del share


def _transcript(lines: Sequence[Line], language: str | None) -> Transcript:
    found = tuple(Segment(line.start_s, line.end_s, line.text, line.confidence, line.words) for line in lines)
    return Transcript(" ".join(line.text for line in lines), mean_confidence(lines), language, found)


def _model(name: str, device: str, compute_type: str) -> Any:
    pid = os.getpid()
    key = (pid, name, device, compute_type)
    with _locks.setdefault(pid, threading.Lock()):
        if key not in _models:
            _models[key] = _load(name, device, compute_type)
        return _models[key]


def _load(name: str, device: str, compute_type: str) -> Any:
    from voice.stt.model import Whisper  # noqa: PLC0415 -- slow, and the web process never transcribes

    # Three lines a recording, which tell its length and nothing that the transcript does not.
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    folder = _folder(name)
    try:
        # More threads scale badly on small models: more processes do better.
        return Whisper(folder, device=device, compute_type=compute_type, cpu_threads=1)
    except (RuntimeError, ValueError) as error:
        raise SttError(f"The Whisper model in {folder} cannot be loaded ({error}); {CURE}.") from error


def _folder(name: str) -> str:
    folder = Path(name).expanduser()
    with suppress(PermissionError):  # a fault of its own
        if not folder.is_dir():
            return _fetched(name)
    if fault := fault_of(name):
        raise SttError(f"{fault}; {CURE}.")
    return str(folder)


def _require_hub() -> None:
    """Ask whether the home of the models answers: the download has no time limit of its own.

    :raises OSError: it does not.
    """
    from huggingface_hub.constants import ENDPOINT  # noqa: PLC0415 -- as below

    asked = urllib.request.Request(ENDPOINT, method="HEAD")  # noqa: S310 -- the operator's own setting
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(asked, timeout=HUB_S):  # noqa: S310 -- as above
        pass


def _fetched(name: str) -> str:
    """The folder of a model known by name: from the local cache, else downloaded into it."""
    from faster_whisper.utils import download_model  # noqa: PLC0415 -- slow, and the web process never transcribes

    try:
        return str(download_model(name, local_files_only=True))
    except (OSError, ValueError):
        pass
    try:
        _require_hub()
        return str(download_model(name))
    except (OSError, ValueError, RuntimeError) as error:
        raise SttError(
            f"The Whisper model {name} is no folder, not in the cache and cannot be downloaded; {CURE}."
        ) from error
