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


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces of a recording, laid end to end; `pieces` are their places in the recording, in seconds."""

    pieces: tuple[Span, ...]

    @property
    def length_s(self) -> float:
        """What the window holds, in seconds."""
        return sum(end - start for start, end in self.pieces)

    def samples(self, recording: Samples) -> Samples:
        """The window's sound out of a 16 kHz recording."""
        return np.concatenate([recording[round(start * RATE) : round(end * RATE)] for start, end in self.pieces])

    def place(self, start_s: float, end_s: float) -> tuple[int, float, float]:
        """A word of the window in the recording: its piece's number, its times. The piece is the one of its middle."""
        middle = (start_s + end_s) / 2
        before = 0.0
        for number, (start, end) in enumerate(self.pieces):
            if middle < before + end - start or number == len(self.pieces) - 1:
                begins, ends = (min(max(start + moment - before, start), end) for moment in (start_s, end_s))
                return number, begins, ends
            before += end - start
        raise ValueError("a window without pieces")


def padded(spans: Sequence[Span], pad_s: float, length_s: float) -> list[Span]:
    """Each span with up to `pad_s` seconds of its surroundings; neighbours share what is too little for both."""
    found = []
    for number, (start, end) in enumerate(spans):
        before = (spans[number - 1][1] + start) / 2 if number else 0.0
        after = (end + spans[number + 1][0]) / 2 if number + 1 < len(spans) else length_s
        found.append((max(start - pad_s, before), min(end + pad_s, after)))
    return found


def packed(pieces: Sequence[Span], longest_s: float) -> list[Window]:
    """The pieces in windows of at most `longest_s` seconds; only a piece longer than that stands beyond it, alone."""
    windows: list[Window] = []
    filling: list[Span] = []
    room = longest_s
    for start, end in pieces:
        if filling and end - start > room:
            windows.append(Window(tuple(filling)))
            filling, room = [], longest_s
        filling.append((start, end))
        room -= end - start
    if filling:
        windows.append(Window(tuple(filling)))
    return windows
