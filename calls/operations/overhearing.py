"""Words of a conversation that the provider leads, kept while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import CallEvent


def overhear(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Keep what was said as turns; words that are there already are not kept twice."""
    raise NotImplementedError
