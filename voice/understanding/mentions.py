"""Places that were said, settled: the last correction counts, and each locality is in one city."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice.understanding.gazetteer import Place, Places

_RESTART = re.compile(r" (?:sorry|no|(?<!hi )nahi|actually|i mean|wait|rather|instead|matlab|make it|change) ")
_COMMON_NAME = re.compile(r"(?:Nagar|Road|Lines|Colony|Vihar|Park|Town|Enclave|Garden|Camp|Fort)$")
_REGION = re.compile("(?:North|South|East|West|Central) ")


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters of a line that name a place, and the places that they may name."""

    start: int
    end: int
    places: tuple[Place, ...]
    denied: bool = False
    sure: bool = True


def cities_of(mentions: list[Mention], places: Places) -> set[str]:
    """The cities said by name, else those of the localities beside: they tell where a locality is."""
    sure = [one.places for one in mentions if one.sure]
    said = {place[0] for known in sure for place in known if place[1] is None}
    return said or {known[0][0] for known in sure if len(known) == 1 and known[0] not in places.minor}


def after_restart(line: str, kept: list[Mention]) -> list[Mention]:
    """What was said after the last correction."""
    for at in range(len(kept) - 1, 0, -1):
        if _RESTART.search(line[kept[at - 1].end : kept[at].start + 1]):
            return kept[at:]
    return kept


def without_region(line: str, said: list[Mention]) -> list[Mention]:
    """Narrow to the smaller: "Janakpuri, West Delhi" asks for Janakpuri; "Janakpuri or West Delhi" for both."""
    if len(said) != 2 or line[said[0].end : said[1].start] not in (" ", " , ", " \x02 "):
        return said
    wide = _region(said[1])
    narrower = wide and not _region(said[0]) and any(city == wide[0] and name for city, name in said[0].places)
    return said[:1] if narrower else said


def _region(one: Mention) -> Place | None:
    """A quarter of a whole city: South Delhi."""
    return next(
        (place for place in one.places if place[1] and _REGION.fullmatch(place[1].removesuffix(place[0]))), None
    )


def resolve(mentions: list[Mention], cities: set[str], places: Places) -> list[Place]:
    """Give each locality its city, and let a city that only says where a locality is go without saying."""
    chosen = [place for one in mentions if (place := choose(one.places, cities, places))]
    covered = {city for city, locality in chosen if locality}
    kept = [place for place in chosen if place[1] or place[0] not in covered]
    return list(dict.fromkeys(kept))


def choose(candidates: tuple[Place, ...], cities: set[str], places: Places) -> Place | None:
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
