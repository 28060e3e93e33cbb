"""PURE. Words of two transcripts beside each other: as they sound, whatever script and figures they are written in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import JaroWinkler, LCSseq

from voice.understanding.numbers import value_of
from voice.understanding.sounds import fold
from voice.understanding.text import tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ALIKE = 0.8
"""From here on two words count as the same one, spelled in two ways."""

_GAP = -0.5
_UNLIKE = -0.4  # better than leaving out both words, for words of two scripts stand at the same place
MOST_CELLS = 120_000
"""So many pairs of words are compared by their sound, in a part of a second; more only by whether they are equal."""
_DIAGONAL, _UP, _LEFT = 0, 1, 2


@lru_cache(8192)
def sounds(text: str) -> tuple[str, ...]:
    """The words of a text as they sound: Latin letters, usual spellings made one, number words as figures."""
    words = (token.word for token in tokenize(text))
    return tuple(_sound(word) for word in words if any(char.isalnum() for char in word))


def _sound(word: str) -> str:
    value = value_of(word)
    return fold(word) if value is None else str(value)


@lru_cache(65536)
def likeness(one: str, other: str) -> float:
    """How alike two sounds are, 0 to 1; two figures are the same or nothing like each other."""
    if one == other:
        return 1.0
    if one[0].isdecimal() or other[0].isdecimal():
        return 0.0
    return float(JaroWinkler.normalized_similarity(one, other))


def pair_up(
    ours: Sequence[str], theirs: Sequence[str], penalty: Callable[[int, int], float] | None = None
) -> list[int | None]:
    """For each of `theirs` the place in `ours` of the word that it is, or stands for; None for a word of its own.

    Order is kept. `penalty(ours, theirs)`, 0 and more, speaks against a pair; a pair of equal words is worth 2.
    """
    if len(ours) * len(theirs) > MOST_CELLS:
        return _equal_ones(ours, theirs)
    width = len(theirs) + 1
    above = [_GAP * at for at in range(width)]
    steps = [bytearray([_LEFT]) * width]
    for row, word in enumerate(ours):
        line, came = [_GAP * (row + 1)], bytearray([_UP])
        for column, other in enumerate(theirs):
            worth = _worth(likeness(word, other)) - (penalty(row, column) if penalty else 0.0)
            ways = (above[column] + worth, above[column + 1] + _GAP, line[column] + _GAP)
            best = max(ways)
            line.append(best)
            came.append(ways.index(best))
        above = line
        steps.append(came)
    return _traced(steps, len(ours), len(theirs))


def _worth(alike: float) -> float:
    return 2 * alike if alike >= ALIKE else _UNLIKE + alike


def _traced(steps: list[bytearray], row: int, column: int) -> list[int | None]:
    found: list[int | None] = [None] * column
    while row and column:
        step = steps[row][column]
        if step == _DIAGONAL:
            row, column = row - 1, column - 1
            found[column] = row
        elif step == _UP:
            row -= 1
        else:
            column -= 1
    return found


def _equal_ones(ours: Sequence[str], theirs: Sequence[str]) -> list[int | None]:
    found: list[int | None] = [None] * len(theirs)
    for block in LCSseq.opcodes(ours, theirs):
        if block.tag == "equal":
            for step in range(block.dest_end - block.dest_start):
                found[block.dest_start + step] = block.src_start + step
    return found


def shared(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many words of `ours` `theirs` has, too, in the same order."""
    pairs = pair_up(ours, theirs)
    return sum(likeness(ours[at], theirs[place]) >= ALIKE for place, at in enumerate(pairs) if at is not None)


def shared_exactly(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """The same by equal words alone, which takes no time."""
    return int(LCSseq.similarity(ours, theirs))


def share_heard(words: str, text: str) -> float:
    """Which part of `words`, 0 to 1, `text` holds in the same order; 1.0 for no words."""
    wanted, there = sounds(words), sounds(text)
    if not wanted:
        return 1.0
    return shared(wanted, there) / len(wanted)
