"""How a name sounds: spellings of one sound, and the letters that recognisers mix up, made one."""

from __future__ import annotations

import re
from functools import lru_cache

_SHORTEST_FOLDED = 5
_FOLDS = (
    (re.compile("ee|ea"), "i"),
    (re.compile("oo|ou"), "u"),
    (re.compile(r"([a-z])\1+"), r"\1"),
    (re.compile("w"), "v"),
    (re.compile("ph"), "f"),
    (re.compile("z"), "j"),
    (re.compile("y(?= |$)"), "i"),
    (re.compile("(?<=[bcdgjkpt])h"), ""),
    (re.compile("ai|ay"), "e"),
    (re.compile("q|ck"), "k"),
)
# Coarser than a fold: what is alike to the ear, not only in spelling. Order matters.
_SOUNDS = (
    (re.compile("[^a-z0-9]"), ""),
    (re.compile("ph"), "f"),
    (re.compile("ck|q"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("c(?=[eiy])"), "s"),
    (re.compile("ch+"), "C"),
    (re.compile("c"), "k"),
    (re.compile("(?<=[a-z])h(?![aeiouy])|(?<=[bdgjkpstCzrlnmw])h"), ""),
    (re.compile("ea|ee|ii|ie"), "i"),
    (re.compile("oo|ou"), "u"),
    (re.compile("a[iy]|ei|ey"), "e"),
    (re.compile("ga+[ou][nmvw]?|ga+[vw]|gown?"), "gav"),
    (re.compile("au|aw|ow"), "o"),
    (re.compile("w"), "v"),
    (re.compile("[zj]"), "j"),
    (re.compile("y"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(8192)
def fold(name: str) -> str:
    """One form for the usual ways to spell a name; short names keep their own."""
    if len(name) < _SHORTEST_FOLDED:
        return name
    for pattern, replacement in _FOLDS:
        name = pattern.sub(replacement, name)
    return name


@lru_cache(8192)
def sound(name: str) -> str:
    """The name as an ear keeps it, in one word: vowels' length, breath, v and w, doubled letters make no difference."""
    name = name.lower()
    for pattern, replacement in _SOUNDS:
        name = pattern.sub(replacement, name)
    return name
