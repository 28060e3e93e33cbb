"""What is kept no longer: deleted every night, a batch at a time, each in a transaction of its own."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Q
from django_q.models import Failure

from calls.lifecycle import CallStatus
from calls.models import (
    Call,
    ChatLink,
    Consultation,
    Listen,
    LiveUtterance,
    Purge,
    Recording,
    RecordingState,
    Retention,
    Transcript,
    Turn,
    ValueReview,
    WebhookEvent,
)
from calls.operations import recordings, shelf
from calls.queue import PURGE, enqueue
from leads import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

BATCH = 500  # rows; a caller's turn waits for one batch at most
_FILES = 25  # of recordings, each of which a distant storage is asked about several times
LONGEST_S = 20.0  # of one job; what is left goes on in the next one
_LEASE = timedelta(minutes=3)  # longer than any job may run
_GONE_RECORDINGS = (*shelf.GONE, RecordingState.ABSENT)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: which rows are older than their days, and how a batch of them goes."""

    name: str
    kept: str  # the field of Retention
    old: Callable[[datetime], QuerySet[Any]]
    drop: Callable[[QuerySet[Any], datetime], None]
    at_once: int | None = None  # rows, where BATCH would take too long


def _delete(rows: QuerySet[Any], _now: datetime) -> None:
    rows.delete()


def _delete_recordings(rows: QuerySet[Any], now: datetime) -> None:
    for recording in rows:
        recordings.delete(recording, state=RecordingState.DELETED, now=now)


def _silence_turns(rows: QuerySet[Any], _now: datetime) -> None:
    rows.update(heard="", heard_again="", digits="", said="", understood=[], words=[])


def _silence_calls(rows: QuerySet[Any], _now: datetime) -> None:
    rows.update(dialogue={}, summary=[], provider_analysis={})


def _ended(before: datetime) -> QuerySet[Call]:
    return Call.objects.filter(status=CallStatus.ENDED, ended_at__lt=before)


_KINDS = (
    Kind(
        "recordings",
        "recordings",
        lambda before: Recording.objects.exclude(state__in=_GONE_RECORDINGS).filter(
            Q(kept_at__lt=before) | Q(kept_at=None, announced_at__lt=before)
        ),
        _delete_recordings,
        _FILES,
    ),
    Kind("transcripts", "words", lambda before: Transcript.objects.filter(made_at__lt=before), _delete),
    Kind("values to review", "words", lambda before: ValueReview.objects.filter(created_at__lt=before), _delete),
    Kind(
        "turns",
        "words",
        lambda before: Turn.objects.filter(at__lt=before, call__status=CallStatus.ENDED).exclude(
            heard="", said="", digits="", heard_again=""
        ),
        _silence_turns,
    ),
    Kind(
        "conversations",
        "words",
        lambda before: _ended(before).exclude(dialogue={}, summary=[], provider_analysis={}),
        _silence_calls,
    ),
    Kind("webhooks", "webhooks", lambda before: WebhookEvent.objects.filter(received_at__lt=before), _delete),
    Kind("consultations", "consultations", lambda before: Consultation.objects.filter(at__lt=before), _delete),
    Kind("listens", "listens", lambda before: Listen.objects.filter(at__lt=before), _delete),
    Kind("chat links", "chat_links", lambda before: ChatLink.objects.filter(expires_at__lt=before), _delete),
    Kind(
        "answers",
        "utterances",
        lambda before: LiveUtterance.objects.filter(asked_at__lt=before, delete_after=None),
        _delete,
    ),
    Kind("failed jobs", "jobs", lambda before: Failure.objects.filter(stopped__lt=before), _delete),
)


def purge_due(*, now: datetime) -> int:
    """Begin the night's purge once its hour has come, and go on with one whose job was lost; 1 where this process did.

    The row of a night can be made once, so exactly one process of all machines wins it.
    """
    last, local = Purge.objects.order_by("-night").first(), now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if local.time() >= settings.PURGE_AT and (last is None or last.night < local.date()):
        return _begin(local, now=now)
    if last is None or last.leased_until is None or last.leased_until > now:
        return 0
    return _go_on(last, now=now)


def _begin(local: datetime, *, now: datetime) -> int:
    try:
        with transaction.atomic():
            purge = Purge.objects.create(night=local.date(), began_at=now, leased_until=now + _LEASE)
    except IntegrityError:  # another process was faster
        return 0
    enqueue(PURGE, purge_id=purge.pk)
    return 1


def _go_on(purge: Purge, *, now: datetime) -> int:
    as_read = Purge.objects.filter(pk=purge.pk, ended_at=None, leased_until=purge.leased_until)
    won = as_read.update(leased_until=now + _LEASE)
    if won:
        enqueue(PURGE, purge_id=purge.pk)
    return won


def purge(purge_id: int, *, now: datetime) -> str:
    """Delete what is kept no longer, for LONGEST_S, and queue the rest; a second run finds less to do."""
    night = Purge.objects.filter(pk=purge_id, ended_at=None).first()
    if night is None:
        return "done"
    until = time.monotonic() + LONGEST_S
    counts = dict(night.counts)
    for name, count in batches(now=now):
        counts[name] = counts.get(name, 0) + count
        Purge.objects.filter(pk=night.pk).update(counts=counts, leased_until=now + _LEASE)
        if time.monotonic() > until:
            enqueue(PURGE, purge_id=night.pk)
            return "goes on"
    tidy(now=now)
    Purge.objects.filter(pk=night.pk).update(ended_at=now, leased_until=None)
    logger.info("purge ended", extra={"purge": night.pk, **{f"purged_{name}": one for name, one in counts.items()}})
    return "purged"


def tidy(*, now: datetime) -> None:
    """Delete what has no days of its own: sessions that are over, imports nobody finished, files that no row knows."""
    Session.objects.filter(expire_date__lt=now).delete()
    waiting.drop_old(now=now)
    shelf.sweep(now=now)


def batches(*, now: datetime) -> Iterator[tuple[str, int]]:
    """Delete a batch at a time; the kind and the number of rows of each."""
    kept = Retention.current()
    for kind in _KINDS:
        before, pks = _before(kept, kind, now=now), list[Any]()
        if before is None:
            continue
        rows, some = kind.old(before).order_by("pk"), kind.at_once or BATCH
        # Each row once, whatever becomes of it: a purge always ends. Keys of failed jobs are no numbers.
        while pks := list((rows.filter(pk__gt=pks[-1]) if pks else rows).values_list("pk", flat=True)[:some]):
            with transaction.atomic():
                kind.drop(rows.model._base_manager.filter(pk__in=pks), now)
            yield kind.name, len(pks)


def foretell(*, now: datetime) -> dict[str, int]:
    """How many rows of each kind a purge would delete now."""
    kept = Retention.current()
    dates = {kind: _before(kept, kind, now=now) for kind in _KINDS}
    return {kind.name: kind.old(before).count() for kind, before in dates.items() if before is not None}


def _before(kept: Retention, kind: Kind, *, now: datetime) -> datetime | None:
    days = getattr(kept, kind.kept)
    return now - timedelta(days=days) if days else None
