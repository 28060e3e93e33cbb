"""Calls whose last word never came: the provider is asked, and every call reaches an end."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from calls.chat import links
from calls.lifecycle import CallStatus, advance
from calls.lines import provider as provider_named
from calls.models import Call, ChatReason, DialerSettings
from calls.operations import line, reporting
from calls.operations.dialing import order_of
from calls.operations.releasing import ask_after, is_held_up_too_long, put_back
from calls.schedule import parse_ladder
from voice.events import EndReason
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from voice.providers.base import LineReport

logger = logging.getLogger(__name__)

_CLOCK_SKEW = timedelta(minutes=10)  # between the provider's clock and ours; `not_among` keeps earlier calls apart
_GIVE_UP_AFTER = timedelta(hours=24)


def settle(call_id: int, *, now: datetime) -> str:
    """Ask the provider what became of a call and take its word; a second run finds it settled, or asks again."""
    call = Call.objects.select_related("lead").filter(pk=call_id).first()
    if call is None or call.status in {CallStatus.QUEUED, CallStatus.ENDED}:
        return "settled"
    if call.status == CallStatus.DIALING and call.asked_at is None and call.dialed_at:
        # Its worker died before it asked: that needs no answer from anybody.
        if is_held_up_too_long(call, now=now):
            return _give_up(call, now=now, why="Whatever was to place this call failed each time, for a day.")
        return "retry" if put_back(call, due=now, error="", held_up_at=now) else "moved"
    since = (call.dialed_at or call.created_at) - _CLOCK_SKEW
    try:
        report = provider_named(call.provider).look_up(order_of(call), call.provider_call_id, since=since)
    except ProviderError as error:
        if error.code == "test_credentials":
            return _give_up(call, now=now, why=str(error))
        logger.warning("nobody knows what became of call %s: %s", call.pk, error.code)
        return _give_up(call, now=now) if now - since > _GIVE_UP_AFTER else "unknown"  # queue_due asks again later
    return _take(call, report, now=now)


@transaction.atomic
def _take(asked: Call, report: LineReport | None, *, now: datetime) -> str:
    call = Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(pk=asked.pk)
    if call.status in {CallStatus.QUEUED, CallStatus.ENDED}:
        return "settled"
    if report is None and _moved(asked, call):
        return "moved"  # word of it came while the provider was asked
    if report is None:
        return _unheard_of(call, now=now)
    line.adopt(call, report.provider_call_id)
    call.status = advance(CallStatus(call.status), report.line)
    if call.status == CallStatus.ENDED:
        call.duration_s = call.duration_s or report.duration_s
        line.take_cost(call, report.cost_micros)
        if report.told:
            reporting.take_over(call, report.told, now=now)
        line.close(call, report.end_reason or EndReason.COMPLETED, now=now)
    else:
        call.ask_after = now + ask_after()
    call.save()
    return str(call.status)


def _moved(asked: Call, call: Call) -> bool:
    """Whether anything became of a call while its provider was asked."""
    before, after = ((one.status, one.tries, one.asked_at, one.provider_call_id) for one in (asked, call))
    return before != after


_NEVER_SAID = "The provider never said what became of this call. Look at its console before calling again."


@transaction.atomic
def _give_up(asked: Call, *, now: datetime, why: str = _NEVER_SAID) -> str:
    call = Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(pk=asked.pk)
    if call.status in {CallStatus.QUEUED, CallStatus.ENDED}:
        return "settled"
    call.error = why
    line.close(call, EndReason.LOST, now=now)
    call.save()
    return "lost"


def _unheard_of(call: Call, *, now: datetime) -> str:
    """The provider knows no such call: it was never made, or the provider has forgotten it."""
    never_made = call.status in {CallStatus.UNCONFIRMED, CallStatus.DIALING} and not call.provider_call_id
    if never_made and not is_held_up_too_long(call, now=now):
        why = "The provider never got the request. The call is tried again."
        put_back(call, due=_next_try(call, now=now), error=why, held_up_at=now)
        links.offer(call.lead, instead_of=call, reason=ChatReason.CALL_FAILED, now=now)
        return "retry"
    call.error = "The provider knows nothing more of this call. Look at its console before calling again."
    line.close(call, EndReason.LOST, now=now)
    call.save()
    return "lost"


def _next_try(call: Call, *, now: datetime) -> datetime:
    """The technical ladder's next step, and its last one from then on: no attempt was used up."""
    ladder = parse_ladder(DialerSettings.current().technical_ladder) or (timedelta(minutes=5),)
    return now + ladder[min(call.tries, len(ladder) - 1)]
