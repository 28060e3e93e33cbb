"""The places that callers name: cities with their spoken variants, and localities that imply their city."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from voice.understanding.numbers import hear
from voice.understanding.sounds import fold
from voice.understanding.world import common_words, find_city

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Place = tuple[str, str | None]  # canonical city, locality (None: the whole city)

LONGEST = 4  # words in the longest name looked up
# Of 100, chosen from the table that bench/places.py prints: what fills the slot unasked, what does so where no place
# was asked for, and what is worth "Did you mean ...?".
SURE = 88.0
STRICT = 94.0
UNSURE = 80.0
MARGIN = 4.0  # that a sure name must lead the next place by
LEAD = 2.0  # the same, of a name worth a question
_FAME = 8.0  # what a well-known name is given before a less known one that sounds alike
_SHORTEST_SURE = 6  # letters; shorter names are too near to common words
_SHORTEST_UNSURE = 5
_FIRST = {letter: group[0] for group in ("kgqc", "pbvf", "td", "sjxz", "aeiouhy", "mn", "lr") for letter in group}


@dataclass(frozen=True, slots=True)
class Near:
    """Places that a name may mean by its sound; `score` of 100, `lead` over the next other place."""

    places: tuple[Place, ...] = ()
    score: float = 0.0
    lead: float = 0.0
    length: int = 0
    is_known: bool = True  # well known, or the brokerage's own

    def is_sure(self, *, strict: bool = False) -> bool:
        """True when nothing else can be meant; `strict` where no place was asked for."""
        if not self.is_known or self.length < _SHORTEST_SURE or self.lead < MARGIN:
            return False
        return self.score >= (STRICT if strict else SURE)


@dataclass(frozen=True, eq=False)
class Places:
    """Names, as heard and folded, to the places that they may mean. Never changed once built, so threads may share it.

    `shy` names are also common words: places only in answer to the question for a place. `minor` places share their
    name with a better known one, `lesser` ones are named too seldom to be guessed. `wider` holds the built-in places
    behind a brokerage's own.
    """

    names: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    folded: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    shy: frozenset[str] = frozenset()
    minor: frozenset[Place] = frozenset()
    lesser: frozenset[Place] = frozenset()
    wider: Places | None = None

    @classmethod
    def default(cls) -> Places:
        """The built-in gazetteer."""
        return _default()

    def prepare(self) -> None:
        """Build what the first misheard or far-away name would otherwise wait for: half a second."""
        self.near("koramangala")
        self.elsewhere("dubai")

    def with_listings(self, listed: Iterable[tuple[str, str]]) -> Places:
        """Add (city, locality) pairs as the brokerage's own listings name them; an empty locality adds a city.

        Own names win where a name is shared. The same pairs again cost a look-up: 2,000 new ones some tens of ms.
        """
        return _with_listings(self, frozenset(listed))

    def named(self, name: str) -> tuple[Place, ...]:
        """Places of this name, however it is spelled, own ones first."""
        found = self.names.get(name) or (() if name in common_words() else self.folded.get(fold(name), ()))
        if self.wider is None:
            return found
        return tuple(dict.fromkeys((*found, *self.wider.named(name))))

    def begins(self, word: str) -> bool:
        """True when a name of several words may begin with this one; spares looking up most of what is said."""
        known = word in self._beginnings or fold(word) in self._beginnings
        return known or (self.wider is not None and self.wider.begins(word))

    def is_shy(self, name: str) -> bool:
        """True for a name that is also a common word; the brokerage's own names are no exception."""
        return name in self.shy or name in common_words() or (self.wider is not None and self.wider.is_shy(name))

    def spells(self, name: str) -> bool:
        """True for a name exactly as listed, not by another spelling of the same sounds."""
        return name in self.names or (self.wider is not None and self.wider.spells(name))

    def is_lesser(self, name: str) -> bool:
        """True where all places of this name are seldom named, and none is the brokerage's own."""
        return self._is_lesser(self.named(name))

    def likeliest(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Those meant where no city is said: the brokerage's own, else the better known."""
        if self.wider is not None:
            return tuple(place for place in places if place in self._own) or self.wider.likeliest(places)
        return tuple(place for place in places if place not in self.minor)

    def elsewhere(self, name: str) -> str | None:
        """A city that only the world's list knows, by its exact name."""
        return find_city(name)

    def near(self, name: str) -> Near:
        """The place whose name is spelled most like this one, with how far it leads every other."""
        return _near(self, fold(name))

    def _near(self, name: str) -> Near:
        if len(name) < _SHORTEST_UNSURE:
            return Near()
        best = sorted(self._nearest(name), key=lambda one: -one[1] - (0 if self._is_lesser(one[0]) else _FAME))
        if not best:
            return Near()
        first, score = best[0]
        rival = next((other for places, other in best[1:] if not set(places) & set(first)), 0.0)
        if score - rival < LEAD and not self._is_lesser(best[1][0]):
            return Near()
        return Near(first, score, score - rival, len(name), not self._is_lesser(first))

    def _is_lesser(self, places: tuple[Place, ...]) -> bool:
        lesser = self.lesser if self.wider is None else self.wider.lesser
        return all(place in lesser for place in places) and not any(place in self._own for place in places)

    @cached_property
    def _own(self) -> frozenset[Place]:
        """The brokerage's own places; none without listings."""
        return frozenset(place for known in self.names.values() for place in known) if self.wider else frozenset()

    def _nearest(self, name: str) -> list[tuple[tuple[Place, ...], float]]:
        """The nearest few, own ones first; a built-in place as near as an own one is no rival to it."""
        names = self._initials.get(_initial(name), [])
        best = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=UNSURE, limit=4)
        own = [(self.likeliest(self.folded[key]) or self.folded[key], score) for key, score, _ in best]
        if self.wider is None:
            return own
        top = max((score for _, score in own), default=0.0)
        return own + [(places, score) for places, score in self.wider._nearest(name) if score != top]

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(name.split()[0] for names in (self.names, self.folded) for name in names if " " in name)

    @cached_property
    def _initials(self) -> dict[str, list[str]]:
        """Folded names by the sound that they begin with: few callers get that wrong."""
        names: dict[str, list[str]] = {}
        for name in self.folded:
            if len(name) >= _SHORTEST_UNSURE:
                names.setdefault(_initial(name), []).append(name)
        return names


def _initial(name: str) -> str:
    return _FIRST.get(name[0], name[0])


@lru_cache(16384)
def plain(name: str) -> str:
    """A name as `hear` spells it."""
    return " ".join(token.word for token in hear(name).tokens)


@lru_cache(4096)
def _near(places: Places, name: str) -> Near:
    """One utterance is read several times, to find the words that say each value."""
    return places._near(name)


@lru_cache(16)
def _with_listings(places: Places, listed: frozenset[tuple[str, str]]) -> Places:
    own = Places(wider=places)
    for city, locality in sorted(listed):
        known = [place[0] for place in places.named(plain(city)) if place[1] is None]
        canonical = known[0] if known else city
        _add(own, city, (canonical, None))
        if locality:
            _add(own, locality, (canonical, _canonical(places, canonical, locality)))
    return own


def _canonical(places: Places, city: str, locality: str) -> str:
    """One spelling for a locality that the gazetteer knows: a listing's "Hinjawadi" is Hinjewadi."""
    known = places.names.get(plain(locality), ())
    return next((name for home, name in known if home == city and name), locality)


def _add(places: Places, name: str, place: Place) -> None:
    name = plain(name)
    if name.isdecimal():
        return  # Pandra in Ranchi is fifteen to everybody else
    for names, key in ((places.names, name), (places.folded, fold(name))):
        if key and place not in names.get(key, ()):
            names[key] = (*names.get(key, ()), place)


@cache
def _default() -> Places:
    rows = list(_rows())
    minor, lesser = (frozenset(row.place for row in rows if row.rank == rank) for rank in ("~", "-"))
    places = Places(shy=frozenset(_shy()), minor=minor, lesser=minor | lesser)
    for row in rows:
        for way in row.ways:
            _add(places, way, row.place)
    return places


def _lines() -> list[str]:
    return files("voice.understanding").joinpath("data", "places.txt").read_text("utf-8").splitlines()


def _shy() -> list[str]:
    """The names listed on the `!` lines of the data file."""
    return [plain(name) for line in _lines() if line.startswith("!") for name in line[1:].split(";")]


class _Row(NamedTuple):
    """A place of the data file, its spellings, and "~" or "-" where it is less known than others."""

    place: Place
    ways: list[str]
    rank: str


def _rows() -> Iterator[_Row]:
    city = ""
    for line in _lines():
        if not line.strip() or line[0] in "#!":
            continue
        if line.startswith(" "):
            rank = "-" if line.startswith(" - ") else ""
            for entry in line.removeprefix(" - ").split(";"):
                locality, _, ways = entry.partition("=")
                name = locality.strip().removeprefix("~")
                yield _Row((city, name), [name, *_split(ways)], "~" if "~" in locality else rank)
            continue
        city, _, ways = line.partition(":")
        yield _Row((city, None), [city, *_split(ways)], "")


def _split(ways: str) -> list[str]:
    return [way for way in map(str.strip, ways.split(",")) if way]
