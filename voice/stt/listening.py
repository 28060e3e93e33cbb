"""Whisper on the stretches in which somebody speaks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from voice.stt import activity, gates, windows
from voice.stt.audio import RATE
from voice.stt.lines import Dropped, Line, Word, dropped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice.stt.activity import Probabilities
    from voice.stt.audio import Samples
    from voice.stt.lines import Speaker
    from voice.stt.windows import Window

LANGUAGES = ("en", "hi")
SPEECH = activity.Listening(pause_s=1.0)
PAD_S = 0.7
LONGEST_S = 29.5  # a window of Whisper's is 30 s
LOOP_TOKENS = 5
# How Whisper's vocabulary spells the first bytes of Arabic letters, in which it would write Hindi as Urdu.
ARABIC = frozenset("ØÙÚÛ")


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a recording: its samples, how likely each frame is speech, its beginning in seconds, its speaker."""

    samples: Samples
    likely: Probabilities
    offset_s: float
    speaker: Speaker

    def voice(self, words: list[Word]) -> float:
        """How likely somebody speaks where the words are, 0 to 1: the best half of it, for words end late."""
        first, last = ((moment - self.offset_s) / activity.FRAME_S for moment in (words[0].start_s, words[-1].end_s))
        under = np.sort(self.likely[max(0, int(first)) : int(last) + 1])
        return float(under[under.size // 2 :].mean()) if under.size else 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A word in its place, the line it belongs to, and what Whisper says of that line."""

    word: Word
    line: tuple[int, int]
    confidence: float
    no_speech: float


@dataclass(slots=True)
class Listener:
    """Gathers what is heard; the language is the one given, or detected where somebody first speaks."""

    model: Callable[[], Any]
    given: str | None
    hint: str = ""
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
            yield sound.offset_s + window.pieces[-1].end_s
        yield sound.offset_s + length_s

    def _hear(self, sound: Sound, window: Window) -> None:
        samples = window.samples(sound.samples)
        model = self.model()
        if self.language is None:
            self.language = detected(model, samples)
        segments = self._segments(model, samples)
        said = [word for segment in segments for word in _placed(segment, window, sound)]
        looped = set(gates.loops([one.word.text for one in said]))
        self._drop([one.word for number, one in enumerate(said) if number in looped], "loop")
        for _key, group in groupby((one for n, one in enumerate(said) if n not in looped), key=lambda one: one.line):
            self._judge(list(group), sound)

    def _segments(self, model: Any, samples: Samples) -> list[Any]:
        found = self._transcribed(model, samples, initial_prompt=self.hint or None)
        words = [word.word for segment in found for word in segment.words]
        # Whisper may write down what it was told, and what follows of that is invented.
        is_echo = bool(self.hint) and gates.plain(self.hint) in gates.plain("".join(words))
        if gates.loops(words):
            # A second try that may not repeat itself, in place of Whisper's own, which draws lots.
            again = self._transcribed(model, samples, no_repeat_ngram_size=LOOP_TOKENS)
            return again if again or is_echo else found
        return self._transcribed(model, samples) if is_echo else found

    def _transcribed(self, model: Any, samples: Samples, **options: Any) -> list[Any]:
        segments, _info = model.transcribe(
            samples,
            language=self.language if model.model.is_multilingual else None,
            beam_size=5,
            temperature=0.0,  # the same recording gives the same words
            word_timestamps=True,
            # Its own mistakes, fed back to it, become loops; and a sentence that was said before is then left out.
            condition_on_previous_text=False,
            suppress_tokens=[-1, *_not_written(model, self.language)],
            **options,
        )
        return list(segments)

    def _judge(self, said: list[Said], sound: Sound) -> None:
        words = [one.word for one in said]
        doubts = gates.Doubts(said[0].no_speech, sound.voice(words), gates.sureness(words))
        code = "hint" if self._is_hint(words) else gates.gate(words, doubts)
        if code:
            self._drop(words, code)
        else:
            self.lines.append(_line(sound.speaker, words, said[0].confidence))

    def _is_hint(self, words: list[Word]) -> bool:
        """Whether this is the agent's own voice on the line."""
        return bool(self.hint) and gates.plain(_text(words)) == gates.plain(self.hint)

    def _drop(self, words: list[Word], code: str) -> None:
        if words:
            self.dropped.append(dropped(_text(words), words[0].start_s, words[-1].end_s, code))


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


def _not_written(model: Any, language: str | None) -> list[int]:
    if language != "hi":
        return []
    return [number for token, number in model.hf_tokenizer.get_vocab().items() if ARABIC & set(token)]


def _placed(segment: Any, window: Window, sound: Sound) -> Iterator[Said]:
    """The words of one of Whisper's segments, which is a line for each stretch of speech that it spans."""
    confidence = min(1.0, math.exp(segment.avg_logprob))
    for word in segment.words:
        piece, start, end = window.place(float(word.start), float(word.end))
        placed = Word(word.word, start + sound.offset_s, end + sound.offset_s, float(word.probability))
        yield Said(placed, (segment.id, piece), confidence, float(segment.no_speech_prob))


def _line(speaker: Speaker, words: list[Word], confidence: float) -> Line:
    stripped = tuple(Word(word.text.strip(), word.start_s, word.end_s, word.confidence) for word in words)
    return Line(speaker, words[0].start_s, words[-1].end_s, _text(words), confidence, stripped)


def _text(words: list[Word]) -> str:
    return "".join(word.text for word in words).strip()
