"""A provider had accepted a call and then had no line for it: nobody was rung, so it waits for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from calls.lifecycle import CallStatus
from calls.operations.releasing import is_held_up_too_long, put_back
from voice.events import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import CallEvent

_UNTIL_FREE = timedelta(seconds=30)
_SENTENCE = "All lines of the provider were busy. The call waits for one."
_UNANSWERED = {CallStatus.DIALING, CallStatus.UNCONFIRMED, CallStatus.RINGING}


def has_no_line(event: CallEvent) -> bool:
    """Whether an event tells that the account had as many calls at once as it may."""
    return event.extra.get("code") == "lines_busy"


def wait_for_line(call: Call, *, now: datetime) -> bool:
    """Put a call back into the queue without using up an attempt; False where it is to end like any other."""
    if call.direction != Direction.OUTBOUND or call.status not in _UNANSWERED or is_held_up_too_long(call, now=now):
        return False
    if not put_back(call, due=now + _UNTIL_FREE, error=_SENTENCE, held_up_at=now):
        return False
    # The next request gets an id of its own; what is still told of this one changes nothing.
    call.provider_call_id = ""
    call.save(update_fields=["provider_call_id"])
    return True
