"""What was half understood, or only by a language model: asked about once, and taken only at a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue.requirement import drop
from voice.dialogue.state import Offer, SlotValue

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.state import State

ASKED_BY = {"locations": "location", "category": "category", "property_type": "property_type", "purpose": "purpose"}
"""The slots that can be offered, in the order in which they are, and the question that stays open meanwhile."""


def settle(state: State, meaning: Meaning) -> tuple[str, ...]:
    """Take, or let go of, what was asked about; the slots that changed. Changes `state`.

    An aside, "sorry?" or "who is this", leaves the question open.
    """
    offer = state["offer"]
    if offer is None:
        return ()
    slot = offer["slot"]
    named = any(one.slot == slot for one in (*meaning.found, *meaning.dropped))
    if meaning.yes is None and not named and (meaning.intent or meaning.signal):
        return ()
    state["offer"] = None
    again = any(one.slot == slot and one.value == offer["value"] for one in meaning.unsure)
    if named or meaning.yes is False or not (meaning.yes or again):
        return ()
    drop(state, slot)
    state["slots"][slot] = SlotValue(
        value=offer["value"],
        turn=offer["turn"],
        words=offer["words"],
        start=offer["start"],
        end=offer["end"],
        confirmed_in=state["turn"],
    )
    return (slot,)


def propose(state: State, meaning: Meaning) -> bool:
    """Whether there is something to ask about now, which is then noted in `state`; nothing is asked about twice."""
    unsure = next((one for slot in ASKED_BY for one in meaning.unsure if one.slot == slot), None)
    if unsure is None or unsure.value in state["offered"]:
        return False
    known = state["slots"].get(unsure.slot)
    if known and (known["turn"] == state["turn"] or known["value"] == unsure.value):
        return False
    state["offer"] = Offer(
        slot=unsure.slot,
        value=unsure.value,
        words=unsure.words,
        start=unsure.start,
        end=unsure.end,
        turn=state["turn"],
    )
    state["offered"] = [*state["offered"], unsure.value]
    state["asked"] = ASKED_BY[unsure.slot]
    return True
