"""Words that a recogniser writes for others: only what stands beside them tells "50 like" from "like 50"."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from voice.understanding.text import Token, bare, read_list, spellings

_LAKH = frozenset((
    "like", "likes", "lake", "lakes", "lag", "lags", "lagh", "laugh", "lark", "larks", "lakhts", "legs", "lock",
    "rocks",
))  # fmt: skip
_CRORE = frozenset((
    "car", "cars", "core", "cores", "crow", "crows", "crawl", "crew", "chlor", "chlore", "chlorine", "kor",
    "korar", "koror", "craw", "cror", "carol", "kroor",
))  # fmt: skip
_ONE_AND_HALF = frozenset(("dead", "der", "deadh", "died", "dared", "dedd", "deth"))
_TWO_AND_HALF = frozenset(("die", "dye", "dai", "thai", "dhay", "dhye"))
_SCALES = frozenset(("lakh", "crore", "thousand"))
_NOT_MONEY = frozenset(
    ("parking", "parkings", "park", "parks", "garage", "garages", "porch", "area", "house", "market")
)
_SMALLEST_OF_LAKHS = 10  # "5 like" may be five crore with a filler word
_MOST_OF_CRORES = 100
_TWO_AS_ONE = re.compile(r"(.)\1+")
_SAME = (
    ("aa", "a"), ("ee", "i"), ("ii", "i"), ("oo", "u"), ("ow", "o"), ("w", "v"), ("z", "j"), ("ai", "e"),
    ("ei", "e"), ("ay", "e"), ("au", "o"), ("ou", "o"), ("y", "i"),
)  # fmt: skip
_MUTE = re.compile(r"(?<=[bcdgjkprst])h|h$|n(?=[bcdgjkprstv])")
_SHORTEST_SHAPE = 5  # "saat" and "saath" share a shape: what is short is told apart by spelling alone


def before_figures(tokens: list[Token]) -> list[Token]:
    """Read "dead crore" as dedh crore and "die lakh" as dhai lakh, and part "sixtyish"."""
    settled: list[Token] = []
    for token, after in pairwise([*tokens, Token("", 0, 0)]):
        word = token.word
        if after.word in _SCALES or after.word in _CRORE:
            word = "dedh" if word in _ONE_AND_HALF else "dhai" if word in _TWO_AND_HALF else word
        if word.endswith("tyish"):
            settled += [Token(word[:-3], token.start, token.end - 3), Token("ish", token.end - 3, token.end)]
        else:
            settled.append(Token(word, token.start, token.end))
    return settled


def is_to(before: int | None, after: int | None) -> bool:
    """True for a "two" that was "to": "fifty two sixty lakhs" goes from fifty to sixty."""
    return before is not None and after is not None and 20 <= before < after and after % 10 == 0


def unit_of(word: str, figure: str, after: str) -> str:
    """The unit of money that `word` stands for behind a figure; empty when it stands for none."""
    if not figure[:1].isdecimal() or after in _NOT_MONEY:
        return ""
    count = float(figure)
    if word in _LAKH and not after[:1].isdecimal():
        return "lakh" if count >= _SMALLEST_OF_LAKHS or not word.startswith("li") else ""
    if (word in _CRORE or (word == "c" and after != "r")) and count < _MOST_OF_CRORES:
        return "crore"
    return ""


def value_by_shape(word: str) -> int | None:
    """The number whose spelling sounds as `word` does, when only one does; known words are not guessed at."""
    return None if word in _known() else _shapes().get(_shape(word))


@cache
def _known() -> frozenset[str]:
    return frozenset(spellings().values())


@cache
def _shapes() -> dict[str, int]:
    shapes: dict[str, int] = {}
    shared: set[str] = set()
    ways = [(int(value), bare(way)) for value, ways in read_list("numbers.txt").items() for way in ways[1:]]
    for value, way in ways:
        if way.isascii() and shapes.setdefault(_shape(way), value) != value:
            shared.add(_shape(way))
    return {shape: value for shape, value in shapes.items() if len(shape) >= _SHORTEST_SHAPE and shape not in shared}


def _shape(word: str) -> str:
    """A spelling as it sounds: one letter for long and short, no aspiration, no nasal before a consonant."""
    for spelled, sounds in _SAME:
        word = word.replace(spelled, sounds)
    return _TWO_AS_ONE.sub(r"\1", _MUTE.sub("", _TWO_AS_ONE.sub(r"\1", word)))
