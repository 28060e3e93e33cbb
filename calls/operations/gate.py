"""The facts of a lead, put before the pure gate."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calls.compliance import Decision, Facts, may_call
from leads.models import HOME_ZONE, Lead, LeadStatus, Suppression
from leads.phones import region_of, zones_of

if TYPE_CHECKING:
    from datetime import datetime

    from voice.providers.base import Provider


def gate(lead: Lead, network: Provider, *, now: datetime) -> Decision:
    """May this lead be called over this network now? Asked before every dial."""
    phone = str(lead.phone or "")
    return may_call(
        Facts(
            phone=phone,
            do_not_call=lead.do_not_call or lead.status == LeadStatus.DO_NOT_CALL,
            suppressed=bool(phone) and Suppression.objects.filter(phone=phone).exists(),
            wrong_number=lead.status == LeadStatus.WRONG_NUMBER,
            clocks=clocks_of(lead, now=now),
            region=region_of(phone),
            rings_people=network.rings_people,
        )
    )


def local_time(lead: Lead, *, now: datetime) -> datetime:
    """Now on the lead's own clock; home's where the lead's zone is not one."""
    return now.astimezone(_zone(lead.time_zone) or ZoneInfo(HOME_ZONE))


def clocks_of(lead: Lead, *, now: datetime) -> tuple[datetime, ...]:
    """Now on every clock that the lead may live by: the lead's own where one was chosen, else those of the number."""
    zones = (lead.time_zone,) if lead.time_zone != HOME_ZONE else zones_of(str(lead.phone or ""))
    known = [zone for zone in map(_zone, zones) if zone]
    return tuple(now.astimezone(zone) for zone in known) or (local_time(lead, now=now),)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as "Asia", is no zone
        return None
