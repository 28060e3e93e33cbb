"""The facts of a lead, put before the pure gate."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from calls import policies
from calls.compliance import CampaignFacts, Decision, Facts, may_call, may_text
from calls.models.campaign import CampaignState
from calls.origin import Origin
from calls.schedule import hours_of
from leads.models import Lead, LeadStatus
from leads.phones import region_of
from leads.preferences import CALL_MODES, TEXT_MODES

if TYPE_CHECKING:
    from datetime import datetime, time

    from calls.models import Campaign
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
    paused, provider_paused = policies.pauses_of(network.name)
    return may_call(
        _facts(
            lead,
            now=now,
            modes=CALL_MODES,
            rings_people=network.rings_people,
            origin=origin,
            campaign=campaign,
            pauses=(paused, provider_paused),
        )
    )


def text_gate(lead: Lead, *, now: datetime, asked_for: bool = True) -> Decision:
    """May this lead be sent a text message now? One that they did not ask for keeps the calling hours."""
    return may_text(_facts(lead, now=now, modes=TEXT_MODES), asked_for=asked_for)


def _facts(
    lead: Lead,
    *,
    now: datetime,
    modes: frozenset[int],
    rings_people: bool = True,
    origin: Origin = Origin.STAFF,
    campaign: Campaign | None = None,
    pauses: tuple[str | None, str | None] = (None, None),
) -> Facts:
    phone = str(lead.phone or "")
    own = local_time(lead, now=now)
    history = policies.history_of(lead, day=policies.own_day(own))
    listed = policies.preference_of(phone) if rings_people and not history["consent"] else None
    dnd = listed if listed and listed.concerns(modes) else None
    policy = policies.policy_of(region_of(phone))
    return Facts(
        phone=phone,
        own=own,
        openings=policies.openings_of(lead, policy, now=now, dnd=dnd, campaign=campaign),
        rings_people=rings_people,
        origin=origin,
        do_not_call=lead.do_not_call or lead.status == LeadStatus.DO_NOT_CALL,
        wrong_number=lead.status == LeadStatus.WRONG_NUMBER,
        bad_number=bool(phone) and lead.bad_number == phone,
        **history,
        needs_consent=policy.needs_consent,
        dnd=dnd,
        max_per_day=policy.max_per_day,
        max_total=policy.max_total,
        paused=pauses[0],
        provider_paused=pauses[1],
        campaign=_campaign(campaign),
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
