"""Calls that nobody presses a button for: promised callbacks at their time, and leads that have just arrived."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from calls.lifecycle import LIVE
from calls.models import Call, DialerSettings
from calls.operations.dialing import CallRefused, request_call
from calls.origin import Origin
from leads.models import FollowUp, FollowUpKind, Lead, LeadSource, LeadStatus
from voice.events import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

_LATEST = timedelta(hours=12)  # a promise that is later than this is a matter for staff
_AT_ONCE = 20  # of each kind, so that what is due to be dialled need not wait behind them


def dial_promises(*, now: datetime) -> int:
    """Queue a call for each promised callback that is due; each promise is taken up once for each time promised."""
    due = _promises_due(now)
    if not due.exists() or not DialerSettings.current().dial_callbacks:
        return 0
    return sum(_keep(follow_up, now=now) for follow_up in due[:_AT_ONCE])


def _promises_due(now: datetime) -> QuerySet[FollowUp]:
    talking = Call.objects.filter(lead=OuterRef("lead"), status__in=LIVE, direction=Direction.OUTBOUND)
    untaken = Q(dialed_for=None) | ~Q(dialed_for=F("due_at"))
    return FollowUp.objects.filter(
        untaken,
        ~Exists(talking),
        kind=FollowUpKind.CALLBACK,
        done_at=None,
        due_at__lte=now,
        due_at__gt=now - _LATEST,
        lead__phone__isnull=False,
    ).order_by("due_at")


@transaction.atomic
def _keep(follow_up: FollowUp, *, now: datetime) -> bool:
    # Taken up and queued in one transaction: no promise is lost between the two.
    mine = FollowUp.objects.filter(pk=follow_up.pk, done_at=None, due_at=follow_up.due_at)
    if not mine.filter(Q(dialed_for=None) | ~Q(dialed_for=follow_up.due_at)).update(dialed_for=follow_up.due_at):
        return False
    try:
        request_call(lead_id=follow_up.lead_id, now=now, origin=Origin.CALLBACK, follow_up_id=follow_up.pk)
    except CallRefused as refused:  # staff read why on the lead's timeline, and the promise stays open
        logger.info("promise %s is not kept by a call: %s", follow_up.pk, refused.code)
        return False
    return True


def greet_new_leads(*, now: datetime) -> int:
    """Queue a call to each lead that has just arrived, where staff want that; each is taken up once."""
    waiting = Lead.objects.filter(greeted=False)
    dialer = DialerSettings.current()
    if not (dialer.call_new_leads and dialer.new_leads_since):
        return 0
    arrived = waiting.filter(created_at__gte=dialer.new_leads_since).order_by("created_at")
    return sum(_greet(lead, dialer, now=now) for lead in arrived[:_AT_ONCE])


@transaction.atomic
def _greet(lead: Lead, dialer: DialerSettings, *, now: datetime) -> bool:
    if not Lead.objects.filter(pk=lead.pk, greeted=False).update(greeted=True):
        return False
    wanted = not dialer.new_lead_sources or lead.source in dialer.new_lead_sources
    is_new = lead.status == LeadStatus.NEW and lead.source != LeadSource.INBOUND_CALL
    if not (wanted and is_new and lead.phone) or lead.calls.exists():
        return False
    try:
        request_call(lead_id=lead.pk, now=now, origin=Origin.NEW_LEAD, agent_id=dialer.new_lead_agent_id)
    except CallRefused as refused:
        logger.info("new lead %s is not called: %s", lead.pk, refused.code)
        return False
    return True
