"""The phrases of `data/phrases.txt`, compiled a section at a time."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from voice.understanding.text import EDGES

_ENDLESS = re.compile(r"(?<!\\)\)\*(?![+?])")
_OPENS = re.compile(r"(?<!\[)\^")  # not the sign that opens a class of other letters


def bounded(pattern: str) -> str:
    """A pattern whose groups repeat eight times at most: fillers said over and over must not take for ever."""
    return _ENDLESS.sub("){0,8}", pattern)


@cache
def phrase(section: str) -> re.Pattern[str]:
    """Pattern that finds any phrase of a section in a `Heard.line`, as whole words."""
    return re.compile(rf"(?<= )(?:{_sections()[section]})(?= )")


def compile_all() -> None:
    """Compile every section now instead of in somebody's first sentence."""
    for section in _sections():
        phrase(section)


@cache
def word_list(section: str) -> frozenset[str]:
    """The words of a section that holds no patterns."""
    return frozenset(_sections()[section].split("|"))


@cache
def _sections() -> dict[str, str]:
    """Section name to an alternation of its phrases, with the sections that it names filled in.

    In the file `^` and `$` stand for the edges of the utterance.
    """
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in files("voice.understanding").joinpath("data", "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line.strip() and not line.startswith("#"):
            current.append(_OPENS.sub(EDGES[0], line.strip()).replace("$", EDGES[1]))
    whole: dict[str, str] = {}
    for name, lines in sections.items():
        pattern = "|".join(lines)
        for known, part in whole.items():
            pattern = pattern.replace("{" + known + "}", part)
        whole[name] = bounded(pattern)
    return whole
