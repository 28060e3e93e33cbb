"""May this lead be called now? The one gate, asked before every dial by whatever path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from calls.openings import closed_by, next_opening
from calls.origin import Origin
from leads.preferences import CALL_MODES, TEXT_MODES

if TYPE_CHECKING:
    from calls.openings import Openings
    from leads.preferences import Preference


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What a campaign's rows say of now; its hours are among the openings."""

    running: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on.

    `consent` is the newest word on record: given, taken back or none. `own` is now on the lead's own clock, whose day
    `calls_today` counts. A cap of 0 is no limit. `rings_people` is False only for a network that no person can hear.
    `paused` and `provider_paused` hold the reason in words where that pause is on, and are None where it is not.
    """

    phone: str
    own: datetime
    openings: Openings
    rings_people: bool = True
    origin: Origin = Origin.STAFF
    do_not_call: bool = False
    wrong_number: bool = False
    bad_number: bool = False
    suppressed: bool = False
    erased: bool = False
    consent: bool | None = None
    needs_consent: bool = False
    dnd: Preference | None = None
    calls_today: int = 0
    calls_total: int = 0
    max_per_day: int = 0
    max_total: int = 0
    paused: str | None = None
    provider_paused: str | None = None
    campaign: CampaignFacts | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to dial, with a stable code and a sentence for staff when not.

    `again_at` is the earliest time at which it would be allowed, where the refusal passes by itself.
    """

    allowed: bool
    code: str = ""
    detail: str = ""
    again_at: datetime | None = None


ALLOWED = Decision(allowed=True)
PASSING = frozenset({"holiday", "outside_calling_hours", "campaign_hours", "cap_day", "dnd"})
"""Codes of refusals that may pass by themselves."""

_ALWAYS = dict.fromkeys(range(7), (time.min, time.max))

_STANDING = {
    "no_phone": "There is no phone number. Add one to the lead, then call again.",
    "do_not_call": "This lead asked not to be called. The request stands until the lead takes it back.",
    "wrong_number": "This number is somebody else's. Correct the lead's number, then call again.",
    "bad_number": "The carrier says that this number cannot be called. Correct the lead's number, then call again.",
    "erased": "Whoever has this number had themselves erased, and is never called again.",
    "suppressed": "This number is on the list of numbers not to call.",
    "consent_withdrawn": "This lead took back the consent to be called. Record a new consent before calling again.",
    "dnd": "The regulator's list says that this number wants no calls about property. Record the lead's consent first.",
    "no_consent": "There is no consent to be called on record, and this country needs it. Record one, then call again.",
}


def may_call(facts: Facts) -> Decision:
    """Decide; what stands is told before what somebody must lift, and that before what passes by itself."""
    if code := _stands(facts, CALL_MODES):
        return Decision(False, code, _STANDING[code])
    if facts.rings_people and facts.max_total and facts.calls_total >= facts.max_total:
        return Decision(False, "cap_total", _used_up(facts))
    return _paused(facts) or _not_yet(facts) or ALLOWED


def may_text(facts: Facts, *, asked_for: bool) -> Decision:
    """Decide on a text message; one that the lead asked for has no hours but those of the regulator's list."""
    if code := _stands(facts, TEXT_MODES):
        return Decision(False, code, _STANDING[code].replace("called", "written to").replace("calls", "messages"))
    if asked_for:
        facts = replace(facts, openings=replace(facts.openings, hours=_ALWAYS, holidays={}, campaign=None))
    return (_closed(facts, after=facts.own) if facts.rings_people else None) or ALLOWED


def _stands(facts: Facts, modes: frozenset[int]) -> str:
    """The first reason that no waiting removes."""
    standing = {
        "no_phone": not facts.phone,
        "erased": facts.erased,
        "do_not_call": facts.do_not_call,
        "wrong_number": facts.wrong_number,
        "bad_number": facts.bad_number,
        "suppressed": facts.suppressed,
        "consent_withdrawn": facts.consent is False,
    }
    if code := next((code for code, true in standing.items() if true), ""):
        return code
    if not facts.rings_people or facts.consent:
        return ""
    if facts.dnd and facts.dnd.concerns(modes) and facts.dnd.always:
        return "dnd"
    return "no_consent" if facts.needs_consent else ""


def _used_up(facts: Facts) -> str:
    calls = "call" if facts.calls_total == 1 else "calls"
    return (
        f"This lead has had {facts.calls_total} {calls}, and {facts.max_total} are allowed in all. "
        "Write to them instead, or raise the limit under Calling policies."
    )


def _paused(facts: Facts) -> Decision | None:
    """What people paused, or let run out."""
    if facts.paused is not None:
        return _because("paused", "All calls are paused", facts.paused, "Resume them under Dialer settings.")
    if facts.provider_paused is not None:
        return _because(
            "provider_paused", "The provider is paused", facts.provider_paused, "Resume it under Providers."
        )
    campaign = facts.campaign
    if campaign and campaign.ends_at and facts.own >= campaign.ends_at:
        return Decision(False, "campaign_over", "The campaign is over. Give it a later end to go on.")
    if campaign and not campaign.running:
        return Decision(False, "campaign_paused", "The campaign is not running. Start or resume it to go on.")
    return None


def _because(code: str, what: str, reason: str, cure: str) -> Decision:
    told = f"{what}: {reason.strip().rstrip('.')}." if reason.strip() else f"{what}."
    return Decision(False, code, f"{told} {cure}")


def _not_yet(facts: Facts) -> Decision | None:
    """What passes by itself, and when."""
    starts_at = facts.campaign.starts_at if facts.campaign else None
    after = max(facts.own, starts_at) if starts_at else facts.own
    if not facts.rings_people:
        waits = after > facts.own
        return _wait(facts, "campaign_hours", "The campaign has not begun yet.", after) if waits else None
    capped = facts.max_per_day and facts.calls_today >= facts.max_per_day and facts.origin is not Origin.CALLBACK
    if capped:
        tomorrow = facts.own.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
        after = max(after, tomorrow.astimezone(UTC))
    if closed := _closed(facts, after=after):
        return closed
    if after > facts.own and starts_at == after:
        return _wait(facts, "campaign_hours", "The campaign has not begun yet.", next_opening(facts.openings, after))
    if capped:
        why = f"This lead has had {facts.calls_today} of {facts.max_per_day} calls allowed a day."
        return _wait(facts, "cap_day", why, next_opening(facts.openings, after))
    return None


def _closed(facts: Facts, *, after: datetime) -> Decision | None:
    """The refusal of the clocks as they stand; `after` is when every other limit will have passed."""
    closed = closed_by(facts.openings, facts.own)
    if closed is None:
        return None
    code, clock = closed
    return _wait(facts, code, _why_closed(facts, code, clock), next_opening(facts.openings, after))


def _why_closed(facts: Facts, code: str, clock: datetime) -> str:
    if code == "holiday":
        return f"It is {facts.openings.holidays[clock.date()]} for this lead."
    if code == "dnd":
        return "The regulator's list says that this number wants no calls about property at this time."
    hours = facts.openings.campaign if code == "campaign_hours" else facts.openings.hours.get(clock.weekday())
    if hours is None:
        return f"It is {clock:%A} for this lead, a day without calling hours."
    whose = "the campaign calls" if code == "campaign_hours" else "calls are allowed"
    return f"It is {clock:%H:%M} for this lead, and {whose} between {hours[0]:%H:%M} and {hours[1]:%H:%M}."


def _wait(facts: Facts, code: str, why: str, again_at: datetime | None) -> Decision:
    if again_at is None:
        cure = "No hour of the coming weeks suits. Correct the lead's time zone, or widen the hours."
        return Decision(False, code, f"{why} {cure}")
    return Decision(False, code, f"{why} Call again from {_told(again_at, facts)}.", again_at.astimezone(UTC))


def _told(moment: datetime, facts: Facts) -> str:
    local = moment.astimezone(facts.own.tzinfo)
    days = (local.date() - facts.own.date()).days
    day = {0: "", 1: " tomorrow"}.get(days, f" on {local:%A}" if days < 7 else f" on {local:%d %B}")
    whose = "on the lead's clock" if len(facts.openings.zones) == 1 else f"by {local.tzinfo} time"
    return f"{local:%H:%M}{day} {whose}"
