"""What is still to be deleted of people who were erased: recordings at their provider, and files of ours."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from calls.lines import provider as provider_named
from calls.models import OwedDeletion
from calls.operations import shelf
from calls.operations.recordings import wait_after
from calls.queue import DELETE_OWED, enqueue
from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=120)  # longer than any job may run
_AT_ONCE = 20


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
