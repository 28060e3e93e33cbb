"""What follows from the end of a call: a further try, a campaign that goes on, a chat instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from calls.chat import links
from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.models import Call, Channel, ChatReason
from calls.operations.members import member_call_ended
from calls.operations.retrying import queue_retry
from voice.events import Direction, EndReason

if TYPE_CHECKING:
    from datetime import datetime

_FAILED = {EndReason.FAILED, EndReason.REJECTED}


def end_undialled(call: Call, reason: EndReason, disposition: Disposition, error: str, *, now: datetime) -> bool:
    """End a call that no provider has; False when another worker moved it first."""
    with transaction.atomic():
        won = call.move_to(
            CallStatus.ENDED, end_reason=reason, disposition=disposition, error=error, ended_at=now, ask_after=None
        )
        if won:
            after_end(call, now=now)
    return won


def after_end(call: Call, *, now: datetime) -> Call | None:
    """Do what the end of a call asks for; the next try, where there is one. To be run once, with the end committed."""
    if call.direction != Direction.OUTBOUND or call.channel != Channel.VOICE:
        return None
    retry = queue_retry(call, now=now)
    member_call_ended(call, now=now)
    failed = call.disposition == Disposition.FAILED and call.end_reason in _FAILED
    if retry is None and failed and not call.lead.bad_number:
        links.offer(call.lead, instead_of=call, reason=ChatReason.CALL_FAILED, now=now)
    return retry
