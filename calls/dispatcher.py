"""Looks several times a second at what is due, and queues it. Any number may run at once: each row is won by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls import operations
from calls.chat import sessions, texting
from calls.operations import campaigning

if TYPE_CHECKING:
    from datetime import datetime


def run_once(now: datetime) -> int:
    """Queue what is due: promises, new leads, campaigns, calls to dial and to ask about; how much this process won."""
    return (
        campaigning.watch_breakers(now)
        + operations.dial_promises(now=now)
        + operations.greet_new_leads(now=now)
        + campaigning.feed(now)
        + operations.release_due(now=now)
        + operations.ask_due(now=now)
        + texting.queue_due(now)
        + sessions.close_idle(now)
    )
