"""What Whisper writes where nobody speaks: known by its form, its doubts, and the silence under it.

Each gate has a code, under which what it takes out is kept: `brackets`, `broadcast`, `silence_phrase`, `no_voice`,
`no_speech`, `loop`, `hint`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.stt.lines import Word

# How often words may follow upon themselves, by their number: "yes yes yes" is a person, fifty of it is not.
MOST_REPEATS = {1: 5, 2: 4}
MOST_REPEATS_BEYOND = 3
LONGEST_LOOP = 16  # words

_BRACKETS = re.compile(r"(?:[\[(*♪♫][^\])*♪♫]*[\])*♪♫]|[♪♫\s.…])+")
# What the videos say from which Whisper has learned, and no caller does.
_BROADCAST = re.compile(
    r"\bsubscribe\b|\b(?:for|of) watching\b|\bnext (?:video|episode)\b|\bsubtitles?\b|\bamara\s*\.?\s*org\b"
    r"|\btranscri(?:bed|ption) by\b|सब्सक्राइब|सब्स्क्राइब|अगले वीडियो"
    r"|देखने के लिए (?:आपका )?(?:बहुत )?(?:धन्यवाद|शुक्रिया)|(?:धन्यवाद|शुक्रिया) देखने के लिए",
    re.IGNORECASE,
)
LONGEST_BROADCAST = 12  # words; a caller's long sentence may well hold one of these
# What Whisper writes into silence and callers say as well: left alone unless the sound speaks against it.
_SILENCE_PHRASES = frozenset(
    {
        "thank you", "thank you very much", "thank you so much", "thanks", "you", "bye", "bye bye", "okay", "ok", "so",
        "oh", "the end", "i m sorry", "hmm", "mm", "धन्यवाद", "शुक्रिया", "आपका धन्यवाद", "ओके", "हम्म",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doubts:
    """What speaks for and against a line: each 0 to 1, `no_speech` Whisper's and `voice` the voice activity's."""

    no_speech: float
    voice: float
    sureness: float


def gate(words: Sequence[Word], doubts: Doubts) -> str:
    """The code of the gate that takes a line out; "" lets it through."""
    text = "".join(word.text for word in words).strip()
    if _BRACKETS.fullmatch(text):
        return "brackets"
    if len(words) <= LONGEST_BROADCAST and _BROADCAST.search(text) and not _beyond_doubt(doubts):
        return "broadcast"
    if doubts.voice < 0.1:
        return "no_voice"
    if plain(text) in _SILENCE_PHRASES and (doubts.voice < 0.4 or doubts.sureness < 0.35):
        return "silence_phrase"
    if doubts.no_speech > 0.6 and doubts.sureness < 0.4:
        return "no_speech"
    return ""


def sureness(words: Sequence[Word]) -> float:
    """How sure Whisper is of its words, 0 to 1."""
    return fmean(word.confidence for word in words)


def plain(text: str) -> str:
    """The words alone: small, without punctuation, one space between them."""
    # Devanagari's vowel signs are no letters to `\w`.
    return " ".join(re.sub(r"[^\w\u0900-\u097f]|[\u0964\u0965]", " ", text.casefold()).split())


def loops(words: Sequence[str]) -> list[int]:
    """The numbers of those words that only repeat what stands right before them, more often than a person would."""
    said = [plain(word) for word in words]
    found: list[int] = []
    at = 0
    while at < len(said):
        length, times = _loop_at(said, at)
        if times:
            found += range(at + length, at + length * times)
        at += length * times or 1
    return found


def _loop_at(said: list[str], at: int) -> tuple[int, int]:
    for length in range(1, LONGEST_LOOP + 1):
        unit = said[at : at + length]
        times = 1
        while said[at + length * times : at + length * (times + 1)] == unit:
            times += 1
        if times > MOST_REPEATS.get(length, MOST_REPEATS_BEYOND):
            return length, times
    return 0, 0


def _beyond_doubt(doubts: Doubts) -> bool:
    return doubts.voice > 0.8 and doubts.sureness > 0.85 and doubts.no_speech < 0.2
