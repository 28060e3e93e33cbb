"""What a pretend person is looking for: one consistent wish, drawn from a seed or steered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

# City, as people call it there; its localities; lakhs for a bedroom.
_CITIES: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("Pune", "Pune", ("Wakad", "Baner", "Hinjewadi"), 35),
    ("Mumbai", "Mumbai", ("Andheri", "Powai", "Bandra"), 110),
    ("Thane", "Thane", (), 60),
    ("Bengaluru", "Bangalore", ("Whitefield", "Koramangala"), 55),
    ("Gurugram", "Gurgaon", (), 70),
    ("Noida", "Noida", (), 45),
    ("Hyderabad", "Hyderabad", ("Gachibowli",), 45),
    ("Chennai", "Chennai", (), 45),
    ("Ahmedabad", "Ahmedabad", (), 30),
    ("Jaipur", "Jaipur", (), 28),
)
_HOMES = ("apartment", "apartment", "apartment", "villa", "builder_floor")
_WORKPLACES = ("office", "shop")
_SUMS = (30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 250, 300, 400, 500)  # lakhs that people name


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


def wish_for(rng: Random, wants: Mapping[str, Any] | None = None) -> Wish:
    """Draw a wish; `wants` fixes any of a Wish's fields by name, the rest stays plausible beside them.

    :raises TypeError: for a name that is no field of a Wish.
    """
    wants = dict(wants or {})
    city, spoken, localities, per_bedroom = _city(rng, wants)
    category = wants.get("category") or ("commercial" if rng.random() < 0.15 else "residential")
    kinds = _WORKPLACES if category == "commercial" else _HOMES
    bedrooms = wants.get("bedrooms") or rng.choice((1, 2, 2, 3, 3, 4))
    lakhs = min(_SUMS, key=lambda one: abs(one - per_bedroom * bedrooms))
    drawn = Wish(
        city=city,
        spoken_city=spoken,
        locality=rng.choice(("", *localities)),
        category=category,
        property_type=rng.choice(kinds),
        bedrooms=bedrooms,
        budget=lakhs * 100_000,
        purpose=rng.choice(("buy", "buy", "buy", "invest")),
        timeline_months=rng.choice((0, 3, 6, 12)),
        consent=rng.random() < 0.9,
    )
    return replace(drawn, **{**wants, "city": city})


def _city(rng: Random, wants: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...], int]:
    drawn = rng.choice(_CITIES)
    wanted = wants.get("city")
    if not wanted:
        return drawn
    known = next((one for one in _CITIES if wanted.casefold() in {one[0].casefold(), one[1].casefold()}), None)
    return known or (wanted, wanted, (), 45)
