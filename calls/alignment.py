"""PURE. A recording's words laid beside the turns that were heard live: whose, of which turn, at which second.

Live and recorded words are paired by their sound and order; where letters differ, time and order decide. Words that
nobody heard live go to the turn that their pauses and the agent's own speech leave for them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from calls.hearings import Better, choose
from calls.stretches import PAUSE_S, assign, cut
from calls.words import pair_up, shared, sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from voice.stt.lines import Line, Word

    Read = Callable[[int, str], Mapping[str, Any]]
    Spans = Sequence[tuple[float, float]]

_SLACK_S = 4.0  # clocks of two machines, and the recogniser's own delay
_LATE = 0.15  # a second out of its turn's time speaks that much against a pair
_MOST_LATE = 0.9  # and never as much as the same word speaks for it
_FEWEST = 3  # words, to tell a voice by
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class LiveTurn:
    """One turn as it was held: what was heard live, and what the agent said to it. Turn 0 only says.

    `at_s` is when the agent began to answer, in seconds of the recording; None where nobody knows. `confidence` is the
    live recogniser's, 0 to 1, or None. `digits` are keys that were pressed instead of speaking.
    """

    number: int
    heard: str = ""
    said: str = ""
    confidence: float | None = None
    at_s: float | None = None
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Aligned:
    """One turn as the recording has it; times in seconds of the recording, None where it has none.

    `words` are the caller's, `text` the same as a sentence. `better` is "live" or "whisper", "" where neither heard
    anything; `why` is a code of `calls.hearings`.
    """

    number: int
    text: str = ""
    words: tuple[Word, ...] = ()
    start_s: float | None = None
    end_s: float | None = None
    said_start_s: float | None = None
    said_end_s: float | None = None
    better: str = ""
    why: str = ""


@dataclass(slots=True)
class _Live:
    """The live words in a row. A place is 2 x turn for the caller's words, one more for the agent's after them."""

    turns: Sequence[LiveTurn]
    is_mixed: bool
    words: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    windows: dict[int, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        begin = 0.0
        for turn in self.turns:
            self._add(sounds(turn.heard), 2 * turn.number)
            if self.is_mixed:
                self._add(sounds(turn.said), 2 * turn.number + 1)
            if turn.at_s is not None:
                self.windows[turn.number] = (begin, turn.at_s)
                begin = turn.at_s

    def _add(self, words: Sequence[str], place: int) -> None:
        self.words += words
        self.places += [place] * len(words)

    def lateness(self, place: int, at_s: float) -> float:
        """Seconds by which a time lies outside of the time of a place; 0 where that is not known."""
        window = self.windows.get(place // 2)
        if window is None or place % 2:
            return 0.0
        return max(window[0] - at_s, at_s - window[1], 0.0)


def align(turns: Sequence[LiveTurn], lines: Sequence[Line], *, read: Read | None = None) -> list[Aligned]:
    """Each turn with what the recording has of it, by number.

    Lines of the caller alone are those of their own channel, and the agent's, which need no words, tell when its
    channel has a voice; lines of unknown speakers hold both voices, and the agent's known words are taken out.
    `read(number, text)` tells what a turn's words mean, slot to value; without it meaning does not help to choose.
    """
    turns = sorted(turns, key=lambda one: one.number)
    is_mixed = any(line.speaker == "unknown" for line in lines)
    words = sorted((w for line in lines if line.speaker != "agent" for w in line.words), key=lambda w: w.start_s)
    spans = sorted((line.start_s, line.end_s) for line in lines if line.speaker == "agent")
    live = _Live(turns, is_mixed)
    placed = _placed(words, live) if is_mixed else _by_stretch(words, live, spans)
    heard = {turn.number: [w for w, at in zip(words, placed, strict=True) if at == 2 * turn.number] for turn in turns}
    said = _said_in_mix(words, placed) if is_mixed else _said_in_spans(turns, heard, spans)
    return [_aligned(turn, heard[turn.number], said.get(turn.number, (None, None)), read) for turn in turns]


def resembles_agent(lines: Sequence[Line], turns: Sequence[LiveTurn]) -> bool:
    """Whether these lines, of what should be the caller's channel, are what the agent said."""
    told = [sound for line in lines for sound in sounds(line.text)]
    if len(told) < _FEWEST:
        return False
    as_agent = shared([sound for turn in turns for sound in sounds(turn.said)], told)
    as_caller = shared([sound for turn in turns for sound in sounds(turn.heard)], told)
    return as_agent >= _MOSTLY * len(told) and as_agent > as_caller


def _aligned(turn: LiveTurn, words: list[Word], said: tuple[float | None, float | None], read: Read | None) -> Aligned:
    text = " ".join(word.text.strip() for word in words)
    sure = sum(word.confidence for word in words) / len(words) if words else None
    verdict = (
        choose(
            turn.heard,
            text,
            live_sure=turn.confidence,
            again_sure=sure,
            keys=bool(turn.digits),
            read=(lambda heard: read(turn.number, heard)) if read else None,
        )
        if turn.number
        else Better("", "")
    )
    return Aligned(
        number=turn.number,
        text=text,
        words=tuple(words),
        start_s=words[0].start_s if words else None,
        end_s=words[-1].end_s if words else None,
        said_start_s=said[0],
        said_end_s=said[1],
        better=verdict.which,
        why=verdict.why,
    )


def _by_stretch(words: Sequence[Word], live: _Live, spans: Spans) -> list[int]:
    """The place of each word of the caller's own channel; -1 where there is no turn."""
    answers = [turn for turn in live.turns if turn.number]
    pieces = cut(words, spans)

    def lateness(place: int, at_s: float) -> float:
        return live.lateness(2 * answers[place].number, at_s)

    found = assign(pieces, [turn.heard for turn in answers], spans, lateness)
    places = [2 * answers[at].number for at in found] or [-1] * len(pieces)
    return [place for piece, place in zip(pieces, places, strict=True) for _ in piece]


def _placed(words: Sequence[Word], live: _Live) -> list[int]:
    """The place of each recorded word; -1 for those of no turn."""
    found = _anchors(words, live)
    start = 0
    while start < len(found) and any(turn.number for turn in live.turns):
        end = start
        while end < len(found) and found[end] is None:
            end += 1
        if end > start:
            _fill(found, (start, end), words, live)
        start = end + 1
    return [at if at is not None else -1 for at in found]


def _anchors(words: Sequence[Word], live: _Live) -> list[int | None]:
    """The place of each word that stands for a live one."""
    told = [(sound, at) for at, word in enumerate(words) for sound in sounds(word.text)]

    def penalty(ours: int, theirs: int) -> float:
        late = live.lateness(live.places[ours], words[told[theirs][1]].start_s) - _SLACK_S
        return min(_LATE * late, _MOST_LATE) if late > 0 else 0.0

    pairs = pair_up(live.words, [sound for sound, _ in told], penalty if live.windows else None)
    found: list[int | None] = [None] * len(words)
    for (_, at), pair in zip(told, pairs, strict=True):
        if pair is not None:
            found[at] = live.places[pair]
    return found


def _fill(found: list[int | None], run: tuple[int, int], words: Sequence[Word], live: _Live) -> None:
    """Give a run of words that nobody heard live, from its first to before its last, to turns; `found` is changed."""
    start, end = run
    before = found[start - 1] if start else None
    after = found[end] if end < len(found) else None
    cuts = [at for at in range(start, end + 1) if at in {0, len(words)} or _pause(words, at) > PAUSE_S]
    if not cuts:  # one breath from a turn into the next: the longest pause parts them
        cuts = [max(range(start, end + 1), key=partial(_pause, words)) if before != after else end]
    for at in range(start, cuts[0]):
        found[at] = before
    for begin, stop in pairwise(cuts):
        lowest = found[begin - 1] if begin else None
        place = _place_of(words[begin].start_s, lowest, after, live)
        for at in range(begin, stop):
            found[at] = place
    for at in range(cuts[-1], end):
        found[at] = after


def _pause(words: Sequence[Word], at: int) -> float:
    """Seconds between the word `at` and the one before it."""
    return words[at].start_s - words[at - 1].end_s


def _place_of(at_s: float, lowest: int | None, highest: int | None, live: _Live) -> int:
    """The turn of a stretch that stands for itself: the one whose time it is, then one where nothing was heard."""
    places = [2 * turn.number for turn in live.turns if turn.number]
    between = [at for at in places if (lowest is None or at >= lowest) and (highest is None or at <= highest)]
    spoken = set(live.places)

    def cost(place: int) -> tuple[float, bool, int]:
        return round(live.lateness(place, at_s) / _SLACK_S), place in spoken, place

    return min(between or places[-1:], key=cost)


def _said_in_mix(words: Sequence[Word], placed: Sequence[int]) -> dict[int, tuple[float, float]]:
    """When the agent spoke, from its words in a recording of both voices."""
    said: dict[int, tuple[float, float]] = {}
    for word, place in zip(words, placed, strict=True):
        if place % 2 and place > 0:
            begin, _ = said.get(place // 2, (word.start_s, 0.0))
            said[place // 2] = (begin, word.end_s)
    return said


def _said_in_spans(
    turns: Sequence[LiveTurn], heard: Mapping[int, list[Word]], spans: Spans
) -> dict[int, tuple[float, float]]:
    """When the agent spoke, from the voice on its channel between the caller's turns."""
    begun = [(words[0].start_s, number) for number, words in heard.items() if words]
    said: dict[int, tuple[float, float]] = {}
    for start, stop in spans:
        at = bisect_right([begin for begin, _ in begun], (start + stop) / 2)
        low = begun[at - 1][1] if at else 0
        high = begun[at][1] if at < len(begun) else turns[-1].number + 1 if turns else 0
        number = _answer_at(start, [turn for turn in turns if low <= turn.number < high and turn.said])
        if number is not None:
            said[number] = (min(said.get(number, (start, stop))[0], start), stop)
    return said


def _answer_at(start: float, turns: Sequence[LiveTurn]) -> int | None:
    """Which of these turns' answers begins at a second: the latest whose time has come, else the first."""
    due = [turn.number for turn in turns if turn.at_s is not None and turn.at_s - 2 <= start]
    return due[-1] if due else turns[0].number if turns else None
