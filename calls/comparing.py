"""PURE. Values as a conversation took them and as its recording gives them: which stand, and which a person must see.

Both hearings are read by the same rules, so that a difference is one of words. A value that the rules cannot read in
either, such as a language model's or one that was agreed to by name, stands where its words were heard again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from calls.hearings import UNSURE
from calls.words import pair_up, share_heard, sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from calls.alignment import Aligned
    from voice.dialogue.state import SlotValue
    from voice.stt.lines import Word

RANGES = {"bedrooms": ("bedrooms_min", "bedrooms_max"), "budget": ("budget_min", "budget_max")}
"""The two ends of a range are one thing to look at: a new ceiling may do away with an old floor."""

SURE = 0.8
"""A live recogniser that says at least this is believed where Whisper merely missed the words."""
DOUBTFUL = 0.5
"""A live recogniser that says less than this is not believed without a look."""
WEAKEST = 0.4
"""Below this probability of its weakest word Whisper's hearing of a value is as likely wrong as right."""
MOST_HEARD = 0.6
"""Which part of a value's words must be heard again to count as the same words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with the words that carry it. A range's value holds its ends by their slots.

    Times are seconds of the recording; None where it does not have the words. `confidence` is the weakest word's, or
    the live recogniser's, 0 to 1. `asked` is the question before, where no turn tells it.
    """

    value: Any
    words: str
    turn: int
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    asked: str = ""

    def as_json(self) -> dict[str, Any]:
        """The reading as rows hold it."""
        return {
            "value": self.value,
            "words": self.words,
            "turn": self.turn,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "confidence": self.confidence,
            **({"asked": self.asked} if self.asked else {}),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One value of one conversation. `reason` is a ReviewReason, "" where the value stands."""

    slot: str
    reason: str
    live: Reading | None
    again: Reading | None


def slots_in(name: str) -> tuple[str, ...]:
    """The slots that a thing to look at is made of."""
    return RANGES.get(name, (name,))


def name_of(slot: str) -> str:
    """The thing to look at that a slot is part of."""
    return next((name for name, ends in RANGES.items() if slot in ends), slot)


def by_slot(name: str, value: Any) -> dict[str, Any]:
    """A thing to look at as slot to value; None for what is not known, and for the end of a range that was not told."""
    return {slot: (value or {}).get(slot) if name in RANGES else value for slot in slots_in(name)}


def compare(
    live: Mapping[str, SlotValue],
    base: Mapping[str, SlotValue],
    again: Mapping[str, SlotValue],
    *,
    turns: Mapping[int, Aligned],
    sure: Mapping[int, float | None],
) -> list[Finding]:
    """What became of each value that was heard live or in the recording, by slot.

    `live` is the conversation's own evidence; `base` and `again` are what the rules read in the live words and in the
    recorded ones. `turns` are the aligned turns by number, `sure` the live recogniser's confidence by turn.
    """
    found = []
    for name in dict.fromkeys(name_of(slot) for slot in (*live, *again)):
        ours, theirs = _reading(name, live, turns), _reading(name, again, turns)
        rules = _reading(name, base, turns)
        if ours:
            turn, told = turns.get(ours.turn), sure.get(ours.turn)
            found.append(_of_live(name, ours, rules, theirs, turn=turn, is_sure=told is not None and told >= SURE))
        elif theirs and _is_new(theirs, rules):
            found.append(Finding(name, "not_live", None, theirs))
    return found


def doubtful(live: Mapping[str, SlotValue], sure: Mapping[int, float | None]) -> list[Finding]:
    """The same where there is only the live hearing: values in words that its recogniser was not sure of."""
    found = []
    for name in dict.fromkeys(name_of(slot) for slot in live):
        ours = _reading(name, live, {})
        if ours:
            told = sure.get(ours.turn)
            reading = Reading(ours.value, ours.words, ours.turn, confidence=told)
            found.append(Finding(name, "low_confidence" if told is not None and told < DOUBTFUL else "", reading, None))
    return found


def recorded(told: Mapping[str, SlotValue], *, turns: Mapping[int, Aligned], asked: Sequence[str]) -> list[Finding]:
    """All that the recording of a staff's own call tells, however unsure its words are; `asked` is by turn."""
    readings = {name: _reading(name, told, turns) for name in dict.fromkeys(map(name_of, told))}
    return [
        Finding(name, "staff_call", None, replace(reading, asked=asked[reading.turn]))
        for name, reading in readings.items()
        if reading
    ]


def and_then(found: Iterable[Finding], talked: Iterable[Finding]) -> list[Finding]:
    """What a conversation told, and what its caller told staff after it, whose word is the later one."""
    later = {one.slot: one for one in talked}
    return [_later(one, later.pop(one.slot, None)) for one in found] + list(later.values())


def _later(before: Finding, talked: Finding | None) -> Finding:
    if talked is None:
        return before
    if _value(talked.again) == _value(before.live or before.again):
        return replace(before, reason="") if before.live else before  # said twice is heard well enough
    live, again = before.live, before.again
    if live and again and again.value == live.value:
        live = replace(live, start_s=again.start_s, end_s=again.end_s, confidence=again.confidence)
    return replace(talked, live=live)


def _of_live(
    name: str, ours: Reading, rules: Reading | None, theirs: Reading | None, *, turn: Aligned | None, is_sure: bool
) -> Finding:
    """What the recording makes of a value that was taken live."""
    if theirs and theirs.value == ours.value:
        place = theirs
    elif _value(theirs) == _value(rules) and turn and share_heard(ours.words, turn.text) >= MOST_HEARD:
        place = _placed(ours.value, ours.words, ours.turn, _carrying(turn, ours.words))
    else:
        return Finding(name, _objection(theirs, turn, is_sure=is_sure), ours, theirs)
    weak = place.confidence is not None and place.confidence < WEAKEST
    return Finding(name, "low_confidence" if weak and not is_sure else "", ours, place)


def _objection(theirs: Reading | None, turn: Aligned | None, *, is_sure: bool) -> str:
    """Why a person should look at a value that the recording does not give."""
    guessed = turn is not None and turn.why == "whisper_unsure"
    if is_sure and (guessed or theirs is None):
        return ""
    if guessed:
        return "low_confidence"
    return "disagrees" if theirs else "not_again"


def _is_new(theirs: Reading, rules: Reading | None) -> bool:
    """Whether a value that nobody took live is in words that nobody heard live, and is more than a guess."""
    guess = theirs.confidence is not None and theirs.confidence < UNSURE
    return not guess and theirs.value != _value(rules)


def _value(reading: Reading | None) -> Any:
    return reading.value if reading else None


def _reading(name: str, told: Mapping[str, SlotValue], turns: Mapping[int, Aligned]) -> Reading | None:
    """A thing to look at from evidence by slot; None where it holds nothing of it."""
    parts = {slot: told[slot] for slot in slots_in(name) if slot in told}
    if not parts:
        return None
    last = max(parts.values(), key=lambda one: one["turn"])
    value = {slot: one["value"] for slot, one in parts.items()} if name in RANGES else last["value"]
    turn = turns.get(last["turn"])
    if turn is None:
        return Reading(value, last["words"], last["turn"])
    is_there = turn.text[last["start"] : last["end"]] == last["words"]
    words = _between(turn.words, last["start"], last["end"]) if is_there else _carrying(turn, last["words"])
    return _placed(value, last["words"], last["turn"], words)


def _placed(value: Any, text: str, turn: int, words: Sequence[Word]) -> Reading:
    if not words:
        return Reading(value, text, turn)
    weakest = min(word.confidence for word in words)
    return Reading(value, text, turn, words[0].start_s, words[-1].end_s, weakest)


def _between(words: Iterable[Word], start: int, end: int) -> list[Word]:
    """The words of a sentence that its characters from `start` to `end` touch."""
    found, at = [], 0
    for word in words:
        text = word.text.strip()
        if at < end and at + len(text) > start:
            found.append(word)
        at += len(text) + 1
    return found


def _carrying(turn: Aligned, text: str) -> list[Word]:
    """The recorded words that stand for a piece of the live ones: from the first to the last that sound like them."""
    if not text:
        return []
    told = [(sound, at) for at, word in enumerate(turn.words) for sound in sounds(word.text)]
    ours = sounds(text)
    pairs = pair_up(ours, [sound for sound, _ in told])
    held = [at for (_, at), pair in zip(told, pairs, strict=True) if pair is not None]
    return list(turn.words[held[0] : held[-1] + 1]) if held else []
