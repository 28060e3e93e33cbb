"""The figures in words, each with the unit that it counts: the test that keeps a model from inventing a sum."""

from __future__ import annotations

from dataclasses import dataclass

from voice.understanding.numbers import hear
from voice.understanding.text import MAX_CHARS

_SUMS = ("lakh", "crore", "thousand", "hundred", "million", "rupees", "percent")
_TIMES = ("din", "hafte", "mahine", "saal", "minute", "ghante", "baje")
_UNITS = frozenset((*_SUMS, *_TIMES, "bhk", "rk"))
_SAME_UNIT = {"bedroom": "bhk", "%": "percent"}
_JOINTS = frozenset(("to", "se", "-", "ya", "or", "aur", "and"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as `hear` spells it, its unit ("" where none was said), and where both stand in the original."""

    figure: str
    unit: str
    start: int
    end: int
    spelled: bool

    @property
    def counts(self) -> tuple[str, str]:
        """What it says, wherever it stands."""
        return self.figure, self.unit


def figures(text: str, asked: str = "") -> list[Figure]:
    """Every figure of a text of any length; the ends of a range share their unit, "50 to 60 lakh"."""
    return [one for start, part in _parts(text) for one in _figures(part, start, asked)]


def _parts(text: str) -> list[tuple[int, str]]:
    """Stretches short enough for `hear`, cut at ends of lines where it can be, else anywhere."""
    parts: list[tuple[int, str]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        parts += [(at + cut, line[cut : cut + MAX_CHARS]) for cut in range(0, len(line), MAX_CHARS)]
        at += len(line)
    return parts


def _figures(text: str, offset: int, asked: str) -> list[Figure]:
    tokens = hear(text, asked).tokens
    found: list[Figure] = []
    for number in reversed(range(len(tokens))):
        token = tokens[number]
        if not token.word[0].isdecimal():
            continue
        after = tokens[number + 1].word if number + 1 < len(tokens) else ""
        unit, end = _SAME_UNIT.get(after, after) if after in _UNITS or after in _SAME_UNIT else "", token.end
        if unit:
            end = tokens[number + 1].end
        elif after in _JOINTS and number + 2 < len(tokens) and tokens[number + 2].word[0].isdecimal():
            unit = found[-1].unit
        spelled = not text[token.start].isdecimal()
        found.append(Figure(token.word, unit, offset + token.start, offset + end, spelled))
    return found[::-1]


def without_units(text: str, asked: str, bare: set[str]) -> str:
    """The text with the units left out that follow the figures in `bare`."""
    for one in reversed(figures(text, asked)):
        if one.figure in bare and one.unit:
            text = f"{text[: one.start]}{one.figure} {text[one.end :]}"
    return text
