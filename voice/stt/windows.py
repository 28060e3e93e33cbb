"""Speech packed into the 30 seconds that Whisper hears at a time, and its times brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voice.stt.audio import RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.stt.activity import Span
    from voice.stt.audio import Samples


EDGE_S = 0.2  # before the voice activity hears it a word may begin, and end after


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a recording, in seconds: somebody speaks in `voice`, and its surroundings are heard as well."""

    start_s: float
    end_s: float
    voice: Span

    @property
    def length_s(self) -> float:
        """How long it is, in seconds."""
        return self.end_s - self.start_s

    def held(self, moment_s: float) -> float:
        """A moment of a word in it; Whisper draws the first and the last word of a window out into the silence."""
        first, last = self.voice
        return min(max(moment_s, self.start_s, first - EDGE_S), self.end_s, last + EDGE_S)


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of a recording, laid end to end."""

    pieces: tuple[Piece, ...]

    def samples(self, recording: Samples) -> Samples:
        """The window's sound out of a 16 kHz recording."""
        return np.concatenate([recording[round(one.start_s * RATE) : round(one.end_s * RATE)] for one in self.pieces])

    def place(self, start_s: float, end_s: float) -> tuple[int, float, float]:
        """A word of the window in the recording: its piece's number, its times. The piece is the one of its middle."""
        middle = (start_s + end_s) / 2
        before = 0.0
        for number, piece in enumerate(self.pieces):
            if middle < before + piece.length_s or number == len(self.pieces) - 1:
                begins, ends = (piece.held(piece.start_s + moment - before) for moment in (start_s, end_s))
                return number, begins, ends
            before += piece.length_s
        raise ValueError("a window without pieces")


def padded(spans: Sequence[Span], pad_s: float, length_s: float) -> list[Piece]:
    """Each span with up to `pad_s` seconds of its surroundings; neighbours share what is too little for both."""
    found = []
    for number, (start, end) in enumerate(spans):
        before = (spans[number - 1][1] + start) / 2 if number else 0.0
        after = (end + spans[number + 1][0]) / 2 if number + 1 < len(spans) else length_s
        found.append(Piece(max(start - pad_s, before), min(end + pad_s, after), (start, end)))
    return found


def packed(pieces: Sequence[Piece], longest_s: float) -> list[Window]:
    """The pieces in windows of at most `longest_s` seconds; only a piece longer than that stands beyond it, alone."""
    windows: list[Window] = []
    filling: list[Piece] = []
    room = longest_s
    for piece in pieces:
        if filling and piece.length_s > room:
            windows.append(Window(tuple(filling)))
            filling, room = [], longest_s
        filling.append(piece)
        room -= piece.length_s
    if filling:
        windows.append(Window(tuple(filling)))
    return windows
