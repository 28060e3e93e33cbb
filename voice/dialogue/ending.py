"""How a conversation counts: the contract's word for its ending, and the reasons in sentences for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leads.qualification import RequirementFacts, matches, qualify
from voice.dialogue.state import Outcome, outcome, slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leads.qualification import ListingFacts
    from voice.dialogue.state import State

_REASONS = {
    Outcome.CALLBACK: "Asked to be called back another time.",
    Outcome.DO_NOT_CALL: "Asked not to be called again.",
    Outcome.WRONG_NUMBER: "Whoever answered is not the lead.",
    Outcome.NOT_THERE: "Somebody else answered; the lead was not there.",
    Outcome.HUMAN: "Asked to speak with a person.",
    Outcome.NOT_INTERESTED: "Is not interested.",
    Outcome.ALREADY_BOUGHT: "Has bought a property already.",
    Outcome.NO_RESPONSE: "Nobody answered the questions.",
    Outcome.VOICEMAIL: "A machine answered.",
}
_WORDS = {Outcome.NOT_THERE: Outcome.WRONG_NUMBER.value}  # the contract has one word for both


def ending(state: State, *, inventory: Sequence[ListingFacts] | None) -> tuple[str, tuple[str, ...]]:
    """The ending and its reasons; a conversation that ran its course is "qualified" or "not_qualified".

    `inventory` is every listing there is; None makes availability no criterion.
    """
    ended = outcome(state)
    if ended in _REASONS:
        return _WORDS.get(ended, ended.value), (_REASONS[ended],)
    known = slots(state)
    facts = RequirementFacts.from_slots(known)
    available = None if inventory is None else sum(matches(facts, listing) for listing in inventory)
    verdict = qualify(facts, consent=known.get("consent"), availability=available)
    return verdict.status, tuple(reason.sentence for reason in verdict.reasons)
