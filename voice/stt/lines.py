"""What was heard in a recording: lines with their words and seconds, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Speaker = Literal["caller", "agent", "staff", "unknown"]
"""Who speaks: the lead, our voice agent, a person of ours, or nobody knows whom."""

SECOND_PLACES = 2
CONFIDENCE_PLACES = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word, with its place in the recording in seconds and its probability 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float

    def as_json(self) -> list[Any]:
        """[text, start, end, confidence], rounded."""
        return [self.text, *_seconds(self.start_s, self.end_s), round(self.confidence, CONFIDENCE_PLACES)]

    @classmethod
    def from_json(cls, data: list[Any]) -> Word:
        """The word that `as_json` wrote."""
        text, start, end, confidence = data
        return cls(text, start, end, confidence)


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of speech of one speaker; times in seconds of the recording, confidence 0 to 1.

    The speaker is unknown where the recording has one channel for both.
    """

    speaker: Speaker
    start_s: float
    end_s: float
    text: str
    confidence: float
    words: tuple[Word, ...]

    def as_json(self) -> dict[str, Any]:
        """The line as the database and the API keep it; seconds and confidence rounded."""
        start, end = _seconds(self.start_s, self.end_s)
        return {
            "speaker": self.speaker,
            "start_s": start,
            "end_s": end,
            "text": self.text,
            "confidence": round(self.confidence, CONFIDENCE_PLACES),
            "words": [word.as_json() for word in self.words],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Line:
        """The line that `as_json` wrote."""
        words = tuple(Word.from_json(word) for word in data["words"])
        return cls(data["speaker"], data["start_s"], data["end_s"], data["text"], data["confidence"], words)


class Dropped(TypedDict):
    """Words that Whisper wrote and nobody said, with the code of the gate that found them; times in seconds."""

    text: str
    start_s: float
    end_s: float
    gate: str


def dropped(text: str, start_s: float, end_s: float, gate: str) -> Dropped:
    """What a gate took out, its seconds rounded as those of a line."""
    start, end = _seconds(start_s, end_s)
    return {"text": text, "start_s": start, "end_s": end, "gate": gate}


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording, heard: lines in the order of their beginnings, and where the agent's channel has a voice.

    `language` is "en" or "hi", None where nobody speaks and none was given. `confidence` is 0 to 1, the lines' mean
    by duration, 0.0 without lines. `audio_s` is the recording's length and `took_s` what hearing it took, in seconds.
    """

    lines: tuple[Line, ...]
    language: str | None
    confidence: float
    dropped: tuple[Dropped, ...]
    agent_spans: tuple[tuple[float, float], ...]
    audio_s: float
    took_s: float


def mean_confidence(lines: Sequence[Line]) -> float:
    """The lines' confidence, 0 to 1, weighted by their duration; 0.0 without lines."""
    # A line may have no length at all, and still counts.
    weights = [max(line.end_s - line.start_s, 0.01) for line in lines]
    total = sum(weights)
    return sum(line.confidence * weight for line, weight in zip(lines, weights, strict=True)) / total if total else 0.0


def _seconds(start_s: float, end_s: float) -> tuple[float, float]:
    return round(start_s, SECOND_PLACES), round(end_s, SECOND_PLACES)
