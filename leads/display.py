"""Leads in the words of people: ₹70 lakh, 2 BHK, Wakad (Pune); what nobody said is "not known"."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

NOT_KNOWN = "not known"

_LAKH = 100_000
_CRORE = 10_000_000
_UNITS = {
    "": 1,
    "k": 1_000,
    "thousand": 1_000,
    "hazaar": 1_000,
    "l": _LAKH,
    "lac": _LAKH,
    "lakh": _LAKH,
    "cr": _CRORE,
    "crore": _CRORE,
}
_AMOUNT = re.compile(r"(?:₹|rs\.?|inr)?\s*(\d[\d,]*(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_PLACE = re.compile(r"\s*([^(]+?)\s*(?:\(([^()]+)\))?\s*")

SLOT_LABELS = {
    "identity": "Identity",
    "name": "Name",
    "phone": "Phone",
    "locations": "Place",
    "category": "Category",
    "property_type": "Type",
    "bedrooms": "Bedrooms",
    "budget": "Budget",
    "purpose": "Purpose",
    "timeline_months": "When",
    "consent": "Sales call",
    "email": "E-mail",
    "callback_at": "Call back",
    "intent": "Asked",
}
_WHAT = ("locations", "category", "property_type", "bedrooms", "budget", "purpose", "timeline_months", "consent")


def rupees(amount: int | None) -> str:
    """Whole rupees as Indians write them: ₹70 lakh, ₹1.2 crore, ₹25,000; digits where a fraction would be rounded."""
    if amount is None:
        return NOT_KNOWN
    for size, name in ((_CRORE, "crore"), (_LAKH, "lakh")):
        scaled = Decimal(amount) / size
        if abs(scaled) >= 1 and scaled == scaled.quantize(Decimal("0.01"), ROUND_HALF_UP):
            return f"₹{scaled.normalize():f} {name}"
    return f"₹{_grouped(amount)}"


def _grouped(amount: int) -> str:
    digits = str(abs(amount))
    head, tail = digits[:-3], digits[-3:]
    pairs = re.sub(r"(?<=\d)(?=(?:\d\d)+$)", ",", head)
    return ("-" if amount < 0 else "") + (f"{pairs},{tail}" if pairs else tail)


def parse_rupees(text: str) -> int:
    """Whole rupees from "70 lakh", "₹1.2 crore", "25k" or "70,00,000".

    :raises ValueError: with a sentence for the person who typed it.
    """
    match = _AMOUNT.fullmatch(text.strip())
    unit = match[2].lower() if match else "?"
    size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if not match or not size:
        raise ValueError("This is not an amount. Write it like 70 lakh, 1.2 crore or 25,000.")
    return int(Decimal(match[1].replace(",", "")) * size)


def money(low: int | None, high: int | None) -> str:
    """A budget: "up to ₹70 lakh", "₹50 lakh to ₹70 lakh", "from ₹2 crore"."""
    if low is None and high is None:
        return NOT_KNOWN
    if low is None:
        return f"up to {rupees(high)}"
    if high is None:
        return f"from {rupees(low)}"
    return rupees(high) if low == high else f"{rupees(low)} to {rupees(high)}"


def bhk(low: float | Decimal | None, high: float | Decimal | None) -> str:
    """A size: "2 BHK", "2 to 3 BHK", "3 BHK or larger"."""
    if low is None and high is None:
        return NOT_KNOWN
    if low is None:
        return f"up to {_count(high)} BHK"
    if high is None:
        return f"{_count(low)} BHK or larger"
    return f"{_count(low)} BHK" if low == high else f"{_count(low)} to {_count(high)} BHK"


def parse_bedrooms(text: str) -> Decimal:
    """A number of bedrooms from "2", "2.5" or "3 BHK".

    :raises ValueError: with a sentence for the person who typed it.
    """
    match = re.fullmatch(r"(\d{1,2}(?:\.5|\.0)?)\s*(?:bhk|bedrooms?)?", text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError("This is not a number of bedrooms. Write it like 2, 2.5 or 3 BHK.")
    return Decimal(match[1])


def _count(number: float | Decimal | None) -> str:
    return f"{float(number or 0):g}"


def places(locations: Sequence[Mapping[str, str | None]]) -> str:
    """Places as "Wakad (Pune), Mumbai"."""
    return ", ".join(
        f"{place['locality']} ({place['city']})" if place.get("locality") else str(place.get("city") or "")
        for place in locations
    )


def parse_places(text: str) -> list[dict[str, str | None]]:
    """What `places` wrote, or a person in the same way; a comma or a line between two places.

    :raises ValueError: with a sentence for the person who typed it.
    """
    found: list[dict[str, str | None]] = []
    for part in re.split(r"[,;\n](?![^(]*\))", text):
        if not part.strip():
            continue
        match = _PLACE.fullmatch(part)
        if not match or ")" in match[1]:
            raise ValueError("Write places like Wakad (Pune), Mumbai: the locality first, its city in brackets.")
        first, inner = match[1], match[2]
        found.append({"city": inner.strip(), "locality": first} if inner else {"city": first, "locality": None})
    return found


def words(value: str) -> str:
    """A stored name as words: "builder_floor" is "Builder floor"."""
    return value.replace("_", " ").capitalize()


def duration(seconds: int | None) -> str:
    """Seconds as "2 min 5 s"; nothing where there was no call."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(at: datetime, now: datetime) -> str:
    """A time beside `now`, both on the reader's clock: "today 16:54", "tomorrow 09:30", "3 Mar 16:54", "3 Mar 2025"."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    days = (at.date() - now.date()).days
    if days in near:
        return f"{near[days]} {at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if abs(days) < 180 else f"{at.day} {at:%b %Y}"


def months(count: float | None) -> str:
    """When the lead wants to move."""
    if count is None:
        return NOT_KNOWN
    return "immediately" if count == 0 else f"within {count:g} month{'' if count == 1 else 's'}"


def requirement_line(slots: Mapping[str, Any]) -> str:
    """What a lead wants, as in "2 BHK, Wakad (Pune), up to ₹70 lakh"; empty when nothing is known."""
    budget = money(slots.get("budget_min"), slots.get("budget_max"))
    if slots.get("purpose") == "rent" and budget != NOT_KNOWN:
        budget += " a month"
    parts = (_property(slots), places(slots.get("locations") or []), budget)
    return ", ".join(part for part in parts if part and part != NOT_KNOWN)


def _property(slots: Mapping[str, Any]) -> str:
    size = bhk(slots.get("bedrooms_min"), slots.get("bedrooms_max"))
    kind = slots.get("property_type") or slots.get("category") or ""
    if size == NOT_KNOWN:
        return words(kind)
    # In India "2 BHK" alone means a flat.
    return size if kind in {"", "apartment", "residential"} else f"{size} {words(kind).lower()}"


def merged(slots: Mapping[str, Any]) -> dict[str, str]:
    """Each known slot in words, the two ends of a range as one: {"budget": "up to ₹70 lakh"}."""
    said = {slot: _in_words(slot, value) for slot, value in slots.items() if slot[-4:] not in {"_min", "_max"}}
    if {"bedrooms_min", "bedrooms_max"} & slots.keys():
        said["bedrooms"] = bhk(slots.get("bedrooms_min"), slots.get("bedrooms_max"))
    if {"budget_min", "budget_max"} & slots.keys():
        said["budget"] = money(slots.get("budget_min"), slots.get("budget_max"))
    # PostgreSQL does not keep the order of a document's keys.
    return {slot: said[slot] for slot in (*SLOT_LABELS, *sorted(said.keys() - SLOT_LABELS.keys())) if slot in said}


def _in_words(slot: str, value: Any) -> str:
    if value is None or value in ("", []):
        return NOT_KNOWN
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if slot == "locations":
        return places(value)
    if slot == "timeline_months":
        return months(value)
    return str(value) if slot in {"name", "email", "phone", "callback_at"} else words(str(value))


def requirement_rows(slots: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of everything that a lead may want, "not known" where nobody said it."""
    said = merged(slots)
    return [(SLOT_LABELS[slot], said.get(slot, NOT_KNOWN)) for slot in _WHAT]
