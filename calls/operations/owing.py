"""What is still to be deleted of people who were erased: recordings at their provider, and files of ours."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from calls.lines import provider as provider_named
from calls.models import LiveUtterance, OwedDeletion, Recording, RecordingState
from calls.operations import shelf
from calls.operations.recordings import ANNOUNCED_WITHIN, LEASE, MOST_WAITING, wait_after
from calls.queue import CALLS, DELETE_OWED, enqueue, room
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from calls.models import Call

logger = logging.getLogger(__name__)

_NOT_TOLD = (RecordingState.ANNOUNCED, RecordingState.FAILED)  # where the provider told no recording's id


def owe(*, now: datetime, **whose: Any) -> None:
    """Keep what must still be deleted of what was recorded, to be run in the transaction that deletes the rows.

    `whose` are conditions that recordings and the answers heard one by one share: `call=...`, `call__lead=...`.
    """
    _owe_recordings(Recording.objects.filter(**whose), now=now)
    answers = LiveUtterance.objects.filter(**whose, delete_after__isnull=False).select_related("call")
    OwedDeletion.objects.bulk_create(_owed_answer(one, one.call, now) for one in answers if one.call)


def _owe_recordings(recordings: QuerySet[Recording], *, now: datetime) -> None:
    """Keep what must still be deleted of these.

    Files go as soon as that is committed; what fails then, and what the provider still has, are tried again by jobs.
    """
    owed = []
    for recording in recordings.select_related("call").defer("peaks"):
        is_there = recording.deleted_there_at is None and recording.state != RecordingState.ABSENT
        there = recording.provider_recording_id if is_there else ""
        if there or recording.sha256:
            owed.append(_owed_of(recording.call, there, now, recording_id=recording.pk, sha256=recording.sha256))
        elif recording.state in _NOT_TOLD and recording.call.provider_call_id:
            owed.append(_owed_of_all(recording.call, now + ANNOUNCED_WITHIN))
    OwedDeletion.objects.bulk_create(owed)
    for one in owed:
        if one.sha256:
            shelf.once_committed(shelf.take_off, one.recording_id, one.sha256)


def _owed_of(call: Call, there: str, now: datetime, **more: Any) -> OwedDeletion:
    """A deletion that is still to come; `there` is the recording's id at its provider, "" where nothing is there."""
    known = {"provider": call.provider, "provider_call_id": call.provider_call_id} if there else {}
    return OwedDeletion(**known, provider_recording_id=there, after=now, **more)


def _owed_answer(answer: LiveUtterance, call: Call, now: datetime) -> OwedDeletion:
    there = answer.provider_recording_id
    return _owed_of(call, there, now) if there else _owed_of_all(call, answer.delete_after or now)


def _owed_of_all(call: Call, after: datetime) -> OwedDeletion:
    """What its provider recorded of a call, and never told of: it is asked for when it is deleted."""
    return OwedDeletion(provider=call.provider, provider_call_id=call.provider_call_id, after=after)


def delete_owed_due(*, now: datetime) -> int:
    """Queue the deletions that are due; how many this process won."""
    due = OwedDeletion.objects.filter(after__lte=now).order_by("after")
    if not due.exists():
        return 0
    won = 0
    for owed in due[: room(CALLS, MOST_WAITING)]:
        if OwedDeletion.objects.filter(pk=owed.pk, after=owed.after).update(after=now + LEASE):
            enqueue(DELETE_OWED, owed_id=owed.pk)
            won += 1
    return won


def delete_owed(owed_id: int, *, now: datetime) -> str:
    """Delete what is owed; tried again until it is gone, for nobody else knows of it. A second run finds nothing."""
    owed = OwedDeletion.objects.filter(pk=owed_id).first()
    if owed is None:
        return "done"
    try:
        _delete(owed)
    except ProviderError as error:
        logger.warning("owed deletion %s failed: %s", owed.pk, error.code)
        tries = owed.tries + 1
        told = {"tries": min(tries, 30_000), "error": error.code[:24], "after": now + wait_after(tries)}
        OwedDeletion.objects.filter(pk=owed.pk).update(**told)
        return error.code
    owed.delete()
    return "deleted"


def _delete(owed: OwedDeletion) -> None:
    try:
        if owed.provider:
            _delete_there(owed)
    finally:
        if owed.sha256:
            shelf.take_off(owed.recording_id, owed.sha256)


def _delete_there(owed: OwedDeletion) -> None:
    network, call_id = provider_named(owed.provider), owed.provider_call_id
    if owed.provider_recording_id:
        network.delete_recording(call_id, owed.provider_recording_id)
        return
    for news in network.recordings_of(call_id):
        if news.is_there:
            network.delete_recording(call_id, news.provider_recording_id)
    network.delete_answers(call_id)
