"""PURE. A caller's own channel, cut where they paused, and each piece given to the turn that it answers.

A turn ends only when the caller has been silent for a while, so no piece holds words of two turns. Pieces keep the
turns' order; which turn each is follows from its words, its time, and how often the agent spoke between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls.words import ALIKE, likeness, pair_up, sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voice.stt.lines import Word

    Spans = Sequence[tuple[float, float]]
    Lateness = Callable[[int, float], float]

_PAUSE_S = 0.9  # recognisers take a shorter one for a comma
_AGENT_S = 0.4  # of the agent's speech; shorter is a cough, or the caller's own echo
_SAME_WORD = 2.0
_FEWEST_SAME = 0.3  # of a piece's words; fewer are "the" and "and"
_SOMETHING_HEARD = 0.2  # words in other letters still are words
_NOTHING_HEARD = 0.1
_SLACK_S = 2.0  # clocks of two machines
_LATE = 1.2  # for each second beyond that
_MOST_LATE = 6.0
_SAME_TURN = 0.4  # though the agent spoke between
_PASSED_OVER = 0.3  # a turn in which nothing was heard, live or now
_LEFT_EMPTY = 1.0  # a turn that has live words, and gets none


def cut(words: Sequence[Word], spans: Spans) -> list[list[Word]]:
    """The words in pieces: a new one after a pause, and after the agent spoke."""
    pieces: list[list[Word]] = []
    for word in words:
        before = pieces[-1][-1] if pieces else None
        if before is None or word.start_s - before.end_s > _PAUSE_S or _spoke(spans, before, word):
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
    best = [-_skipped(heard, -1, place) for place in range(len(live))]
    ways: list[list[int]] = []
    for at, piece in enumerate(pieces):
        told = [sound for word in piece for sound in sounds(word.text)]
        late = [
            min(max(lateness(place, piece[0].start_s) - _SLACK_S, 0) * _LATE, _MOST_LATE) for place in range(len(live))
        ]
        gains = [_likeness(heard[place], told) - late[place] for place in range(len(live))]
        if at:
            between = _spoke(spans, pieces[at - 1][-1], piece[0])
            came, best = _onward(heard, best, between=between)
            ways.append(came)
        best = [one + gain for one, gain in zip(best, gains, strict=True)]
    if not pieces:
        return []
    last = max(range(len(live)), key=lambda place: best[place] - _skipped(heard, place, len(live)))
    found = [last]
    for came in reversed(ways):
        found.append(came[found[-1]])
    return found[::-1]


def _onward(heard: Sequence[Sequence[str]], best: list[float], *, between: bool) -> tuple[list[int], list[float]]:
    """For each turn the best one for the piece before, and what the way there is worth."""
    came, worth = [], []
    for after in range(len(heard)):
        value, before = max((best[p] - _step(heard, p, after, between=between), p) for p in range(after + 1))
        came.append(before)
        worth.append(value)
    return came, worth


def _likeness(heard: Sequence[str], told: Sequence[str]) -> float:
    """How much speaks for a piece being what was heard in a turn."""
    if not heard:
        return _NOTHING_HEARD
    pairs = pair_up(heard, told)
    same = sum(likeness(heard[at], told[i]) >= ALIKE for i, at in enumerate(pairs) if at is not None)
    share = same / len(told) if told else 0.0
    return _SOMETHING_HEARD + (_SAME_WORD * same * share if share >= _FEWEST_SAME else 0.0)


def _step(heard: Sequence[Sequence[str]], before: int, after: int, *, between: bool) -> float:
    """What speaks against two pieces in a row being of these turns; the agent speaks once between two turns."""
    if before == after:
        return _SAME_TURN if between else 0.0
    return _skipped(heard, before, after)


def _skipped(heard: Sequence[Sequence[str]], before: int, after: int) -> float:
    return sum(_LEFT_EMPTY if heard[place] else _PASSED_OVER for place in range(before + 1, after))
