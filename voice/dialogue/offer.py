"""A place that was half understood: asked about once, and taken only at a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue.requirement import drop
from voice.dialogue.state import Offer, SlotValue

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.state import State

_SLOT = "locations"


def settle(state: State, meaning: Meaning) -> tuple[str, ...]:
    """Take, or let go of, the place that was asked about; the slots that changed. Changes `state`.

    An aside, "sorry?" or "who is this", leaves the question open.
    """
    offer = state["offer"]
    if offer is None:
        return ()
    named = any(one.slot == _SLOT for one in (*meaning.found, *meaning.dropped))
    if meaning.yes is None and not named and (meaning.intent or meaning.signal):
        return ()
    state["offer"] = None
    again = any(one.slot == _SLOT and one.value == offer["value"] for one in meaning.unsure)
    if named or meaning.yes is False or not (meaning.yes or again):
        return ()
    drop(state, _SLOT)
    state["slots"][_SLOT] = SlotValue(
        value=offer["value"],
        turn=offer["turn"],
        words=offer["words"],
        start=offer["start"],
        end=offer["end"],
        confirmed_in=state["turn"],
    )
    return (_SLOT,)


def propose(state: State, meaning: Meaning) -> bool:
    """Whether there is a place to ask about now, which is then noted in `state`; none is asked about twice."""
    unsure = next((one for one in meaning.unsure if one.slot == _SLOT), None)
    known = state["slots"].get(_SLOT)
    if unsure is None or (known and known["turn"] == state["turn"]) or unsure.value in state["offered"]:
        return False
    if known and known["value"] == unsure.value:
        return False
    state["offer"] = Offer(
        slot=_SLOT,
        value=unsure.value,
        words=unsure.words,
        start=unsure.start,
        end=unsure.end,
        turn=state["turn"],
    )
    state["offered"] = [*state["offered"], unsure.value]
    state["asked"] = "location"
    return True
