"""Call status, and what may follow what: a call only ever moves forward."""

from __future__ import annotations

from enum import StrEnum

from voice.events import LineState


class CallStatus(StrEnum):
    """Where the line is; why it closed and what that meant are other fields."""

    QUEUED = "queued"  # waits for its turn, or for its next try
    DIALING = "dialing"  # won by one worker; the provider is being asked, or has accepted
    UNCONFIRMED = "unconfirmed"  # the provider may or may not have accepted; never dialled again
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    ENDED = "ended"


BEGUN = (CallStatus.DIALING, CallStatus.UNCONFIRMED, CallStatus.RINGING, CallStatus.IN_PROGRESS)
"""Live, and no longer in the queue. Named one by one: what a database is told *not* to find, no index finds."""

LIVE = (CallStatus.QUEUED, *BEGUN)

_RANK = {
    CallStatus.QUEUED: 0,
    CallStatus.DIALING: 1,
    CallStatus.UNCONFIRMED: 1,
    CallStatus.RINGING: 2,
    CallStatus.IN_PROGRESS: 3,
    CallStatus.ENDED: 4,
}

_OF_LINE = {
    LineState.PLACED: CallStatus.DIALING,
    LineState.RINGING: CallStatus.RINGING,
    LineState.IN_PROGRESS: CallStatus.IN_PROGRESS,
    LineState.ENDED: CallStatus.ENDED,
}


def advance(status: CallStatus, line: LineState) -> CallStatus:
    """The status after the provider reported `line`; a late or repeated report changes nothing.

    A report settles an UNCONFIRMED call: whatever it says, the provider has the call.
    """
    reported = _OF_LINE[line]
    if status is CallStatus.UNCONFIRMED and reported is CallStatus.DIALING:
        return reported
    return reported if _RANK[reported] > _RANK[status] else status
