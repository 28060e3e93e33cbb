"""PURE. A caller's own channel, cut where they paused, and each piece given to the turn that it answers.

A turn ends only when the caller has been silent for a while, so no piece holds words of two turns. Pieces keep the
turns' order; which turn each is follows from its words, its time, and how often the agent spoke between.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING

from calls.words import MOST_CELLS, shared, shared_exactly, sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voice.stt.lines import Word

    Spans = Sequence[tuple[float, float]]
    Lateness = Callable[[int, float], float]
    Count = Callable[[tuple[str, ...], tuple[str, ...]], int]

PAUSE_S = 0.9
"""A longer one between two words may end a turn; recognisers take a shorter one for a comma."""

_AGENT_S = 0.4  # of the agent's speech; shorter is a cough, or the caller's own echo
_SAME_WORD = 2.0
_FEWEST_SAME = 0.3  # of a piece's words; fewer are "the" and "and"
_SOMETHING_HEARD = 0.2  # words in other letters still are words
_NOTHING_HEARD = 0.1
_SLACK_S = 2.0  # clocks of two machines
_LATE = 1.2  # for each second beyond that
_MOST_LATE = 6.0
_TURN_S = 4.0  # of silence, by which any recogniser has ended a turn
_SAME_TURN = 1.2  # though the agent spoke between, or had time to
_PASSED_OVER = 0.3  # a turn in which nothing was heard, live or now
_LEFT_EMPTY = 1.0  # a turn that has live words, and gets none


def cut(words: Sequence[Word], spans: Spans) -> list[list[Word]]:
    """The words in pieces: a new one after a pause, and after the agent spoke."""
    pieces: list[list[Word]] = []
    for word in words:
        before = pieces[-1][-1] if pieces else None
        pause = word.start_s - before.end_s if before else 0.0
        if before is None or pause > PAUSE_S or (pause > _AGENT_S and _spoke(spans, before, word)):
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _spoke(spans: Spans, before: Word, after: Word) -> bool:
    """Whether the agent spoke between two words."""
    told = sum(max(0.0, min(stop, after.start_s) - max(start, before.end_s)) for start, stop in spans)
    return told > _AGENT_S


def assign(pieces: Sequence[Sequence[Word]], live: Sequence[str], spans: Spans, lateness: Lateness) -> list[int]:
    """For each piece the place in `live` of the turn that it answers; `live` is what was heard in each, "" for nothing.

    `lateness(place, second)` tells by how many seconds a time lies outside of a turn's own; 0 where nobody knows.
    """
    if not live:
        return []
    heard = [sounds(text) for text in live]
    told = [tuple(sound for word in piece for sound in sounds(word.text)) for piece in pieces]
    # The same few words fill whole calls: a "yes" is compared with a "yes" once.
    count = cache(shared if sum(map(len, heard)) * sum(map(len, told)) <= MOST_CELLS else shared_exactly)
    passed = [0.0, *accumulate(_LEFT_EMPTY if words else _PASSED_OVER for words in heard)]
    best = [-one for one in passed[:-1]]
    ways: list[list[int]] = []
    for at, piece in enumerate(pieces):
        late = [
            min(max(lateness(place, piece[0].start_s) - _SLACK_S, 0) * _LATE, _MOST_LATE) for place in range(len(live))
        ]
        gains = [_likeness(words, told[at], count) - late[place] for place, words in enumerate(heard)]
        if at:
            before = pieces[at - 1][-1]
            between = piece[0].start_s - before.end_s > _TURN_S or _spoke(spans, before, piece[0])
            came, best = _onward(passed, best, between=between)
            ways.append(came)
        best = [one + gain for one, gain in zip(best, gains, strict=True)]
    if not pieces:
        return []
    last = max(range(len(live)), key=lambda place: best[place] + passed[place + 1])
    found = [last]
    for came in reversed(ways):
        found.append(came[found[-1]])
    return found[::-1]


def _onward(passed: Sequence[float], best: Sequence[float], *, between: bool) -> tuple[list[int], list[float]]:
    """For each turn the best one for the piece before, and what the way there is worth.

    `passed` is what it costs to leave out all turns before one. The agent speaks once between two turns.
    """
    came, worth = [], []
    ahead, leader = -inf, 0  # the best of the turns before, as if all up to the first had been left out
    for after, here in enumerate(best):
        stays, moves = here - (_SAME_TURN if between else 0.0), ahead - passed[after]
        came.append(leader if moves > stays else after)
        worth.append(max(moves, stays))
        if here + passed[after + 1] >= ahead:
            ahead, leader = here + passed[after + 1], after
    return came, worth


def _likeness(heard: tuple[str, ...], told: tuple[str, ...], count: Count) -> float:
    """How much speaks for a piece being what was heard in a turn."""
    if not heard:
        return _NOTHING_HEARD
    most = min(len(heard), len(told))
    same = count(heard, told) if most and most >= _FEWEST_SAME * len(told) else 0
    share = same / len(told) if told else 0.0
    return _SOMETHING_HEARD + (_SAME_WORD * same * share if share >= _FEWEST_SAME else 0.0)
