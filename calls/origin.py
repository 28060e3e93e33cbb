"""Who or what asked for a call, and whose turn comes first."""

from __future__ import annotations

from enum import StrEnum


class Origin(StrEnum):
    """What a call came from."""

    STAFF = "staff"  # a person pressed a button
    API = "api"
    NEW_LEAD = "new_lead"
    CALLBACK = "callback"  # a promise falls due
    RETRY = "retry"
    CAMPAIGN = "campaign"
    LEAD = "lead"  # the lead rang us, or wrote


_PRIORITY = {Origin.STAFF: 0, Origin.API: 0, Origin.LEAD: 0, Origin.NEW_LEAD: 1, Origin.CALLBACK: 2, Origin.RETRY: 3}


def priority_of(origin: Origin) -> int:
    """The place in the queue among calls that are due; the lowest is dialled first."""
    return _PRIORITY.get(origin, 4)


ASKED_FOR_BY_A_PERSON = frozenset({Origin.STAFF, Origin.API})
"""Refused at once, with a sentence to whoever asked; any other call waits until it is allowed again."""
