"""How new values change what is already known: what they replace, what they imply, what no longer fits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from voice.dialogue.state import PastValue, SlotValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.dialogue.state import State
    from voice.understanding.types import Found

COMMERCIAL = frozenset({"office", "shop", "showroom", "warehouse", "commercial_land"})
NO_BEDROOMS = COMMERCIAL | {"plot", "studio"}
_PAIRS = (("bedrooms_min", "bedrooms_max"), ("budget_min", "budget_max"))
_LONGEST_WORDS = 300  # characters of evidence kept; nobody says a requirement in more
_LONGEST_HISTORY = 60  # values; a caller who changes their mind in every turn stays below
_ALSO = re.compile(r"\b(also|too|as well|bhi|even)\b|भी", re.IGNORECASE)


def absorb(state: State, found: Sequence[Found], text: str, *, rung: str = "") -> tuple[str, ...]:
    """Put the values found in the current turn into `state`, which is changed; return the slots that differ now.

    `rung` names the language model that read them, empty for the rules.
    """
    before = {slot: one["value"] for slot, one in state["slots"].items()}
    arrived = {one.slot: _evidence(state, one, rung) for one in found}
    for low, high in _PAIRS:
        _drop_stale_bound(state, arrived, low, high)
    if "locations" in arrived:
        arrived["locations"]["value"] = _places(before.get("locations"), arrived["locations"]["value"], text)
    for slot, value in arrived.items():
        if slot in state["slots"] and state["slots"][slot]["value"] != value["value"]:
            drop(state, slot)
        state["slots"].setdefault(slot, value)
    _imply(state)
    _drop_unfitting(state, set(arrived))
    return tuple(slot for slot, one in state["slots"].items() if before.get(slot) != one["value"])


def drop(state: State, slot: str) -> None:
    """Move a slot's value to the history."""
    gone = state["slots"].pop(slot, None)
    if gone is not None:
        _remember(state, PastValue(**gone, slot=slot, replaced_in=state["turn"]))


def take_back(state: State, dropped: Sequence[Found]) -> tuple[str, ...]:
    """Keep in the history what the caller negated, and forget it where it was known; return the slots that lost it."""
    lost = []
    for one in dropped:
        known = state["slots"].get(one.slot)
        if known is None or not _negates(one, known["value"]):
            _remember(state, PastValue(**_evidence(state, one), slot=one.slot, replaced_in=state["turn"]))
            continue
        drop(state, one.slot)
        lost.append(one.slot)
        left = [place for place in known["value"] if not _within(place, one.value)] if one.slot == "locations" else []
        if left:
            state["slots"][one.slot] = {**known, "value": left}
    return tuple(lost)


def _remember(state: State, past: PastValue) -> None:
    state["history"] = [*state["history"], past][-_LONGEST_HISTORY:]


def _negates(one: Found, known: Any) -> bool:
    if one.slot == "locations":
        return any(_within(place, one.value) for place in known)
    return bool(one.value == known)


def _within(place: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    """True when `place` is one of `others`, or lies in a city among them."""
    return any(place["city"] == other["city"] and other["locality"] in {None, place["locality"]} for other in others)


def _evidence(state: State, one: Found, rung: str = "") -> SlotValue:
    words = one.words[:_LONGEST_WORDS]
    value = SlotValue(
        value=one.value, turn=state["turn"], words=words, start=one.start, end=min(one.end, one.start + len(words))
    )
    return SlotValue(**value, rung=rung) if rung else value


def _drop_stale_bound(state: State, arrived: dict[str, SlotValue], low: str, high: str) -> None:
    """A new floor or ceiling replaces the old pair, unless it completes one that had only the other end."""
    if (low in arrived) == (high in arrived):
        return
    new, other = (low, high) if low in arrived else (high, low)
    if other not in state["slots"]:
        return
    ends = {new: arrived[new]["value"], other: state["slots"][other]["value"]}
    if new in state["slots"] or ends[low] > ends[high]:
        drop(state, other)


def _places(old: list[dict[str, Any]] | None, new: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Named places replace the old ones; "also" adds, and a city said again does not undo its locality."""
    if not old:
        return new
    if _ALSO.search(text):
        return old + [place for place in new if place not in old]
    cities = {place["city"] for place in old}
    if all(place["locality"] is None and place["city"] in cities for place in new) and len(new) == len(cities):
        return old
    return new


def _imply(state: State) -> None:
    """A property type tells its category; it wins over a category said earlier."""
    kind = state["slots"].get("property_type")
    if kind is None:
        return
    category = "commercial" if kind["value"] in COMMERCIAL else "residential"
    known = state["slots"].get("category")
    if known is None or (known["value"] != category and known["turn"] <= kind["turn"]):
        drop(state, "category")
        state["slots"]["category"] = {**kind, "value": category}


def _drop_unfitting(state: State, arrived: set[str]) -> None:
    """A shop has no bedrooms, and a home is no shop: what was said last stands."""
    slots = state["slots"]
    kind = slots["property_type"]["value"] if "property_type" in slots else ""
    category = slots["category"]["value"] if "category" in slots else ""
    sized_now = "bedrooms_min" in arrived or "bedrooms_max" in arrived
    if kind and (kind in COMMERCIAL) != (category == "commercial"):
        drop(state, "property_type")
        kind = ""
    if kind in NO_BEDROOMS and sized_now and "property_type" not in arrived:
        drop(state, "property_type")
        kind = ""
    if kind in NO_BEDROOMS or category == "commercial":
        drop(state, "bedrooms_min")
        drop(state, "bedrooms_max")
