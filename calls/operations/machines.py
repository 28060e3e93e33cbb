"""What is done when an answering machine picks up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import CallEvent


def decide(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Take over who answered; the caller saves `call`."""
    raise NotImplementedError
