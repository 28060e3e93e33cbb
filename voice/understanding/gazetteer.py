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
_SHORTEST_FUZZY = 5
_FOLDS = (
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("w"), "v"),
    (re.compile("ph"), "f"),
    (re.compile("z"), "j"),
    (re.compile("y(?= |$)"), "i"),
    (re.compile("(?<=[bcdgjkpt])h"), ""),
    (re.compile("ou|oo"), "u"),
    (re.compile("ee|ea"), "i"),
    (re.compile("ai|ay"), "e"),
    (re.compile("q|ck|c(?!h)"), "k"),
)


def fold(phrase: str) -> str:
    """One form for the usual ways to spell a name."""
    phrase = phrase.replace("ee", "i").replace("oo", "u")
    for pattern, plain in _FOLDS:
        phrase = pattern.sub(plain, phrase)
    return phrase


@dataclass(frozen=True)
class Places:
    """Folded names to the places that they may mean, best known first."""

    names: dict[str, tuple[Place, ...]]

    @classmethod
    def default(cls) -> Places:
        """The built-in gazetteer."""
        return _default()

    def with_listings(self, listed: Iterable[tuple[str, str]]) -> Places:
        """Add (city, locality) pairs as the brokerage's own listings name them; an empty locality adds a city."""
        names = dict(self.names)
        for city, locality in listed:
            known = self.exact(_key(city))
            canonical = known[0][0] if known and known[0][1] is None else city
            _add(names, city, (canonical, None))
            if locality:
                _add(names, locality, (canonical, locality))
        return Places(names)

    def exact(self, folded: str) -> tuple[Place, ...]:
        """Places of this folded name."""
        return self.names.get(folded, ())

    def near(self, folded: str) -> tuple[Place, ...]:
        """Places whose name sounds nearly like this one, when only one such name is near."""
        if len(folded) < _SHORTEST_FUZZY:
            return ()
        best = process.extract(folded, self.names.keys(), scorer=fuzz.ratio, score_cutoff=_SURE, limit=2)
        if not best or abs(len(best[0][0]) - len(folded)) > 2:
            return ()
        first = self.names[best[0][0]]
        if len(best) > 1 and best[1][1] == best[0][1] and self.names[best[1][0]] != first:
            return ()
        return first


def _add(names: dict[str, tuple[Place, ...]], name: str, place: Place) -> None:
    key = _key(name)
    if key and place not in names.get(key, ()):
        names[key] = (*names.get(key, ()), place)


def _key(name: str) -> str:
    return fold(hear(name).line.strip())


@cache
def _default() -> Places:
    names: dict[str, tuple[Place, ...]] = {}
    for place, ways in _rows():
        for way in ways:
            _add(names, way, place)
    return Places(names)


def _rows() -> Iterator[tuple[Place, list[str]]]:
    """Each place of the data file, with its spellings."""
    city = ""
    for line in files("voice.understanding").joinpath("data", "places.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        name = name.strip()
        ways = [name, *(way.strip() for way in rest.split(",") if way.strip())]
        if line.startswith(" "):
            yield (city, name), ways
        else:
            city = name
            yield (city, None), ways
