"""Recordings that providers announce."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import RecordingNews


def announce(call: Call, news: RecordingNews, *, now: datetime) -> None:
    """Keep that there is a recording; a second run changes nothing."""
    raise NotImplementedError
