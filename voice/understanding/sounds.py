"""The usual ways to spell one Indian name, made one: vowels' length, breath, v and w, doubled letters."""

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


@lru_cache(8192)
def fold(name: str) -> str:
    """One form for the usual ways to spell a name; short names keep their own."""
    if len(name) < _SHORTEST_FOLDED:
        return name
    for pattern, replacement in _FOLDS:
        name = pattern.sub(replacement, name)
    return name
