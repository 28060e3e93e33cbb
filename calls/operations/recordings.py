"""Recordings that providers announce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls.models import Recording, RecordingState

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import RecordingNews


def announce(call: Call, news: RecordingNews, *, now: datetime) -> None:
    """Keep that there is a recording, or that nothing was recorded; a second run changes nothing.

    Its address is never kept: whoever fetches it asks the provider by the recording's id.
    """
    Recording.objects.get_or_create(
        call=call,
        provider_recording_id=news.provider_recording_id[:64],
        defaults={
            "channels": news.channels,
            "duration_s": news.duration_s if news.is_there else None,
            "state": RecordingState.ANNOUNCED if news.is_there else RecordingState.ABSENT,
            "announced_at": now,
        },
    )
