"""Where they want to live or work: cities and localities, without those that the caller rules out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from voice.understanding.bearing import Bearing, Named, bearings
from voice.understanding.gazetteer import LONGEST, Near, Place, Places
from voice.understanding.mentions import Mention, after_restart, choose, cities_of, resolve, without_region
from voice.understanding.phrases import word_list
from voice.understanding.sounds import fold
from voice.understanding.text import Heard, Mark, Marks
from voice.understanding.world import begins_city, common_words, ordinary_words

_LONG = 30  # words; of so many half as many guesses are made
_MOST_GUESSES = 8  # words looked up by their sound; who says more unknown ones names no place
_LONGEST_MISHEARD = 3  # words that a recogniser makes of one name
_SHORTEST_CUED = 3  # letters
_TOO_NEAR = 84.0  # of 100: a far-away city whose name is this near to one of ours
_MOST_SHARED = 4  # cities; a name that more of them share says nothing
_TAIL = re.compile(  # what many names end in
    "nagar|road|colony|vihar|park|layout|enclave|gardens?|extension|city|east|west|north|south|hills?|town|village"
)
# Hindi verbs, by their endings: "padega" is no Padegaon.
_VERB = re.compile(
    r"\w+(?:[ei]ga|[ei]gi|en?ge|en?gi|oo?n?ga|oo?n?gi|un?gi|iye|iyega|[aj]kt[aei]|[hjnr]t[aei]|[ckh]hn[aei])"
)
_CUE_BEFORE = re.compile(r" (?:in|at|near|around|within|inside)(?: the)? $")
_CUE_AFTER = re.compile(r" (?:mein|me|side|area|ke paas|ke aas|ke andar|location)(?= )")

_FILLERS = frozenset(
    ("i", "we", "the", "a", "in", "is", "hi", "bas", "sirf", "ji", "hai", "or", "and", "ya", "aur", "yes")
)
_STATES = frozenset(
    (
        *(
            "madhya",
            "uttar",
            "andhra",
            "arunachal",
            "himachal",
            "pradesh",
            "mp",
            "up",
            "west",
            "bengal",
            "tamil",
            "nadu",
        ),
        *("maharashtra", "karnataka", "kerala", "telangana", "gujarat", "rajasthan", "punjab", "haryana", "bihar"),
        *("jharkhand", "odisha", "orissa", "assam", "chhattisgarh", "uttarakhand", "india"),
    )
)
_LIST_WORDS = frozenset(("ya", "aur", "or"))
_LONGEST_VAGUE = 7  # letters; a longer name is no chance likeness
_LONGEST_PIECE = 6  # letters
_SHORTEST_GLUED = 5
_MOST_GLUED = 20  # words; who says more has not only named a place
_SOUNDS_LIKE = {
    "eye": "ai",
    "bye": "bai",
    "pie": "pai",
    "nigh": "nai",
    "day": "de",
    "know": "no",
    "knee": "ni",
    "pour": "pur",
    "poor": "pur",
    "door": "dor",
}
_BIHAR = re.compile(r" b[ie]+ha+r$")  # "Palam Bihar" is Palam Vihar
_SECTOR_WORDS = frozenset(("sector", "sec", "sectar", "sektar"))
# Cities whose localities are numbered: the number says nothing without the city.
_SECTORED = (
    "Noida",
    "Gurugram",
    "Faridabad",
    "Chandigarh",
    "Panchkula",
    "Mohali",
    "Greater Noida",
    "Greater Noida West",
)


def read_location(heard: Heard, asked: str, places: Places) -> Marks:
    """Slot locations: a list of {"city", "locality"} in the order in which they were said."""
    mentions, beside = _mentions(heard, asked, places)
    if not mentions:
        return Marks()
    cities = cities_of(mentions, places) or cities_of(beside, places)
    denied = [one for one in mentions if one.denied and one.sure]
    kept = [one for one in mentions if one.sure and not one.denied]
    meant = after_restart(heard.line, kept)
    denied += [one for one in kept if one not in meant]
    said = without_region(heard.line, meant)
    dropped = tuple(mark for one in denied if (mark := _mark(resolve([one], cities, places), one)))
    unsure = _unsure(mentions, said, cities, places)
    # "Indira Nagar, not the one in Lucknow" lies elsewhere.
    resolved = resolve(said, cities_of(kept, places) or cities_of(beside, places), places)
    if not resolved:
        return Marks((), dropped, unsure)
    found = _mark(resolved, said[0], said[-1])
    return Marks((found,) if found else (), dropped, unsure)


def _unsure(mentions: list[Mention], said: list[Mention], cities: set[str], places: Places) -> tuple[Mark, ...]:
    """One place that may be meant, misheard or shared by a few cities: a question can ask about one only."""
    misheard = [one for one in mentions if not one.sure and not one.denied]
    shared = [one for one in said if not choose(one.places, cities, places) and len(one.places) <= _MOST_SHARED]
    for one in (*misheard, *shared):
        likely = choose(one.places, cities, places) or (places.likeliest(one.places) or one.places)[0]
        return tuple(mark for mark in [_mark([likely], one)] if mark)
    return ()


def _mark(places: list[Place], first: Mention, last: Mention | None = None) -> Mark | None:
    value = [{"city": city, "locality": locality} for city, locality in places]
    return Mark("locations", value, first.start, (last or first).end) if value else None


def _mentions(heard: Heard, asked: str, places: Places) -> tuple[list[Mention], list[Mention]]:
    """What is said to be wanted or not, and what is named only beside it."""
    words = tuple(token.word for token in heard.tokens)
    reads: list[_Read] = []
    at, guesses = 0, _MOST_GUESSES // 2 if len(words) > _LONG else 0
    while at < len(words):
        stretch = _Stretch(heard, words, at)
        read = _read(stretch, asked, places)
        if read is None and guesses < _MOST_GUESSES and _may_be_misheard(words[at]):
            guesses += 1
            read = _misheard(stretch, asked, places)
        if read is None:
            at += 1
            continue
        at += read.used
        reads.append(read)
    found = _bearings(heard.line, reads)
    every = [
        Mention(read.start, read.end, read.places, denied=one is Bearing.DENIED, sure=read.sure)
        for read, one in zip(reads, found, strict=True)
    ]
    told = [one for one, how in zip(every, found, strict=True) if how is Bearing.BESIDE]
    return [one for one in every if one not in told], told


def _bearings(line: str, reads: list[_Read]) -> list[Bearing]:
    """What is only nearly named does not part a sure name from what is said about it."""
    sure = [read for read in reads if read.sure]
    told = dict(zip(map(id, sure), bearings(line, [_named(read) for read in sure]), strict=True))
    if len(sure) == len(reads):
        return list(told.values())
    every = bearings(line, [_named(read) for read in reads])
    return [told.get(id(read), one) for read, one in zip(reads, every, strict=True)]


def _named(read: _Read) -> Named:
    is_city = any(locality is None for _, locality in read.places)
    return Named(read.start, read.end, is_city, frozenset(city for city, _ in read.places))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """`used` words of an utterance from word `at`."""

    heard: Heard
    words: tuple[str, ...]
    at: int
    used: int = 1

    def of(self, used: int) -> _Stretch:
        return _Stretch(self.heard, self.words, self.at, used)

    @property
    def said(self) -> tuple[str, ...]:
        return self.words[self.at : self.at + self.used]

    @property
    def name(self) -> str:
        return " ".join(self.said)

    @property
    def rest(self) -> list[str]:
        """The other words of the utterance, without figures and signs."""
        return [word for word in (*self.words[: self.at], *self.words[self.at + self.used :]) if word.isalpha()]

    @property
    def start(self) -> int:
        return self.heard.starts[self.at]

    @property
    def end(self) -> int:
        last = self.at + self.used - 1
        return self.heard.starts[last] + len(self.words[last])

    def follows_cue(self) -> bool:
        return bool(_CUE_BEFORE.search(self.heard.line[: self.start]))

    def has_cue(self) -> bool:
        """True after "in" or "near", or before "mein" or "side"."""
        return self.follows_cue() or bool(_CUE_AFTER.match(self.heard.line, self.end))

    def is_alone(self, places: Places, *, exact: bool = True) -> bool:
        """True where the rest is only how people answer; `exact` False allows the fewest words more."""
        fillers = (word_list("plain_words"), _FILLERS, _STATES) if exact else (_FILLERS, _STATES)
        return all(any(word in some for some in fillers) or places.named(word) for word in self.rest)

    def is_listed(self, places: Places) -> bool:
        """True beside another place: "Rohini ya Janakpuri"."""
        after = self.words[self.at + self.used :][:2]
        before = self.words[max(0, self.at - 2) : self.at]
        return any(
            len(pair) == 2 and pair[0] in _LIST_WORDS and bool(places.named(pair[1])) and not places.is_shy(pair[1])
            for pair in (after, before[::-1])
        )

    def has_city(self, places: Places) -> bool:
        return any(
            not place[1] and not places.is_shy(word) for word in self.rest for place in places.names.get(word, ())
        )

    def as_read(self, places: tuple[Place, ...], *, sure: bool = True) -> _Read:
        return _Read(self.used, self.start, self.end, places, sure)


@dataclass(frozen=True, slots=True)
class _Read:
    """Places that a stretch of words may name."""

    used: int
    start: int
    end: int
    places: tuple[Place, ...]
    sure: bool


def _read(here: _Stretch, asked: str, places: Places) -> _Read | None:
    """The longest known name that starts here."""
    if here.words[here.at] in _SECTOR_WORDS:
        return _sector(here)
    first = here.words[here.at]
    near, far = places.begins(first), begins_city(first)
    if not (near or far or places.named(first)):
        return _glued(here, places) if asked == "location" else None
    stretches = [here.of(used) for used in range(min(LONGEST, len(here.words) - here.at), 0, -1)]
    for stretch in stretches if near else stretches[-1:]:
        known = places.named(stretch.name) or places.named(_BIHAR.sub(" vihar", stretch.name))
        if known and _is_named(stretch, asked, places):
            return _longer(stretch, asked, places) or stretch.as_read(known)
    if asked == "location" and (glued := _glued(here, places)):
        return glued
    for stretch in stretches if far else ():
        city = places.elsewhere(stretch.name)
        if city and _is_meant(stretch, asked, places):
            return _faraway(stretch, city, places)
    return None


def _glued(here: _Stretch, places: Places) -> _Read | None:
    """A known name that a recogniser took for short words: "ban dra", "chen eye"."""
    if len(here.words[here.at]) > _LONGEST_PIECE or len(here.words) > _MOST_GLUED:
        return None
    for stretch in (here.of(3), here.of(2)):
        said = stretch.said
        if len(said) < stretch.used or not all(word.isalpha() and len(word) <= _LONGEST_PIECE for word in said):
            continue
        if all(word in common_words() or word in word_list("plain_words") for word in said) and not stretch.is_alone(
            places
        ):
            continue
        name = "".join(_SOUNDS_LIKE.get(word, word) for word in said)
        known = places.named(name) if len(name) >= _SHORTEST_GLUED else ()
        if known and not places.is_lesser(name) and not places.is_shy(name):
            return stretch.as_read(known)
    return None


def _faraway(stretch: _Stretch, city: str, places: Places) -> _Read:
    """Jaipura is a town, and how a recogniser may write Jaipur; Reading is one, and no answer: both are asked about."""
    own = places.near(stretch.name)
    if own.is_known and own.score > _TOO_NEAR and (city, None) not in own.places:
        return stretch.as_read(own.places, sure=False)
    return stretch.as_read(((city, None),), sure=not all(word in common_words() for word in stretch.said))


def _longer(known: _Stretch, asked: str, places: Places) -> _Read | None:
    """A longer name that is nearly said where a shorter one is: "Palam Bihar" is not Palam."""
    after = known.words[known.at + known.used :][:1]
    if asked != "location" or not after or not (_may_be_misheard(after[0]) or _is_tail(after[0])):
        return None
    longer = known.of(known.used + 1)
    near = places.near(longer.name)
    return longer.as_read(near.places) if near.is_sure() and not places.named(after[0]) else None


def _is_named(stretch: _Stretch, asked: str, places: Places) -> bool:
    """True where a known name is said as a place: "gaya" is a city, and how Hindi says that somebody went."""
    name = stretch.name
    if not places.is_shy(name):
        return _is_told_apart(stretch, asked, places)
    if len(name) > _SHORTEST_CUED and stretch.follows_cue():
        return True
    if asked != "location" or name not in common_words():
        return asked == "location"
    return stretch.has_cue() or stretch.is_listed(places) or stretch.is_alone(places)


def _is_told_apart(stretch: _Stretch, asked: str, places: Places) -> bool:
    """False for a seldom named place, or one written otherwise, in words that we do not know: "kavali andi"."""
    name = stretch.name
    exact, lesser = places.spells(name), places.is_lesser(name)
    if len(name) > _LONGEST_VAGUE or " " in name or (exact and not lesser):
        return True
    if stretch.has_cue():
        return True
    if asked != "location":
        return exact and stretch.has_city(places)
    return not lesser or stretch.is_alone(places, exact=exact) or stretch.has_city(places)


def _is_meant(stretch: _Stretch, asked: str, places: Places) -> bool:
    """True where a city of the world's list can be nothing else: said as a place, or the whole answer."""
    if all(word in common_words() for word in stretch.said):
        return asked == "location" and not stretch.rest
    if stretch.has_cue():
        return True
    fillers = (common_words(), word_list("plain_words"), _FILLERS)
    return asked == "location" and all(
        any(word in some for some in fillers) or places.named(word) or places.elsewhere(word) for word in stretch.rest
    )


def _misheard(here: _Stretch, asked: str, places: Places) -> _Read | None:
    """A name nearly said from here; where no place was asked for, only one that nothing else can mean."""
    best, taken = Near(), here
    for used in range(1, min(_LONGEST_MISHEARD, len(here.words) - here.at) + 1):
        stretch = here.of(used)
        last = stretch.said[-1]
        if used > 1 and last in ordinary_words() and not _is_tail(last):
            break
        near = places.near(stretch.name)
        # Beside a known name the two together must surely be another: "gretter Noida".
        if near.score >= best.score and (near.is_sure() or not any(map(places.named, stretch.said))):
            best, taken = near, stretch
    if not best.places:
        return None
    if asked == "location":
        return taken.as_read(best.places, sure=best.is_sure())
    return taken.as_read(best.places) if best.is_sure(strict=True) and taken.has_cue() else None


def _is_tail(word: str) -> bool:
    return bool(_TAIL.fullmatch(word))


@lru_cache(8192)
def _may_be_misheard(word: str) -> bool:
    known = word in word_list("plain_words") or fold(word) in _folded_words() or _VERB.fullmatch(word)
    return len(word) > 2 and word.isalpha() and not known


@cache
def _folded_words() -> frozenset[str]:
    return frozenset(map(fold, common_words()))


def _sector(here: _Stretch) -> _Read | None:
    """Find "Sector 62" in whichever city is named beside it."""
    _, number, letter = (*here.of(3).said, "", "")[:3]
    if not number.isdecimal() or len(number) > 3:
        return None
    letter = letter if letter in tuple("abcd") else ""
    locality = f"Sector {number}{letter.upper()}"
    return here.of(3 if letter else 2).as_read(tuple((city, locality) for city in _SECTORED))
