"""The places that callers name: cities with their spoken variants, and localities that imply their city."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from voice.understanding.numbers import hear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Place = tuple[str, str | None]  # canonical city, locality (None: the whole city)

LONGEST = 4  # words in the longest name looked up
_SURE = 88.0  # of 100; below it two different localities start to look alike
_UNSURE = 76.0  # of 100; below it a name is not worth a question
_SHORTEST_FUZZY = 6  # letters; shorter names are too near to common words
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


@cache
def fold(name: str) -> str:
    """One form for the usual ways to spell a name; short names keep their own."""
    if len(name) < _SHORTEST_FOLDED:
        return name
    for pattern, replacement in _FOLDS:
        name = pattern.sub(replacement, name)
    return name


@dataclass(frozen=True, slots=True)
class Near:
    """Places that a misheard name may mean; `sure` when nothing else can be meant."""

    places: tuple[Place, ...]
    sure: bool


NOWHERE = Near((), sure=False)


@dataclass(frozen=True)
class Places:
    """Names, as heard and folded, to the places that they may mean.

    `shy` names are also common words: places only in answer to the question for a place.
    """

    names: dict[str, tuple[Place, ...]]
    folded: dict[str, tuple[Place, ...]]
    shy: frozenset[str]

    @classmethod
    def default(cls) -> Places:
        """The built-in gazetteer."""
        return _default()

    def with_listings(self, listed: Iterable[tuple[str, str]]) -> Places:
        """Add (city, locality) pairs as the brokerage's own listings name them; an empty locality adds a city."""
        wider = Places(dict(self.names), dict(self.folded), self.shy)
        for city, locality in listed:
            known = [place[0] for place in self.named(plain(city)) if place[1] is None]
            canonical = known[0] if known else city
            wider._add(city, (canonical, None))
            if locality:
                wider._add(locality, (canonical, locality))
        return wider

    def named(self, name: str) -> tuple[Place, ...]:
        """Places of this name, however it is spelled."""
        return self.names.get(name) or self.folded.get(fold(name), ())

    def near(self, name: str) -> Near:
        """Places whose name sounds nearly like this one, when only one such name is near."""
        name = fold(name)
        if len(name) < _SHORTEST_FUZZY:
            return NOWHERE
        best = process.extract(name, self.folded.keys(), scorer=fuzz.ratio, score_cutoff=_UNSURE, limit=2)
        if not best or best[0][0][0] != name[0]:
            return NOWHERE
        first, score = self.folded[best[0][0]], best[0][1]
        rivals = [key for key, other, _ in best[1:] if other > score - 3 and self.folded[key] != first]
        return NOWHERE if rivals else Near(first, score >= _SURE)

    def _add(self, name: str, place: Place) -> None:
        name = plain(name)
        for names, key in ((self.names, name), (self.folded, fold(name))):
            if key and place not in names.get(key, ()):
                names[key] = (*names.get(key, ()), place)


def plain(name: str) -> str:
    """A name as `hear` spells it."""
    return " ".join(token.word for token in hear(name).tokens)


@cache
def _default() -> Places:
    places = Places({}, {}, frozenset(_shy()))
    for place, ways in _rows():
        for way in ways:
            places._add(way, place)
    return places


def _lines() -> list[str]:
    return files("voice.understanding").joinpath("data", "places.txt").read_text("utf-8").splitlines()


def _shy() -> list[str]:
    """The names listed on the `!` lines of the data file."""
    return [plain(name) for line in _lines() if line.startswith("!") for name in line[1:].split(";")]


def _rows() -> Iterator[tuple[Place, list[str]]]:
    """Each place of the data file, with its spellings."""
    city = ""
    for line in _lines():
        if not line.strip() or line[0] in "#!":
            continue
        if line.startswith(" "):
            for entry in line.split(";"):
                locality, _, ways = entry.partition("=")
                yield (city, locality.strip()), [locality, *ways.split(",")]
            continue
        city, _, rest = line.partition(":")
        yield (city, None), [city, *rest.split(",")]
