"""The places that callers name: cities with their spoken variants, and localities that imply their city."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from voice.understanding.numbers import hear
from voice.understanding.sounds import fold, sound
from voice.understanding.world import common_words, find_city

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Place = tuple[str, str | None]  # canonical city, locality (None: the whole city)

LONGEST = 4  # words in the longest name looked up
# Of 100, chosen from the table that bench/places.py prints: what fills the slot unasked, what does so where no place
# was asked for, and what is worth "Did you mean ...?".
SURE = 90.0
STRICT = 94.0
UNSURE = 76.0
MARGIN = 4.0  # that a sure name must lead the next place by
_SHORTEST_SURE = 6  # letters of a sound; shorter ones are too near to common words
_SHORTEST_UNSURE = 5
_SHORTEST_HEAD = 4  # letters before "Nagar": it is they that tell one Nagar from another
_TAIL = re.compile(
    "nagar|road|colony|vihar|park|layout|enclave|gardens?|extension|city|east|west|north|south|phase|hills?|bagh|marg"
    "|chowk|town|complex|lines|estate|village|street|lane|cross|circle|puram|peth|khand|camp"
)
_FIRST = {letter: group[0] for group in ("kg", "pbvf", "td", "sCj", "aeiouh", "mn", "lr") for letter in group}


@dataclass(frozen=True, slots=True)
class Near:
    """Places that a name may mean by its sound; `score` of 100, `lead` over the next other place."""

    places: tuple[Place, ...] = ()
    score: float = 0.0
    lead: float = 0.0
    length: int = 0

    def is_sure(self, *, strict: bool) -> bool:
        """True when nothing else can be meant; `strict` where no place was asked for."""
        if self.length < _SHORTEST_SURE or self.lead < MARGIN:
            return False
        return self.score >= (STRICT if strict else SURE)


@dataclass(frozen=True, eq=False)
class Places:
    """Names, as heard and folded, to the places that they may mean. Never changed once built, so threads may share it.

    `shy` names are also common words: places only in answer to the question for a place. `minor` places share their
    name with a better known one. `wider` holds the built-in places behind a brokerage's own.
    """

    names: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    folded: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    shy: frozenset[str] = frozenset()
    minor: frozenset[Place] = frozenset()
    wider: Places | None = None

    @classmethod
    def default(cls) -> Places:
        """The built-in gazetteer."""
        return _default()

    def with_listings(self, listed: Iterable[tuple[str, str]]) -> Places:
        """Add (city, locality) pairs as the brokerage's own listings name them; an empty locality adds a city.

        Own names win where a name is shared. The same pairs again cost a look-up: 2,000 new ones some tens of ms.
        """
        return _with_listings(self, frozenset(listed))

    def named(self, name: str) -> tuple[Place, ...]:
        """Places of this name, however it is spelled, own ones first."""
        found = self.names.get(name) or self.folded.get(fold(name), ())
        if self.wider is None:
            return found
        return tuple(dict.fromkeys((*found, *self.wider.named(name))))

    def is_shy(self, name: str) -> bool:
        """True for a name that is also a common word; the brokerage's own names are no exception."""
        return name in self.shy or name in common_words() or (self.wider is not None and self.wider.is_shy(name))

    def likeliest(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Those meant where no city is said: the brokerage's own, else the better known."""
        if self.wider is not None:
            own = {place for known in self.names.values() for place in known} if len(places) > 1 else set()
            return tuple(place for place in places if place in own) or self.wider.likeliest(places)
        return tuple(place for place in places if place not in self.minor)

    def elsewhere(self, name: str) -> str | None:
        """A city that only the world's list knows, by its exact name."""
        return find_city(name)

    def near(self, name: str) -> Near:
        """The place whose name sounds most like this one, with how far it leads every other."""
        head, tail = split_tail(name)
        if len(head) < (_SHORTEST_HEAD if tail else _SHORTEST_UNSURE):
            return Near()
        best = sorted(self._nearest(head, tail), key=lambda one: -one[1])
        if not best:
            return Near()
        first, score = best[0]
        rival = next((other for places, other in best[1:] if not set(places) & set(first)), 0.0)
        return Near(first, score, score - rival, len(head) + len(tail))

    def _nearest(self, head: str, tail: str) -> list[tuple[tuple[Place, ...], float]]:
        """The nearest few, own ones first; a built-in namesake of an own place is no rival to it."""
        heads = self._heads.get((_FIRST.get(head[0], head[0]), tail), {})
        best = process.extract(head, heads.keys(), scorer=fuzz.ratio, score_cutoff=UNSURE, limit=4)
        own = [(heads[key], score) for key, score, _ in best]
        if self.wider is None:
            return own
        others = self.wider._nearest(head, tail)
        top = max((score for _, score in own), default=0.0)
        return own + [(places, score) for places, score in others if score != top]

    @cached_property
    def _heads(self) -> dict[tuple[str, str], dict[str, tuple[Place, ...]]]:
        """First sound and generic ending of a name, to its remaining sound, to its places."""
        heads: dict[tuple[str, str], dict[str, tuple[Place, ...]]] = {}
        for name, places in self.names.items():
            head, tail = split_tail(name)
            if head and (known := self.likeliest(places)):
                block = heads.setdefault((_FIRST.get(head[0], head[0]), tail), {})
                block[head] = tuple(dict.fromkeys((*block.get(head, ()), *known)))
        return heads


def is_tail(word: str) -> bool:
    """True for the "nagar" or "road" that many names end in."""
    return bool(_TAIL.fullmatch(word))


@lru_cache(16384)
def split_tail(name: str) -> tuple[str, str]:
    """The sound of a name, and the "nagar" or "road" that it shares with many: ("vijai", "nagar")."""
    words = name.split()
    if len(words) > 1 and is_tail(words[-1]):
        return sound(" ".join(words[:-1])), words[-1]
    return sound(name), ""


@lru_cache(16384)
def plain(name: str) -> str:
    """A name as `hear` spells it."""
    return " ".join(token.word for token in hear(name).tokens)


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
    if name.isdigit():
        return  # Pandra in Ranchi is fifteen to everybody else
    for names, key in ((places.names, name), (places.folded, fold(name))):
        if key and place not in names.get(key, ()):
            names[key] = (*names.get(key, ()), place)


@cache
def _default() -> Places:
    rows = list(_rows())
    minor = frozenset(place for place, _, is_minor in rows if is_minor)
    places = Places(shy=frozenset(_shy()), minor=minor)
    for place, ways, _ in rows:
        for way in ways:
            _add(places, way, place)
    return places


def _lines() -> list[str]:
    return files("voice.understanding").joinpath("data", "places.txt").read_text("utf-8").splitlines()


def _shy() -> list[str]:
    """The names listed on the `!` lines of the data file."""
    return [plain(name) for line in _lines() if line.startswith("!") for name in line[1:].split(";")]


def _rows() -> Iterator[tuple[Place, list[str], bool]]:
    """Each place of the data file, with its spellings, and whether a better known place bears its name."""
    city = ""
    for line in _lines():
        if not line.strip() or line[0] in "#!":
            continue
        if line.startswith(" "):
            for entry in line.split(";"):
                locality, _, ways = entry.partition("=")
                name = locality.strip().removeprefix("~")
                yield (city, name), [name, *filter(None, map(str.strip, ways.split(",")))], "~" in locality
            continue
        city, _, rest = line.partition(":")
        yield (city, None), [city, *filter(None, map(str.strip, rest.split(",")))], False
