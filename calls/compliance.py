"""May this lead be called now? The one gate, asked before every dial by whatever path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calls.schedule import hours_of, within_calling_hours

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on.

    `clocks` is now on every clock that the lead may live by; `region` the ISO country of the number; `rings_people`
    is False only for a network that no person can hear.
    """

    phone: str
    do_not_call: bool
    suppressed: bool
    wrong_number: bool
    clocks: tuple[datetime, ...]
    region: str
    rings_people: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to dial, with a stable code and a sentence for staff when not."""

    allowed: bool
    code: str = ""
    detail: str = ""


ALLOWED = Decision(allowed=True)


def may_call(facts: Facts) -> Decision:
    """Decide; the first reason not to call is the one that is told."""
    if not facts.phone:
        return Decision(False, "no_phone", "There is no phone number. Add one to the lead, then call again.")
    if facts.do_not_call:
        return Decision(
            False, "do_not_call", "This lead asked not to be called. The request stands until the lead takes it back."
        )
    if facts.wrong_number:
        return Decision(
            False, "wrong_number", "This number is somebody else's. Correct the lead's number, then call again."
        )
    if facts.suppressed:
        return Decision(False, "suppressed", "This number is on the list of numbers not to call.")
    if facts.rings_people and (late := _outside_hours(facts)):
        begin, end = hours_of(facts.region)
        return Decision(
            False,
            "outside_calling_hours",
            f"It is {late:%H:%M} for this lead. Call between {begin:%H:%M} and {end:%H:%M} on the lead's clock.",
        )
    return ALLOWED


def _outside_hours(facts: Facts) -> datetime | None:
    return next((clock for clock in facts.clocks if not within_calling_hours(clock, region=facts.region)), None)
