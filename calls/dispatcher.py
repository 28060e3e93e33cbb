"""Looks several times a second at what is due, and queues it. Any number may run at once: each row is won by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls.chat import sessions, texting
from calls.operations.apart import each
from calls.operations.breaking import watch_breakers
from calls.operations.feeding import feed
from calls.operations.hearing import hear_due
from calls.operations.hearing_turns import delete_due, take_left_due
from calls.operations.owing import delete_owed_due
from calls.operations.promises import dial_promises, greet_new_leads
from calls.operations.purging import purge_due
from calls.operations.recordings import delete_there_due, fetch_due
from calls.operations.releasing import ask_due, release_due
from calls.operations.talking import forget_old

if TYPE_CHECKING:
    from datetime import datetime


_STEPS = (
    watch_breakers,
    dial_promises,
    greet_new_leads,
    feed,
    release_due,
    ask_due,
    texting.queue_due,
    hear_due,
    sessions.close_idle,
    fetch_due,
    delete_there_due,
    take_left_due,
    delete_due,
    forget_old,
    delete_owed_due,
    purge_due,
)


def run_once(now: datetime) -> int:
    """Queue what is due: promises, new leads, campaigns, calls to dial and to ask about; how much this process won.

    :raises Exception: the first that a step raised; the other steps were taken all the same.
    """
    return each(lambda step: step(now=now), _STEPS)
