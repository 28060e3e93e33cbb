"""What a pretend person is looking for: one consistent wish, drawn from a seed or steered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

# A property type, its bedrooms (0: none), where in the city ("" for anywhere), and about how many lakhs it costs.
_Offer = tuple[str, int, str, int]

# City, as people call it there; lakhs for a bedroom; what brokers there commonly have for sale.
_CITIES: tuple[tuple[str, str, int, tuple[_Offer, ...]], ...] = (
    (
        "Pune",
        "Pune",
        35,
        (
            ("apartment", 1, "Wakad", 30),
            ("apartment", 2, "", 70),
            ("apartment", 3, "", 100),
            ("apartment", 4, "Baner", 150),
            ("villa", 3, "Wakad", 100),
            ("builder_floor", 2, "Hinjewadi", 70),
            ("office", 0, "Baner", 70),
        ),
    ),
    (
        "Mumbai",
        "Mumbai",
        110,
        (
            ("apartment", 1, "Andheri", 100),
            ("apartment", 2, "", 200),
            ("apartment", 3, "", 300),
            ("apartment", 4, "Bandra", 400),
            ("villa", 3, "Powai", 300),
            ("office", 0, "Powai", 200),
            ("shop", 0, "Andheri", 100),
        ),
    ),
    (
        "Bengaluru",
        "Bangalore",
        55,
        (
            ("apartment", 1, "Koramangala", 50),
            ("apartment", 2, "", 100),
            ("apartment", 3, "", 150),
            ("apartment", 4, "Whitefield", 200),
            ("villa", 3, "Whitefield", 150),
            ("builder_floor", 2, "Koramangala", 100),
            ("office", 0, "Koramangala", 100),
        ),
    ),
    (
        "Gurugram",
        "Gurgaon",
        70,
        (
            ("apartment", 1, "", 70),
            ("apartment", 2, "Sohna Road", 150),
            ("apartment", 3, "", 200),
            ("apartment", 4, "", 300),
            ("villa", 3, "", 200),
            ("builder_floor", 2, "", 150),
            ("builder_floor", 3, "", 200),
            ("office", 0, "Udyog Vihar", 150),
            ("shop", 0, "", 70),
        ),
    ),
    (
        "Noida",
        "Noida",
        45,
        (
            ("apartment", 1, "", 40),
            ("apartment", 2, "Sector 137", 80),
            ("apartment", 3, "Sector 78", 150),
            ("apartment", 4, "", 200),
            ("villa", 3, "", 150),
            ("builder_floor", 2, "", 90),
            ("office", 0, "Sector 62", 90),
        ),
    ),
    (
        "Hyderabad",
        "Hyderabad",
        45,
        (
            ("apartment", 1, "Gachibowli", 40),
            ("apartment", 2, "Gachibowli", 90),
            ("apartment", 3, "Gachibowli", 150),
            ("apartment", 4, "Gachibowli", 200),
            ("villa", 3, "Gachibowli", 150),
            ("builder_floor", 2, "Kukatpally", 80),
            ("office", 0, "Gachibowli", 90),
        ),
    ),
    (
        "Chennai",
        "Chennai",
        45,
        (
            ("apartment", 1, "", 40),
            ("apartment", 2, "", 70),
            ("apartment", 3, "Velachery", 150),
            ("apartment", 4, "Adyar", 200),
            ("villa", 3, "", 150),
            ("shop", 0, "", 90),
        ),
    ),
    (
        "Ahmedabad",
        "Ahmedabad",
        30,
        (
            ("apartment", 1, "", 30),
            ("apartment", 2, "Bopal", 50),
            ("apartment", 3, "Satellite", 90),
            ("villa", 4, "", 100),
            ("office", 0, "Prahlad Nagar", 60),
        ),
    ),
)
_WORKPLACES = ("office", "shop")
_COMMERCIAL = frozenset({"office", "shop", "showroom", "warehouse", "commercial_land"})
_SUMS = (30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 250, 300, 400, 500)  # lakhs that people name
_HOPES = 0.12  # of all people hope for less than what things cost


@dataclass(frozen=True, slots=True)
class Wish:
    """A requirement as a person carries it; `budget` is a ceiling in whole rupees, `city` its canonical name."""

    city: str
    spoken_city: str
    locality: str
    category: str
    property_type: str
    bedrooms: int
    budget: int
    purpose: str
    timeline_months: int
    consent: bool


def wish_for(rng: Random, wants: Mapping[str, Any] | None = None, *, more_bedrooms: int = 0) -> Wish:
    """Draw a wish, mostly one that can be had for its budget.

    `wants` fixes any of a Wish's fields by name, the rest stays plausible beside them; `more_bedrooms` is how many
    the person will add while they speak, which the budget allows for.

    :raises TypeError: for a name that is no field of a Wish.
    """
    wants = dict(wants or {})
    city, spoken, per_bedroom, offers = _city(rng, wants)
    category = wants.get("category") or ("commercial" if not more_bedrooms and rng.random() < 0.15 else "residential")
    kind, bedrooms, locality, lakhs = _offer(rng, offers, {**wants, "category": category}, per_bedroom, more_bedrooms)
    drawn = Wish(
        city=city,
        spoken_city=spoken,
        locality=rng.choice(("", locality)),
        category=category,
        property_type=kind,
        bedrooms=bedrooms,
        budget=_named_sum(lakhs, hopes=rng.random() < _HOPES) * 100_000,
        purpose=rng.choice(("buy", "buy", "buy", "invest")),
        timeline_months=rng.choice((0, 3, 6, 12)),
        consent=rng.random() < 0.9,
    )
    return replace(drawn, **{**wants, "city": city})


def _city(rng: Random, wants: Mapping[str, Any]) -> tuple[str, str, int, tuple[_Offer, ...]]:
    drawn = rng.choice(_CITIES)
    wanted = wants.get("city")
    if not wanted:
        return drawn
    known = next((one for one in _CITIES if wanted.casefold() in {one[0].casefold(), one[1].casefold()}), None)
    return known or (wanted, wanted, 45, ())


def _offer(
    rng: Random, offers: tuple[_Offer, ...], wants: Mapping[str, Any], per_bedroom: int, more_bedrooms: int
) -> _Offer:
    """One of the city's offers that fits what is wanted; made up where the city has none."""
    commercial = wants["category"] == "commercial"
    fitting = [
        (kind, max(rooms - more_bedrooms, 0) or 1, locality, lakhs)
        for kind, rooms, locality, lakhs in offers
        if (kind in _COMMERCIAL) == commercial
        and (commercial or rooms > more_bedrooms)
        and wants.get("property_type") in (None, kind)
        and wants.get("bedrooms") in (None, rooms - more_bedrooms)
    ]
    if fitting:
        return rng.choice(fitting)
    rooms = wants.get("bedrooms") or rng.choice((1, 2, 2, 3))
    kind = rng.choice(_WORKPLACES) if commercial else "apartment"
    return kind, rooms, "", per_bedroom * (rooms + more_bedrooms)


def _named_sum(lakhs: int, *, hopes: bool) -> int:
    """The sum that people name for what costs `lakhs`: the next one up, or one too low."""
    number = next((at for at, named in enumerate(_SUMS) if named >= lakhs), len(_SUMS) - 1)
    return _SUMS[max(number - 1, 0)] if hopes else _SUMS[number]
