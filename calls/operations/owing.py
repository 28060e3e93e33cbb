"""What is still to be deleted of people who were erased: recordings at their provider, and files of ours."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from calls.lines import provider as provider_named
from calls.models import OwedDeletion, RecordingState
from calls.operations import shelf
from calls.operations.recordings import wait_after
from calls.queue import DELETE_OWED, enqueue
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from calls.models import Call, Recording

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=120)  # longer than any job may run
_AT_ONCE = 20


def owe(recordings: QuerySet[Recording], *, now: datetime) -> None:
    """Keep what must still be deleted of these recordings: to be run in the transaction that deletes their rows.

    Files go as soon as that is committed; what fails then, and what the provider still has, are tried again by jobs.
    """
    owed = []
    for recording in recordings.select_related("call").defer("peaks"):
        is_there = recording.deleted_there_at is None and recording.state != RecordingState.ABSENT
        there = recording.provider_recording_id if is_there else ""
        if there or recording.sha256:
            owed.append(owed_of(recording.call, there, now, recording_id=recording.pk, sha256=recording.sha256))
    OwedDeletion.objects.bulk_create(owed)
    for one in owed:
        if one.sha256:
            transaction.on_commit(partial(shelf.take_off, one.recording_id, one.sha256), robust=True)


def owed_of(call: Call, there: str, now: datetime, **more: Any) -> OwedDeletion:
    """A deletion that is still to come; `there` is the recording's id at its provider, "" where nothing is there."""
    known = {"provider": call.provider, "provider_call_id": call.provider_call_id} if there else {}
    return OwedDeletion(**known, provider_recording_id=there, after=now, **more)


def delete_owed_due(*, now: datetime) -> int:
    """Queue the deletions that are due; how many this process won."""
    won = 0
    for owed in OwedDeletion.objects.filter(after__lte=now).order_by("after")[:_AT_ONCE]:
        if OwedDeletion.objects.filter(pk=owed.pk, after=owed.after).update(after=now + _LEASE):
            enqueue(DELETE_OWED, owed_id=owed.pk)
            won += 1
    return won


def delete_owed(owed_id: int, *, now: datetime) -> str:
    """Delete what is owed; tried again until it is gone, for nobody else knows of it. A second run finds nothing."""
    owed = OwedDeletion.objects.filter(pk=owed_id).first()
    if owed is None:
        return "done"
    if owed.sha256:
        shelf.take_off(owed.recording_id, owed.sha256)
    try:
        if owed.provider_recording_id:
            network = provider_named(owed.provider)
            network.delete_recording(owed.provider_call_id, owed.provider_recording_id)
    except ProviderError as error:
        logger.warning("owed deletion %s failed: %s", owed.pk, error.code)
        tries = owed.tries + 1
        told = {"tries": min(tries, 30_000), "error": error.code[:24], "after": now + wait_after(tries)}
        OwedDeletion.objects.filter(pk=owed.pk).update(**told)
        return error.code
    owed.delete()
    return "deleted"
