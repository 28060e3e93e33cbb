"""Words that recognisers break or bend ("a part ment", "in vestment", "comershal"), told by how they sound."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.fuzz import ratio

from voice.understanding.phrases import word_list
from voice.understanding.sounds import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.understanding.text import Heard

_PIECES = 3  # words that one may be broken into
_MOST_WORDS = 12  # in a longer answer, something is bound to sound alike
_ALIKE = 84.0  # of 100; "department" is 90 like "apartment", and told apart as a word of its own
_SHORTEST = 6  # letters; shorter words sound like too many others
_SOFT = re.compile(r"c(?=[eiy])|sh|(?<=[a-z])[ct]i(?=[aou])")


class Like(NamedTuple):
    """What was meant, and the stretch of the line that sounds like it."""

    value: str
    start: int
    end: int


def sounding_like(heard: Heard, meant: Mapping[str, str]) -> Like | None:
    """The value whose name, written together, sounds most like one to three words in a row; None where none does."""
    if len(heard.tokens) > _MOST_WORDS:
        return None
    best: tuple[float, Like] | None = None
    for first in range(len(heard.tokens)):
        for past in range(first + 1, min(first + _PIECES, len(heard.tokens)) + 1):
            score, value = _nearest(tuple(token.word for token in heard.tokens[first:past]), tuple(meant.items()))
            if value and (best is None or score > best[0]):
                end = heard.starts[past - 1] + len(heard.tokens[past - 1].word)
                best = score, Like(value, heard.starts[first], end)
    return best[1] if best else None


@lru_cache(4096)
def _nearest(words: tuple[str, ...], meant: tuple[tuple[str, str], ...]) -> tuple[float, str]:
    said = "".join(words)
    if len(said) < _SHORTEST or not said.isascii() or not said.isalpha() or said in word_list("not_misheard"):
        return 0.0, ""
    scores = [(ratio(_sound(said), _sound(name)), value) for name, value in meant]
    score, value = max(scores)
    return (score, value) if score >= _ALIKE else (0.0, "")


def _sound(word: str) -> str:
    return fold(_SOFT.sub("s", word))
