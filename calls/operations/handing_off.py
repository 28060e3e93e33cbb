"""Putting a caller through to a member of staff, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import CallEvent, Reply, Transfer


def transfer_for(call: Call, *, now: datetime) -> Transfer | None:
    """Whom to ring for this caller; None where nobody can be rung now."""
    raise NotImplementedError


def whisper(call: Call) -> str:
    """What whoever picks up hears of the caller."""
    raise NotImplementedError


def accepted(call: Call, digits: str, *, now: datetime) -> bool:
    """Whether the member of staff takes the caller."""
    raise NotImplementedError


def transferred(call: Call, event: CallEvent, *, now: datetime) -> Reply:
    """What the caller hears when ringing staff is over."""
    raise NotImplementedError
