"""Whisper on the stretches in which somebody speaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voice.stt import activity, windows
from voice.stt.audio import RATE
from voice.stt.lines import Dropped, Line, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice.stt.activity import Probabilities
    from voice.stt.audio import Samples
    from voice.stt.lines import Speaker
    from voice.stt.windows import Window

LANGUAGES = ("en", "hi")
SPEECH = activity.Listening(pause_s=0.5)
PAD_S = 0.4
LONGEST_S = 29.5  # a window of Whisper's is 30 s


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a recording: its samples, how likely each frame is speech, its beginning in seconds, its speaker."""

    samples: Samples
    likely: Probabilities
    offset_s: float
    speaker: Speaker


@dataclass(slots=True)
class Listener:
    """Gathers what is heard; the language is the one given, or detected where somebody first speaks."""

    model: Callable[[], Any]
    given: str | None
    lines: list[Line] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    language: str | None = None

    def __post_init__(self) -> None:
        self.language = primary(self.given)

    def listen(self, sound: Sound) -> Iterator[float]:
        """Hear one stretch, and yield up to which second of the recording it is heard, window by window."""
        length_s = sound.samples.size / RATE
        pieces = windows.padded(activity.spans(sound.likely, SPEECH), PAD_S, length_s)
        for window in windows.packed(pieces, LONGEST_S):
            self._hear(sound, window)
            yield sound.offset_s + window.pieces[-1][1]
        yield sound.offset_s + length_s

    def _hear(self, sound: Sound, window: Window) -> None:
        samples = window.samples(sound.samples)
        model = self.model()
        if self.language is None:
            self.language = detected(model, samples)
        found, _info = model.transcribe(
            samples,
            language=self.language if model.model.is_multilingual else None,
            beam_size=5,
            word_timestamps=True,
            # Its own mistakes, fed back to it, become loops on telephone audio.
            condition_on_previous_text=False,
        )
        for segment in found:
            self.lines += _lines(segment, window, sound)


def primary(language: str | None) -> str | None:
    """Whisper's name of a language: "en" of "en-IN"; None of none."""
    return language.partition("-")[0].lower() if language else None


def detected(model: Any, samples: Samples) -> str:
    """English or Hindi, whichever is likelier: Whisper takes Hindi for Urdu, Nepali and others."""
    if not model.model.is_multilingual:
        return LANGUAGES[0]
    _language, _probability, every = model.detect_language(samples)
    likely = dict(every)
    return max(LANGUAGES, key=lambda language: likely.get(language, 0.0))


def _lines(segment: Any, window: Window, sound: Sound) -> list[Line]:
    """A segment of Whisper's as a line for each stretch of speech that it spans: silence between them was left out."""
    by_piece: dict[int, list[Word]] = {}
    for word in segment.words:
        piece, start, end = window.place(float(word.start), float(word.end))
        placed = Word(word.word, start + sound.offset_s, end + sound.offset_s, float(word.probability))
        by_piece.setdefault(piece, []).append(placed)
    confidence = min(1.0, math.exp(segment.avg_logprob))
    return [_line(sound.speaker, words, confidence) for words in by_piece.values()]


def _line(speaker: Speaker, words: list[Word], confidence: float) -> Line:
    text = "".join(word.text for word in words).strip()
    stripped = tuple(Word(word.text.strip(), word.start_s, word.end_s, word.confidence) for word in words)
    return Line(speaker, words[0].start_s, words[-1].end_s, text, confidence, stripped)
