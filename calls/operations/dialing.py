"""From "this lead should be called" to a provider that was asked once."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, Value, When

from calls.compliance import Decision
from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, Channel
from calls.operations import ending
from calls.operations.briefs import agent_for, brief_of
from calls.operations.gate import gate
from calls.operations.pace import take_slot
from calls.operations.releasing import ask_after, is_going_on, is_held_up_too_long, put_back, release_due
from calls.origin import ASKED_FOR_BY_A_PERSON, Origin
from leads.models import ActivityKind, FollowUp, Lead, SuppressionReason
from leads.operations import mark_bad_number, record, suppress
from voice.events import Direction, EndReason
from voice.providers.base import CallOrder, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from voice.providers.base import Provider

logger = logging.getLogger(__name__)

_DOWN = timedelta(minutes=5)  # until a provider that is down is asked again
_BUSY = timedelta(seconds=30)  # until one whose lines are all taken is
_LATER = timedelta(seconds=5)  # what is due sooner is on its way, whichever of two clocks is right
_SKEW = timedelta(minutes=1)  # between two clocks
_PAUSED = {"paused", "provider_paused", "campaign_paused"}


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
    origin: Origin = Origin.STAFF,
    campaign_id: int | None = None,
    follow_up_id: int | None = None,
) -> Call:
    """Queue a call to a lead. The same `request_key` again gives the same call.

    A person who asks brings a try that waits forward. A call that nobody asked for now waits until it is allowed.
    :raises CallRefused: when the gate refuses for good, or a call to this lead is live.
    """
    request_key = request_key[:80]
    if request_key and (earlier := Call.objects.filter(request_key=request_key).first()):
        return earlier
    network = provider_named(provider)
    lead = Lead.objects.select_related("requirement").filter(pk=lead_id).first()
    if lead is None:
        raise CallRefused("no_lead", "There is no such lead.")
    wanted = Call(
        lead=lead,
        provider=network.name,
        agent=agent_for(agent_id),
        requested_by=by,
        request_key=request_key or None,
        origin=origin,
        campaign_id=campaign_id,
        follow_up_id=follow_up_id,
        dial_after=now,
        created_at=now,
    )
    decision = gate(lead, network, now=now, origin=origin, campaign=wanted.campaign)
    if not decision.allowed and not may_wait(wanted, decision):
        record(lead, ActivityKind.CALL_REFUSED, decision.detail, now=now, by=by, code=decision.code)
        raise CallRefused(decision.code, decision.detail)
    if not decision.allowed:
        wanted.dial_after, wanted.error = decision.again_at or now, decision.detail
    return _queued(wanted, now=now)


def may_wait(call: Call, decision: Decision) -> bool:
    """Whether a refusal passes, and nobody stands by who wants to know now."""
    if call.origin in ASKED_FOR_BY_A_PERSON:
        return False
    return decision.again_at is not None or decision.code in _PAUSED


def _queued(wanted: Call, *, now: datetime) -> Call:
    try:
        call = _queue(wanted, now=now)
    except (IntegrityError, CallRefused):
        # Somebody else was first, with this key or with another call to this lead.
        if wanted.request_key and (earlier := Call.objects.filter(request_key=wanted.request_key).first()):
            return earlier
        raise _live_call(wanted.lead) from None
    transaction.on_commit(lambda: _release(now))
    return call


def _release(now: datetime) -> None:
    """Let the call go at once; should that fail, the dispatcher does it."""
    try:
        release_due(now=now)
    except Exception:
        logger.exception("calls that are due could not be released; the dispatcher will try")


@transaction.atomic
def _queue(wanted: Call, *, now: datetime) -> Call:
    live = Call.objects.filter(lead=wanted.lead, status__in=LIVE)
    if wanted.origin in ASKED_FOR_BY_A_PERSON and (forward := _bring_forward(wanted, now=now)):
        return forward
    if live.exists():
        raise _live_call(wanted.lead)
    wanted.save()
    return wanted


def _bring_forward(wanted: Call, *, now: datetime) -> Call | None:
    """A try that waits for later is dialled now instead; None where none waits."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    later = now + _LATER
    waiting = Call.objects.filter(free, lead=wanted.lead, status=CallStatus.QUEUED, dial_after__gt=later)
    found = waiting.first()
    if found and found.request_key and wanted.request_key and wanted.origin == Origin.API:
        return None  # a program's key names one call for ever, and this call has its key already
    changes = {"dial_after": now, "origin": wanted.origin, "priority": 0, "requested_by": wanted.requested_by}
    changes |= {"provider": wanted.provider, "agent": wanted.agent, "error": ""}
    if found and not found.request_key:
        changes["request_key"] = wanted.request_key
    if found is None or not waiting.filter(pk=found.pk).update(**changes):
        return None
    return Call.objects.select_related("lead").get(pk=found.pk)


def _live_call(lead: Lead) -> CallRefused:
    if Call.objects.filter(lead=lead, status=CallStatus.UNCONFIRMED).exists():
        unsure = f"Nobody knows yet whether the last call to {lead} was made. Wait: the provider is being asked."
        return CallRefused("live_call", unsure)
    if not Call.objects.filter(lead=lead, status__in=LIVE, channel=Channel.VOICE).exists():
        writing = f"{lead} is writing to us in the chat. It counts as over half an hour after the last message."
        return CallRefused("live_call", writing)
    return CallRefused("live_call", f"A call with {lead} is already under way. Wait until it has ended.")


def cancel_call(*, call_id: int, now: datetime) -> bool:
    """Take a queued call back; False when it is no longer queued."""
    call = Call.objects.select_related("lead").get(pk=call_id)
    if call.status != CallStatus.QUEUED:
        return False
    why = "Taken back before it was dialled."
    return ending.end_undialled(call, EndReason.CANCELED, Disposition.CANCELED, why, now=now)


def dial(call_id: int, *, tries: int, now: datetime) -> str:
    """Dial a queued call once. Of several jobs for one try, one dials and for the others the call is not due."""
    call = _claim(call_id, tries=tries, now=now)
    if call is None:
        return "not due"
    network = provider_named(call.provider)
    clock = _clock(now)
    if wait_s := take_slot(network, now=now):
        time.sleep(wait_s)
        now += timedelta(seconds=wait_s)
        _read_again(call)
    if why := _not_wanted(call, now=now):
        ended = ending.end_undialled(call, EndReason.CANCELED, Disposition.CANCELED, why, now=now)
        return "canceled" if ended else "moved"
    decision = _decide(call, network, now=now)
    if not decision.allowed:
        return _refused(call, decision, now=now)
    order = order_of(call, now=now)  # what cannot be put into words fails before anybody is asked
    asked = _still_wanted().filter(pk=call.pk, status=CallStatus.DIALING, tries=tries, asked_at=None)
    # From here on a worker that dies leaves a call that the provider may have.
    asked_at = clock()
    if not asked.update(asked_at=asked_at, ask_after=asked_at + ask_after(), dialed_number=order.to):
        _read_again(call)
        decision = _decide(call, network, now=now)
        return "moved" if decision.allowed else _refused(call, decision, now=now)
    call.asked_at = asked_at
    again = partial(_ask_again, call, network, order.to, clock)
    try:
        provider_call_id = network.place_call(replace(order, ask_again=again))
    except _Withdrawn as withdrawn:
        return _refused(call, withdrawn.decision, now=now)
    except ProviderError as error:
        return _failed(call, error, now=now)
    # The answer's webhook may have been faster than the response, and brought the id with it.
    known = Case(When(provider_call_id="", then=Value(provider_call_id)), default="provider_call_id")
    # A call that was put back meanwhile, for want of a line, is no longer this one.
    Call.objects.filter(pk=call.pk, tries=tries).update(provider_call_id=known, placed_at=clock())
    logger.info("call %s was placed", call.pk)
    return "placed"


def _claim(call_id: int, *, tries: int, now: datetime) -> Call | None:
    """Win this try of a queued call; None when it is another job's, or not to be dialled."""
    due = Call.objects.filter(pk=call_id, status=CallStatus.QUEUED, tries=tries, asked_at=None)
    ours = due.filter(direction=Direction.OUTBOUND, channel=Channel.VOICE)
    if not ours.update(status=CallStatus.DIALING, dialed_at=now, ask_after=now + ask_after(), error=""):
        return None
    return Call.objects.select_related("lead", "agent", "campaign").get(pk=call_id)


def _clock(start: datetime) -> Callable[[], datetime]:
    """A clock that stood at `start` when it was made."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)


class _Withdrawn(Exception):  # noqa: N818 -- nothing went wrong
    """The gate closed while a provider was asked for the second time."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.code)
        self.decision = decision


def _ask_again(call: Call, network: Provider, to: str, clock: Callable[[], datetime]) -> None:
    """The gate, before a further try of one job. Whoever was stopped, or asked for silence, meanwhile is not rung."""
    _read_again(call)
    decision = _decide(call, network, now=clock())
    if decision.allowed and str(call.lead.phone) != to:
        why = "The lead's number was changed while the provider was asked, so nobody was called. Call again."
        decision = Decision(False, "number_changed", why)
    if not decision.allowed:
        raise _Withdrawn(decision)


def _still_wanted() -> QuerySet[Call]:
    """Calls that nobody took back in the moment between the gate and the request."""
    return Call.objects.filter(is_going_on(), lead__do_not_call=False)


def _not_wanted(call: Call, *, now: datetime) -> str:
    """Why a call that keeps a promise has nothing to keep any more; empty where it has, or a person asked for it."""
    promised = FollowUp.objects.filter(pk=call.follow_up_id).first() if call.follow_up_id else None
    if promised is None or call.origin in ASKED_FOR_BY_A_PERSON:
        return ""
    if promised.done_at:
        return "The promised callback was kept, or taken off the list, before this call was made."
    return "The callback was put off to another time." if promised.due_at and promised.due_at > now + _SKEW else ""


def _read_again(call: Call) -> None:
    """What was known when the job began may have changed while it waited."""
    call.lead.refresh_from_db()
    if call.campaign:
        call.campaign.refresh_from_db()


def _decide(call: Call, network: Provider, *, now: datetime) -> Decision:
    campaign = None if call.origin in ASKED_FOR_BY_A_PERSON else call.campaign
    decision = gate(call.lead, network, now=now, origin=Origin(call.origin), campaign=campaign)
    if decision.allowed and Call.objects.filter(lead=call.lead, status__in=LIVE).exclude(pk=call.pk).exists():
        return Decision(False, "live_call", "The lead was already talking to us.")
    return decision


def _refused(call: Call, decision: Decision, *, now: datetime) -> str:
    if may_wait(call, decision):
        put_back(call, due=decision.again_at or now, error=decision.detail)
        return "postponed"
    if ending.end_undialled(call, EndReason.NOT_ALLOWED, Disposition.NOT_ALLOWED, decision.detail, now=now):
        record(call.lead, ActivityKind.CALL_REFUSED, decision.detail, now=now, call=call.pk, code=decision.code)
    return decision.code


def order_of(call: Call, *, now: datetime | None = None) -> CallOrder:
    """What to ask the provider for; without `now`, what a look-up needs, which asks for the number that was dialled."""
    others = Call.objects.filter(lead=call.lead, provider=call.provider).exclude(Q(pk=call.pk) | Q(provider_call_id=""))
    agent = call.agent or agent_for()
    return CallOrder(
        call_id=call.pk,
        to=str(call.lead.phone) if now else call.dialed_number or str(call.lead.phone),
        name=call.lead.name,
        time_limit_s=agent.time_limit_min * 60,
        not_among=frozenset(others.order_by("-pk").values_list("provider_call_id", flat=True)[:100]),
        agent=brief_of(call, now=now) if now else None,
    )


def _failed(call: Call, error: ProviderError, *, now: datetime) -> str:
    logger.warning("call %s was not placed: %s", call.pk, error.code)
    if error.maybe_done:
        call.move_to(CallStatus.UNCONFIRMED, error=str(error), ask_after=now + ask_after())
        return "unconfirmed"
    if error.retryable and not is_held_up_too_long(call, now=now):
        wait = _BUSY if error.code == "lines_busy" else _DOWN
        return "retry" if put_back(call, due=now + wait, error=str(error), held_up_at=now) else "moved"
    return error.code if _refused_for_good(call, error, now=now) else "moved"


@transaction.atomic
def _refused_for_good(call: Call, error: ProviderError, *, now: datetime) -> bool:
    """End a call that no provider takes, and note why; False where a webhook was faster, and knows better."""
    Call.objects.select_for_update(of=("self",)).get(pk=call.pk)  # before the lead, as webhooks do
    # Noted first: what follows from the end must not write to a number that nobody has.
    if error.bad_number:
        mark_bad_number(call.lead, now=now)
    if error.blocked:
        suppress(str(call.lead.phone or ""), SuppressionReason.BLOCKED, now=now)
    call.lead.refresh_from_db()
    reason = EndReason.FAILED if error.retryable else EndReason.REJECTED
    if not ending.end_undialled(call, reason, Disposition.FAILED, str(error), now=now):
        transaction.set_rollback(True)
        return False
    record(call.lead, ActivityKind.CALL_REFUSED, str(error), now=now, call=call.pk, code=error.code)
    return True
