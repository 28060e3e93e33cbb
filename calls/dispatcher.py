"""Looks several times a second at what is due, and queues it. Any number may run at once: each row is won by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls import operations

if TYPE_CHECKING:
    from datetime import datetime


def run_once(now: datetime) -> int:
    """Queue every call that is due to be dialled or asked about; how many this process won."""
    return operations.queue_due(now=now)
