"""Where they want to live or work: cities and localities, without those that the caller rules out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice.understanding.gazetteer import LONGEST, Place, Places
from voice.understanding.phrases import word_list
from voice.understanding.text import Heard, Mark, Marks

_NEGATED_BEFORE = re.compile(
    r" (?:not|except|excluding|other than|apart from|anything but|anywhere but|instead of|rather than|avoid"
    r"|dont want|dont like|do not want|not in|not interested in|no to|without|never|neither|nor|leave)"
    r"(?: (?:in|at|to|the|any|anything|near|around|from|interested))* $"
)
_NEGATED_AFTER = re.compile(
    r" (?:(?:wale|wala|side|area|mein|ke|to|se|city|hai|hi|bilkul)? ?){0,3}(?:nahi|mat|ke jagah|ke alawa|chhodkar"
    r"|chhod ke"
    r"|chod ke|chodkar|is (?:very |too )?far|is too (?:\w+)|bahut (?:dur|door|mehnga)|se aage nahi"
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
    unsure = _unsure([one for one in mentions if not one.sure and not one.denied])
    denied = [one for one in mentions if one.denied and one.sure]
    kept = [one for one in mentions if one.sure and not one.denied]
    after_restart = _after_restart(heard.line, kept)
    denied += [one for one in kept if one not in after_restart]
    resolved = _resolve(after_restart)
    dropped = tuple(mark for one in denied if (mark := _mark(_resolve([one]), one.start, one.end)))
    if not resolved:
        return Marks((), dropped, unsure)
    found = _mark(resolved, after_restart[0].start, after_restart[-1].end)
    return Marks((found,) if found else (), dropped, unsure)


def _unsure(mentions: list[_Mention]) -> tuple[Mark, ...]:
    """Name one misheard place: a question can ask about one only."""
    marks = (_mark(_resolve([one]), one.start, one.end) for one in mentions)
    return tuple(mark for mark in marks if mark)[:1]


def _mark(places: list[Place], start: int, end: int) -> Mark | None:
    value = [{"city": city, "locality": locality} for city, locality in places]
    return Mark("locations", value, start, end) if value else None


def _mentions(heard: Heard, asked: str, places: Places) -> list[_Mention]:
    words = [token.word for token in heard.tokens]
    mentions: list[_Mention] = []
    at = 0
    while at < len(words):
        sure = True
        known, used = _sector(words, at) if words[at] in _SECTOR_WORDS else _match(words, at, asked, places)
        if not used and asked == "location":
            known, used, sure = _misheard(words, at, places)
        if not used:
            at += 1
            continue
        start, end = heard.starts[at], heard.starts[at + used - 1] + len(words[at + used - 1])
        at += used
        if _ELSEWHERE_BEFORE.search(heard.line[:start]) or _ELSEWHERE_AFTER.match(heard.line, end):
            continue
        if known[0][1] is None and _HIGHWAY_AFTER.match(heard.line, end):
            continue
        mentions.append(_Mention(start, end, known, denied=_is_denied(heard.line, start, end), sure=sure))
    return mentions


def _match(words: list[str], at: int, asked: str, places: Places) -> tuple[tuple[Place, ...], int]:
    """The longest known name from word `at`, and how many words it takes."""
    for used in range(min(LONGEST, len(words) - at), 0, -1):
        name = " ".join(words[at : at + used])
        known = places.named(name)
        if known and (asked == "location" or name not in places.shy):
            return known, used
    return (), 0


def _misheard(words: list[str], at: int, places: Places) -> tuple[tuple[Place, ...], int, bool]:
    """A name nearly said from word `at`, how many words it takes, and whether nothing else can be meant."""
    for used in (2, 1):
        piece = words[at : at + used]
        if len(piece) == used and all(_may_be_misheard(word) for word in piece):
            near = places.near(" ".join(piece))
            if near.places and (used == 1 or not any(places.named(word) for word in piece)):
                return near.places, used, near.sure
    return (), 0, False


def _may_be_misheard(word: str) -> bool:
    return len(word) > 2 and word.isalpha() and word not in word_list("plain_words")


def _sector(words: list[str], at: int) -> tuple[tuple[Place, ...], int]:
    """Find "Sector 62" in whichever city is named beside it."""
    number = words[at + 1] if at + 1 < len(words) else ""
    if not number.isdigit() or len(number) > 3:
        return (), 0
    letter = words[at + 2] if at + 2 < len(words) and words[at + 2] in tuple("abcd") else ""
    locality = f"Sector {number}{letter.upper()}"
    return tuple((city, locality) for city in _SECTORED), 3 if letter else 2


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


def _resolve(mentions: list[_Mention]) -> list[Place]:
    """Give each locality its city, and let a city that only says where a locality is go without saying."""
    cities = {place[0] for one in mentions for place in one.places if place[1] is None}
    chosen = [place for one in mentions if (place := _choose(one.places, cities))]
    covered = {city for city, locality in chosen if locality}
    kept = [place for place in chosen if place[1] or place[0] not in covered]
    return list(dict.fromkeys(kept))


def _choose(candidates: tuple[Place, ...], cities: set[str]) -> Place | None:
    """A name that several cities share needs its city said; "MG Road" is wherever it is said to be."""
    if len(candidates) == 1:
        city, locality = candidates[0]
        elsewhere = locality and city not in cities and len(cities) == 1 and _COMMON_NAME.search(locality)
        return (min(cities), locality) if elsewhere else candidates[0]
    whole = [place for place in candidates if place[1] is None]
    if whole:
        return whole[0]
    said = [place for place in candidates if place[0] in cities]
    return said[0] if len(said) == 1 else None
