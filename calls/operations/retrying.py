"""The next try to reach somebody: on one ladder after technical failures, on another where nobody was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, CampaignState, DialerSettings, Ladder
from calls.operations.gate import gate, local_time
from calls.origin import Origin
from calls.schedule import parse_ladder, retry_at
from voice.events import EndReason

if TYPE_CHECKING:
    from datetime import datetime

    from leads.models import Lead

_FOR_ITS_OWN_SAKE = (Origin.RETRY, Origin.NEW_LEAD)  # what is queued to reach somebody, whatever about
_UNREACHED = {Disposition.BUSY, Disposition.NO_ANSWER, Disposition.VOICEMAIL}


def queue_retry(call: Call, *, now: datetime) -> Call | None:
    """Queue the try after an ended call; None where there is none. A second run makes no second one."""
    ladder = _ladder_of(call)
    if ladder is None:
        return None
    due = _due(call, ladder, now=now)
    if due is None or Call.objects.filter(lead=call.lead, status__in=LIVE).exists():
        return None
    try:
        with transaction.atomic():
            return Call.objects.create(
                lead=call.lead,
                provider=call.provider,
                agent=call.agent,
                requested_by=call.requested_by,
                origin=Origin.RETRY,
                campaign=call.campaign,
                follow_up=call.follow_up,
                retry_of=call,
                ladder=ladder,
                attempt=call.attempt + (ladder == Ladder.PEOPLE),
                failures=call.failures + 1 if ladder == Ladder.TECHNICAL else 0,
                dial_after=due,
                created_at=now,
            )
    except IntegrityError:  # the other word of this end made it, or somebody calls this lead at this moment
        return None


def _ladder_of(call: Call) -> Ladder | None:
    over = call.campaign and call.campaign.state in {CampaignState.STOPPED, CampaignState.FINISHED}
    if over or call.end_reason == EndReason.CANCELED or call.answered_by == "fax":
        return None
    if call.disposition in _UNREACHED:
        return Ladder.PEOPLE
    # What the carrier failed to connect may work soon; what nobody took is settled before the call ends.
    failed = call.end_reason == EndReason.FAILED and call.disposition == Disposition.FAILED
    return Ladder.TECHNICAL if failed and call.provider_call_id else None


def _due(call: Call, ladder: Ladder, *, now: datetime) -> datetime | None:
    """When the next try may be made; None where the ladder is used up, or the lead must not be called any more."""
    dialer = DialerSettings.current()
    local = local_time(call.lead, now=now)
    if ladder == Ladder.PEOPLE:
        due = retry_at(call.attempt, parse_ladder(dialer.people_ladder), local=local)
    else:
        due = retry_at(call.failures + 1, parse_ladder(dialer.technical_ladder), local=local)
    if due is None:
        return None
    # Said of the moment of the try: nobody should read "next try at 23:10".
    decision = gate(call.lead, provider_named(call.provider), now=due, origin=Origin.RETRY, campaign=call.campaign)
    if decision.allowed or decision.code.endswith("paused"):
        return due
    return decision.again_at


def forget_retries(lead: Lead, *, now: datetime) -> int:
    """The lead was reached after all: tries that wait are taken back, a first one too; how many there were."""
    return Call.objects.filter(lead=lead, origin__in=_FOR_ITS_OWN_SAKE, status=CallStatus.QUEUED).update(
        status=CallStatus.ENDED,
        end_reason=EndReason.CANCELED,
        disposition=Disposition.CANCELED,
        error="The lead was reached in another way.",
        ended_at=now,
    )
