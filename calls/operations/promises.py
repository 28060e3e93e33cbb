"""Calls that nobody presses a button for: promised callbacks at their time, and leads that have just arrived."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, DialerSettings
from calls.operations.apart import each
from calls.operations.briefs import agent_for
from calls.operations.dialing import CallRefused, may_wait, request_call
from calls.operations.ending import end_undialled
from calls.operations.gate import gate_many
from calls.operations.releasing import release_due
from calls.origin import ASKED_FOR_BY_A_PERSON, Origin, priority_of
from leads.models import ActivityKind, FollowUp, FollowUpKind, Lead, LeadSource, LeadStatus
from leads.operations import record
from voice.events import EndReason

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

_LATEST = timedelta(hours=12)  # a promise that is later than this is a matter for staff
_TAKES_ITS_PLACE = "The callback that was promised takes its place."
_AT_ONCE = 50  # of each kind, so that what is due to be dialled need not wait behind them


def dial_promises(*, now: datetime) -> int:
    """Queue a call for each promised callback that is due; each promise is taken up once for each time promised."""
    due = _promises_due(now)
    if not due.exists() or not DialerSettings.current().dial_callbacks:
        return 0
    return each(lambda follow_up: _keep(follow_up, now=now), due[:_AT_ONCE])


def _promises_due(now: datetime) -> QuerySet[FollowUp]:
    # Whoever talks or writes to us at this moment is called after it, if the promise is still open then.
    talking = Call.objects.filter(lead=OuterRef("lead"), status__in=LIVE).exclude(_gives_way(now))
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


def _gives_way(now: datetime) -> Q:
    """Calls that wait for a later time, and that nobody asked for."""
    return Q(status=CallStatus.QUEUED, dial_after__gt=now) & ~Q(origin__in=ASKED_FOR_BY_A_PERSON)


@transaction.atomic
def _keep(follow_up: FollowUp, *, now: datetime) -> bool:
    # Calls are locked before leads, as by webhooks.
    for waiting in Call.objects.filter(_gives_way(now), lead=follow_up.lead_id).select_related("lead"):
        end_undialled(waiting, EndReason.CANCELED, Disposition.CANCELED, _TAKES_ITS_PLACE, now=now)
    # The lead is locked before the promise, as by the end of a conversation that keeps it.
    Lead.objects.select_for_update().get(pk=follow_up.lead_id)
    # Taken up and queued in one transaction: no promise is lost between the two.
    mine = FollowUp.objects.filter(pk=follow_up.pk, done_at=None, due_at=follow_up.due_at)
    if not mine.filter(Q(dialed_for=None) | ~Q(dialed_for=follow_up.due_at)).update(dialed_for=follow_up.due_at):
        transaction.set_rollback(True)  # nothing gives way to a promise that is kept, or another worker's
        return False
    try:
        request_call(lead_id=follow_up.lead_id, now=now, origin=Origin.CALLBACK, follow_up_id=follow_up.pk)
    except CallRefused as refused:  # staff read why on the lead's timeline, and the promise stays open
        if refused.code == "live_call":  # somebody was faster by a moment: it is taken up again once that has ended
            transaction.set_rollback(True)
        logger.info("promise %s is not kept by a call: %s", follow_up.pk, refused.code)
        return False
    return True


def greet_new_leads(*, now: datetime) -> int:
    """Queue a call to each lead that has just arrived, where staff want that; each is taken up once."""
    dialer = DialerSettings.current()
    if not (dialer.call_new_leads and dialer.new_leads_since):
        return 0
    arrived = Lead.objects.filter(greeted=False, created_at__gte=dialer.new_leads_since).order_by("created_at")
    if not arrived.exists():
        return 0
    try:
        queued = _greet_all(arrived, dialer, now=now)
    except Exception:  # noqa: BLE001 -- somebody called one of them at this very moment, or one cannot be taken up
        queued = each(lambda pk: _greet_all(arrived.filter(pk=pk), dialer, now=now), _first(arrived))
    if queued:
        release_due(now=now)
    return queued


def _first(leads: QuerySet[Lead]) -> list[int]:
    return list(leads.values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _greet_all(arrived: QuerySet[Lead], dialer: DialerSettings, *, now: datetime) -> int:
    """Take up the first of them and queue their calls, in a few statements for all: a burst should not wait."""
    leads = list(Lead.objects.select_for_update().filter(pk__in=_first(arrived), greeted=False))
    Lead.objects.filter(pk__in=[lead.pk for lead in leads]).update(greeted=True)
    known = set(Call.objects.filter(lead__in=leads).values_list("lead_id", flat=True))
    wanted = [lead for lead in leads if lead.pk not in known and _is_wanted(lead, dialer)]
    network, agent = provider_named(), agent_for(dialer.new_lead_agent_id)
    decisions = gate_many(wanted, network, now=now, origin=Origin.NEW_LEAD)
    calls = []
    for lead in wanted:
        decision = decisions[lead.pk]
        call = Call(lead=lead, provider=network.name, agent=agent, origin=Origin.NEW_LEAD, created_at=now)
        call.priority, call.dial_after = priority_of(Origin.NEW_LEAD), now
        if not decision.allowed and not may_wait(call, decision):
            record(lead, ActivityKind.CALL_REFUSED, decision.detail, now=now, code=decision.code)
            continue
        if not decision.allowed:
            call.dial_after, call.error = decision.again_at or now, decision.detail
        calls.append(call)
    Call.objects.bulk_create(calls)
    return len(calls)


def _is_wanted(lead: Lead, dialer: DialerSettings) -> bool:
    if dialer.new_lead_sources and lead.source not in dialer.new_lead_sources:
        return False
    return bool(lead.phone) and lead.status == LeadStatus.NEW and lead.source != LeadSource.INBOUND_CALL
