"""From "this lead should be called" to a provider that was asked once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from calls import schedule
from calls.compliance import Decision
from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.lines import provider as provider_named
from calls.models import Call
from calls.operations.gate import gate
from calls.queue import DIAL, SETTLE, enqueue
from leads.models import ActivityKind, Lead
from leads.operations import record
from voice.events import EndReason
from voice.models import VoiceAgent
from voice.providers.base import CallOrder, ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from voice.providers.base import Provider

logger = logging.getLogger(__name__)

# A job that was queued has this long to start before the call is queued again; a second job finds the call taken.
_LEASE = timedelta(seconds=30)
ASK_AFTER = timedelta(minutes=2)


class CallRefused(Exception):  # noqa: N818 -- the field's word; "error" would blame somebody
    """A call that must not or cannot be made. `code` is stable, `detail` a sentence for the person who asked."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def request_call(
    *,
    lead_id: int,
    now: datetime,
    by: User | None = None,
    agent_id: int | None = None,
    provider: str = "",
    request_key: str = "",
) -> Call:
    """Queue a call to a lead. The same `request_key` again gives the same call.

    :raises CallRefused: when the gate refuses, or a call to this lead is live.
    """
    request_key = request_key[:80]
    if request_key and (earlier := Call.objects.filter(request_key=request_key).first()):
        return earlier
    network = provider_named(provider)
    lead = Lead.objects.filter(pk=lead_id).first()
    if lead is None:
        raise CallRefused("no_lead", "There is no such lead.")
    decision = gate(lead, network, now=now)
    if not decision.allowed:
        record(lead, ActivityKind.CALL_REFUSED, decision.detail, now=now, by=by, code=decision.code)
        raise CallRefused(decision.code, decision.detail)
    try:
        return _queue(lead, network, now=now, by=by, agent_id=agent_id, request_key=request_key)
    except (IntegrityError, CallRefused):
        # Somebody else was first, with this key or with another call to this lead.
        if request_key and (earlier := Call.objects.filter(request_key=request_key).first()):
            return earlier
        raise _live_call(lead) from None


@transaction.atomic
def _queue(
    lead: Lead, network: Provider, *, now: datetime, by: User | None, agent_id: int | None, request_key: str
) -> Call:
    if Call.objects.filter(lead=lead, status__in=LIVE).exists():
        raise _live_call(lead)
    call = Call.objects.create(
        lead=lead,
        provider=network.name,
        agent=agent_for(agent_id),
        requested_by=by,
        request_key=request_key or None,
        dial_after=now + _LEASE,
        created_at=now,
    )
    enqueue(DIAL, call_id=call.pk, failures=0)
    return call


def _live_call(lead: Lead) -> CallRefused:
    return CallRefused("live_call", f"A call with {lead} is already under way. Wait until it has ended.")


def agent_for(agent_id: int | None = None) -> VoiceAgent:
    """The agent asked for, or the default one; the first call of an installation makes one."""
    if agent_id and (agent := VoiceAgent.objects.filter(pk=agent_id).first()):
        return agent
    default = VoiceAgent.objects.filter(is_default=True).first() or VoiceAgent.objects.first()
    return default or VoiceAgent.objects.get_or_create(is_default=True)[0]


def cancel_call(*, call_id: int, now: datetime) -> bool:
    """Take a queued call back; False when it is no longer queued."""
    call = Call.objects.get(pk=call_id)
    if call.status != CallStatus.QUEUED:
        return False
    return end_undialled(call, EndReason.CANCELED, Disposition.CANCELED, "Taken back before it was dialled.", now=now)


def dial(call_id: int, *, failures: int, now: datetime) -> str:
    """Dial a queued call once. Of several jobs for one try, one dials and the others find the call taken."""
    call = Call.objects.select_related("lead").filter(pk=call_id).first()
    if call is None or call.status != CallStatus.QUEUED or call.failures != failures:
        return "not due"
    if not call.move_to(CallStatus.DIALING, dialed_at=now, ask_after=now + ASK_AFTER, error=""):
        return "taken"
    network = provider_named(call.provider)
    decision = gate(call.lead, network, now=now)
    if decision.allowed and Call.objects.filter(lead=call.lead, status__in=LIVE).exclude(pk=call.pk).exists():
        decision = Decision(False, "live_call", "The lead was already talking to us.")
    if not decision.allowed:
        end_undialled(call, EndReason.NOT_ALLOWED, Disposition.NOT_ALLOWED, decision.detail, now=now)
        record(call.lead, ActivityKind.CALL_REFUSED, decision.detail, now=now, call=call.pk, code=decision.code)
        return decision.code
    try:
        provider_call_id = network.place_call(order_of(call))
    except ProviderError as error:
        return _failed(call, error, now=now)
    # The answer's webhook may have been faster than the response, and brought the id with it.
    Call.objects.filter(pk=call.pk, provider_call_id="").update(provider_call_id=provider_call_id)
    logger.info("call %s was placed", call.pk)
    return "placed"


def order_of(call: Call) -> CallOrder:
    """What to ask the provider for."""
    others = Call.objects.filter(lead=call.lead, provider=call.provider).exclude(Q(pk=call.pk) | Q(provider_call_id=""))
    return CallOrder(
        call_id=call.pk,
        to=str(call.lead.phone),
        name=call.lead.name,
        not_among=frozenset(others.order_by("-pk").values_list("provider_call_id", flat=True)[:100]),
    )


def _failed(call: Call, error: ProviderError, *, now: datetime) -> str:
    logger.warning("call %s was not placed: %s", call.pk, error.code)
    if error.maybe_done:
        call.move_to(CallStatus.UNCONFIRMED, error=str(error), ask_after=now + ASK_AFTER)
        return "unconfirmed"
    if error.retryable and try_again(call, str(error), now=now):
        return "retry"
    reason = EndReason.FAILED if error.retryable else EndReason.REJECTED
    if not end_undialled(call, reason, Disposition.FAILED, str(error), now=now):
        return "moved"  # a webhook was faster, and knows better
    record(call.lead, ActivityKind.CALL_REFUSED, str(error), now=now, call=call.pk, code=error.code)
    return error.code


def try_again(call: Call, error: str, *, now: datetime) -> bool:
    """Put a call back into the queue for its next try; False when the ladder is used up or another worker moved it."""
    due = schedule.retry_at(call.failures + 1, now=now)
    if due is None:
        return False
    return call.move_to(
        CallStatus.QUEUED, failures=call.failures + 1, dial_after=due, ask_after=None, error=error, dialed_at=None
    )


def end_undialled(call: Call, reason: EndReason, disposition: Disposition, error: str, *, now: datetime) -> bool:
    """End a call that no provider has; False when another worker moved it first."""
    return call.move_to(
        CallStatus.ENDED, end_reason=reason, disposition=disposition, error=error, ended_at=now, ask_after=None
    )


def queue_due(*, now: datetime) -> int:
    """Queue the jobs of every call that is due; each is won by one process, and won again if its job is lost."""
    won = 0
    for call in Call.objects.filter(status=CallStatus.QUEUED, dial_after__lte=now).only("pk", "dial_after", "failures"):
        if Call.objects.filter(pk=call.pk, status=CallStatus.QUEUED, dial_after=call.dial_after).update(
            dial_after=now + _LEASE
        ):
            enqueue(DIAL, call_id=call.pk, failures=call.failures)
            won += 1
    waiting = Call.objects.filter(~Q(status__in=(CallStatus.QUEUED, CallStatus.ENDED)), ask_after__lte=now)
    for call in waiting.only("pk", "ask_after"):
        if Call.objects.filter(pk=call.pk, ask_after=call.ask_after).update(ask_after=now + ASK_AFTER):
            enqueue(SETTLE, call_id=call.pk)
            won += 1
    return won
