"""The facts of a lead, put before the pure gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calls import policies
from calls.compliance import CampaignFacts, Decision, Facts, may_call, may_text
from calls.lines import provider as provider_named
from calls.models.campaign import CampaignState
from calls.origin import ASKED_FOR_BY_A_PERSON, Origin
from calls.policies_in_bulk import known_of_many
from calls.schedule import hours_of
from leads.models import Lead, LeadStatus
from leads.phones import region_of
from leads.preferences import CALL_MODES, TEXT_MODES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, time

    from calls.models import Call, Campaign
    from voice.providers.base import Provider


def gate(
    lead: Lead,
    network: Provider,
    *,
    now: datetime,
    origin: Origin = Origin.STAFF,
    campaign: Campaign | None = None,
) -> Decision:
    """May this lead be called over this network now? Asked before every dial."""
    known = policies.known_of(lead, now=now, rings_people=network.rings_people)
    line = _Line(network.rings_people, origin, campaign, policies.pauses_of(network.name))
    return may_call(_facts(lead, known, CALL_MODES, line, now=now))


def why_held(call: Call, *, now: datetime) -> str:
    """What keeps a queued call from being dialled now, in a sentence; empty where nothing does."""
    origin = Origin(call.origin)
    campaign = None if origin in ASKED_FOR_BY_A_PERSON else call.campaign  # as when it is dialled
    decision = gate(call.lead, provider_named(call.provider), now=now, origin=origin, campaign=campaign)
    return "" if decision.allowed else decision.detail


def gate_many(
    leads: Sequence[Lead], network: Provider, *, now: datetime, origin: Origin, campaign: Campaign | None = None
) -> dict[int, Decision]:
    """The same of many leads, by their ids, in a few questions to the database for all of them."""
    known = known_of_many(leads, now=now, rings_people=network.rings_people)
    line = _Line(network.rings_people, origin, campaign, policies.pauses_of(network.name))
    return {lead.pk: may_call(_facts(lead, known[lead.pk], CALL_MODES, line, now=now)) for lead in leads}


def text_gate(lead: Lead, *, now: datetime, asked_for: bool = True) -> Decision:
    """May this lead be sent a text message now? One that they did not ask for keeps the calling hours."""
    known = policies.known_of(lead, now=now, rings_people=True)
    return may_text(_facts(lead, known, TEXT_MODES, _Line(), now=now), asked_for=asked_for)


@dataclass(frozen=True, slots=True)
class _Line:
    """Over what a lead is reached, and for whom."""

    rings_people: bool = True
    origin: Origin = Origin.STAFF
    campaign: Campaign | None = None
    pauses: tuple[str | None, str | None] = (None, None)


def _facts(lead: Lead, known: policies.Known, modes: frozenset[int], line: _Line, *, now: datetime) -> Facts:
    phone, policy = str(lead.phone or ""), known.country.policy
    dnd = known.listed if known.listed and known.listed.concerns(modes) else None
    return Facts(
        phone=phone,
        own=local_time(lead, now=now),
        openings=policies.openings_of(lead, known.country, dnd=dnd, campaign=line.campaign),
        rings_people=line.rings_people,
        origin=line.origin,
        do_not_call=lead.do_not_call or lead.status == LeadStatus.DO_NOT_CALL,
        wrong_number=lead.status == LeadStatus.WRONG_NUMBER,
        bad_number=bool(phone) and lead.bad_number == phone,
        **known.history,
        needs_consent=policy.needs_consent,
        dnd=dnd,
        max_per_day=policy.max_per_day,
        max_total=policy.max_total,
        paused=line.pauses[0],
        provider_paused=line.pauses[1],
        campaign=_campaign(line.campaign),
    )


def _campaign(campaign: Campaign | None) -> CampaignFacts | None:
    if campaign is None:
        return None
    running = campaign.state == CampaignState.RUNNING
    return CampaignFacts(running=running, starts_at=campaign.starts_at, ends_at=campaign.ends_at)


def local_time(lead: Lead, *, now: datetime) -> datetime:
    """Now on the lead's own clock; home's where the lead's zone is not one."""
    return now.astimezone(policies.own_zone(lead))


def hours_for(lead: Lead, now: datetime) -> tuple[time, time]:
    """From when until when the lead may be called today, or on the next day that has hours."""
    region = region_of(str(lead.phone or ""))
    hours = policies.policy_of(region).hours
    today = local_time(lead, now=now)
    weekdays = [(today + timedelta(days=n)).weekday() for n in range(7)]
    return next((hours[weekday] for weekday in weekdays if weekday in hours), hours_of(region))
