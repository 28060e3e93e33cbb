"""Where they want to live or work: cities and localities, without those that the caller rules out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from voice.understanding.gazetteer import LONGEST, Near, Place, Places
from voice.understanding.phrases import word_list
from voice.understanding.sounds import fold
from voice.understanding.text import Heard, Mark, Marks
from voice.understanding.world import common_words, ordinary_words

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

_NEGATED_BEFORE = re.compile(
    r" (?:not|except|excluding|other than|apart from|anything but|anywhere but|instead of|rather than|avoid"
    r"|dont want|dont like|do not want|not in|not interested in|no to|without|never|neither|nor|leave)"
    r"(?: (?:in|at|to|the|any|anything|near|around|from|interested))* $"
)
_NEGATED_AFTER = re.compile(
    r" (?:(?:wale|wala|side|area|mein|ke|to|se|city|hai|hi|bilkul)? ?){0,3}(?:nahi|mat|ke jagah|ke alawa"
    r"|chh?od(?:a?kar| ke| kar)"
    r"|is (?:very |too )?far|is too (?:\w+)|bahut (?:dur|door|mehnga)|se aage nahi"
    r"|is out|wont work|not(?= [\x03,])|ke bajay|ke bajaye)(?= )"
)
_ELSEWHERE_BEFORE = re.compile(
    r" (?:i live in|live in|living in|lives in|based in|i am from|im from|i come from|am from|staying in|stay in"
    r"|calling from"
    r"|i am in|im in|settled in|work in|working in|born in|currently in|presently in|originally from|hail from"
    r"|native of|speaking from)(?: (?:the|near|right|now))* $"
)
_ELSEWHERE_AFTER = re.compile(
    r" (?:se (?:bol|baat|hoon|hun|hu|hai)|(?:mein|main) (?:rehta|rehti|rahta|rahti|rehte|rahte|hoon|hun|hu|kaam"
    r"|job|posted|reh|rah)"
    r"|ka rehne)(?= |a|e|i)"
)
_HIGHWAY_AFTER = re.compile(r"(?: \w+)? (?:highway|expressway)(?= )")  # "the Mumbai Pune highway" is neither
# "Change Baner to Aundh".
_CHANGED_BEFORE = re.compile(r" (?:change|replace|switch|update)(?: (?:it|location|area|city|place|the|from))* $")
_CHANGED_AFTER = re.compile(r" (?:to|with|se|ko) ")
_RESTART = re.compile(r" (?:sorry|no|nahi|actually|i mean|wait|rather|instead|matlab|make it|change) ")
_COMMON_NAME = re.compile(r"(?:Nagar|Road|Lines|Colony|Vihar|Park|Town|Enclave|Garden|Camp|Fort)$")
_FILLERS = frozenset(
    ("i", "we", "the", "a", "in", "is", "hi", "bas", "sirf", "ji", "hai", "or", "and", "ya", "aur", "yes")
)
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


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    places: tuple[Place, ...]
    denied: bool = False
    sure: bool = True


def read_location(heard: Heard, asked: str, places: Places) -> Marks:
    """Slot locations: a list of {"city", "locality"} in the order in which they were said."""
    mentions = _mentions(heard, asked, places)
    if not mentions:
        return Marks()
    cities = _cities(mentions)
    denied = [one for one in mentions if one.denied and one.sure]
    kept = [one for one in mentions if one.sure and not one.denied]
    said = _after_restart(heard.line, kept)
    denied += [one for one in kept if one not in said]
    dropped = tuple(mark for one in denied if (mark := _mark(_resolve([one], cities, places), one)))
    unsure = _unsure(mentions, said, cities, places)
    resolved = _resolve(said, cities, places)
    if not resolved:
        return Marks((), dropped, unsure)
    found = _mark(resolved, said[0], said[-1])
    return Marks((found,) if found else (), dropped, unsure)


def _cities(mentions: list[_Mention]) -> set[str]:
    """The cities said by name, whatever is wanted of them: they tell where a locality is."""
    return {place[0] for one in mentions if one.sure for place in one.places if place[1] is None}


def _unsure(mentions: list[_Mention], said: list[_Mention], cities: set[str], places: Places) -> tuple[Mark, ...]:
    """One place that may be meant, misheard or shared by a few cities: a question can ask about one only."""
    misheard = [one for one in mentions if not one.sure and not one.denied]
    shared = [one for one in said if not _choose(one.places, cities, places) and len(one.places) <= _MOST_SHARED]
    for one in (*misheard, *shared):
        likely = _choose(one.places, cities, places) or (places.likeliest(one.places) or one.places)[0]
        return tuple(mark for mark in [_mark([likely], one)] if mark)
    return ()


def _mark(places: list[Place], first: _Mention, last: _Mention | None = None) -> Mark | None:
    value = [{"city": city, "locality": locality} for city, locality in places]
    return Mark("locations", value, first.start, (last or first).end) if value else None


def _mentions(heard: Heard, asked: str, places: Places) -> list[_Mention]:
    words = tuple(token.word for token in heard.tokens)
    mentions: list[_Mention] = []
    at, guesses = 0, 0
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
        mentions += _mention(heard.line, read)
    return mentions


def _mention(line: str, read: _Read) -> list[_Mention]:
    """The place as mentioned, unless it says where somebody is now, or which highway is meant."""
    start, end = read.start, read.end
    if _ELSEWHERE_BEFORE.search(line[:start]) or _ELSEWHERE_AFTER.match(line, end):
        return []
    if read.places[0][1] is None and _HIGHWAY_AFTER.match(line, end):
        return []
    return [_Mention(start, end, read.places, denied=_is_denied(line, start, end), sure=read.sure)]


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
    stretches = [here.of(used) for used in range(min(LONGEST, len(here.words) - here.at), 0, -1)]
    for stretch in stretches if places.begins(here.name) else stretches[-1:]:
        known = places.named(stretch.name)
        if known and _is_named(stretch, asked, places):
            return _longer(stretch, asked, places) or stretch.as_read(known)
    for stretch in stretches:
        city = places.elsewhere(stretch.name)
        if city and _is_meant(stretch, asked, places):
            return _faraway(stretch, city, places)
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
        return True
    if len(name) > _SHORTEST_CUED and stretch.follows_cue():
        return True
    if asked != "location" or name not in common_words():
        return asked == "location"
    fillers = (word_list("plain_words"), _FILLERS)
    return stretch.has_cue() or all(any(w in some for some in fillers) or places.named(w) for w in stretch.rest)


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
    if not number.isdigit() or len(number) > 3:
        return None
    letter = letter if letter in tuple("abcd") else ""
    locality = f"Sector {number}{letter.upper()}"
    return here.of(3 if letter else 2).as_read(tuple((city, locality) for city in _SECTORED))


def _is_denied(line: str, start: int, end: int) -> bool:
    before = line[:start]
    changed = _CHANGED_BEFORE.search(before) and _CHANGED_AFTER.match(line, end)
    return bool(changed or _NEGATED_BEFORE.search(before) or _NEGATED_AFTER.match(line, end))


def _after_restart(line: str, kept: list[_Mention]) -> list[_Mention]:
    """What was said after the last correction."""
    for at in range(len(kept) - 1, 0, -1):
        if _RESTART.search(line[kept[at - 1].end : kept[at].start + 1]):
            return kept[at:]
    return kept


def _resolve(mentions: list[_Mention], cities: set[str], places: Places) -> list[Place]:
    """Give each locality its city, and let a city that only says where a locality is go without saying."""
    chosen = [place for one in mentions if (place := _choose(one.places, cities, places))]
    covered = {city for city, locality in chosen if locality}
    kept = [place for place in chosen if place[1] or place[0] not in covered]
    return list(dict.fromkeys(kept))


def _choose(candidates: tuple[Place, ...], cities: set[str], places: Places) -> Place | None:
    """A name that several cities share needs its city said; "MG Road" is wherever it is said to be."""
    said = [place for place in candidates if place[0] in cities and place[1]]
    if len(said) == 1 and (len(candidates) > 1 or candidates[0] in places.minor):
        return said[0]
    likely = places.likeliest(candidates)
    if len(likely) == 1:
        city, locality = likely[0]
        elsewhere = locality and city not in cities and len(cities) == 1 and _COMMON_NAME.search(locality)
        return (min(cities), locality) if elsewhere else likely[0]
    return next((place for place in likely if place[1] is None), None)
