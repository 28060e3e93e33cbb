"""The voices of one call in files of their own: which channel is whose, and one file of two."""

from __future__ import annotations

import array
import statistics
import sys
import wave
from typing import TYPE_CHECKING, BinaryIO

from voice.stt.errors import SttError

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = 2_000
_CLEARLY = 0.2  # by how much the one channel must resemble the track more than the other
_FRAMES = 65_536  # at a time


def alike(stereo: Path, track: Path) -> int | None:
    """The channel that is loud and quiet when the track is; None where neither clearly is."""
    from voice.stt import audio  # noqa: PLC0415 -- its libraries are nothing for a process that only answers

    try:
        channels, alone = audio.peaks(stereo, _COLUMNS), audio.peaks(track, _COLUMNS)[0]
    except SttError:
        return None
    scores = [_likeness(one, alone) for one in channels]
    best = max(range(len(scores)), key=scores.__getitem__)
    rest = [score for channel, score in enumerate(scores) if channel != best]
    return best if rest and scores[best] - max(rest) >= _CLEARLY else None


def _likeness(one: list[int], other: list[int]) -> float:
    try:
        return statistics.correlation(one, other)
    except statistics.StatisticsError:  # one of them is silent
        return 0


def interleave(first: Path, second: Path, into: BinaryIO) -> bool:
    """Write two mono WAV files as the channels of one; False where they are not of one plain kind."""
    try:
        with wave.open(str(first)) as one, wave.open(str(second)) as two:
            kinds = {(file.getnchannels(), file.getsampwidth(), file.getframerate()) for file in (one, two)}
            if len(kinds) != 1 or one.getnchannels() != 1 or one.getsampwidth() != 2 or sys.byteorder != "little":
                return False
            _write(one, two, into)
    except (wave.Error, EOFError, ValueError):  # the last one: half a sample at the end
        return False
    return True


def _write(one: wave.Wave_read, two: wave.Wave_read, into: BinaryIO) -> None:
    into.seek(0)
    into.truncate()
    with wave.open(into, "wb") as both:
        both.setparams((2, 2, one.getframerate(), 0, "NONE", ""))
        while any(chunks := (one.readframes(_FRAMES), two.readframes(_FRAMES))):
            longest = max(map(len, chunks))
            frames = array.array("h", bytes(2 * longest))
            for channel, chunk in enumerate(chunks):
                frames[channel : len(chunk) : 2] = array.array("h", chunk)
            both.writeframesraw(frames.tobytes())
