"""Recordings: announced by providers, fetched by their id, kept, and deleted. The row is the truth; jobs are nudges."""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from calls.lines import provider as provider_named
from calls.models import Channel, Recording, RecordingConsent, RecordingState, TranscriptionState
from calls.operations import shelf
from calls.queue import CALLS, DELETE_THERE, FETCH, enqueue, room
from voice.events import EndReason
from voice.providers.base import ProviderError
from voice.stt.errors import SttError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from django.db.models import QuerySet

    from calls.models import Call
    from voice.events import RecordingNews

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
"""Longer than any job may run."""
_IN_HAND = 4  # fetched at once, by all workers together: dialling comes first
MOST_WAITING = 20
"""Jobs in the queue, beyond which no deletion is added: it would bury what is urgent."""
_WHILE_LIVE = timedelta(seconds=30)  # between two looks whether the line has closed
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5, 600
_MOST_TRIES = 150  # with these waits a day
_EACH_DAY = timedelta(days=1)
_FINAL = {"gone", "too_large", "refused_address", "not_wanted"}
ANNOUNCED_WITHIN = timedelta(minutes=5)  # of the end of a call; then its provider is asked
_NOT_WANTED = (
    "The agent of this call records nothing and told nobody of a recording, so it was not fetched. Switch recording "
    "off at the provider, or on at the agent."
)
_ALWAYS_KILLED = "Whatever was to fetch this recording failed each time. Look for it in the workers' logs."
_FREE: dict[str, Any] = {"lease": "", "leased_until": None}


def announce(call: Call, news: RecordingNews, *, now: datetime) -> None:
    """Keep that there is a recording, or that nothing was recorded; a second run changes nothing.

    Its address is never kept: whoever fetches it asks the provider by the recording's id. What a caller did not want
    is deleted there unheard.
    """
    known = Recording.objects.filter(call=call, provider_recording_id=news.provider_recording_id[:64])
    if known.exists():
        return
    refused = call.recording_consent == RecordingConsent.REFUSED
    wanted = RecordingState.REFUSED if refused else RecordingState.ANNOUNCED
    told = {
        "channels": news.channels,
        "duration_s": news.duration_s if news.is_there else None,
        "state": wanted if news.is_there else RecordingState.ABSENT,
        "announced_at": now,
        "started_at": news.started_at,
        "fetch_after": now if news.is_there else None,
        "delete_there": refused and news.is_there,
    }
    expected = Recording.objects.filter(call=call, provider_recording_id="", state=RecordingState.ANNOUNCED)
    with suppress(IntegrityError), transaction.atomic():  # announced by two at once
        if expected.update(**told, provider_recording_id=news.provider_recording_id[:64], **_FREE):
            return
    known.get_or_create(defaults=told, call=call, provider_recording_id=news.provider_recording_id[:64])


def expect(call: Call, *, now: datetime) -> None:
    """Note that a call that is over was to be recorded: where nobody announces it, the provider is asked."""
    was_talked = call.answered_at is not None or call.end_reason == EndReason.COMPLETED
    if was_talked and _is_to_be_recorded(call) and call.provider_call_id and not call.recordings.exists():
        Recording.objects.create(call=call, announced_at=now, fetch_after=now + ANNOUNCED_WITHIN)


def _is_to_be_recorded(call: Call) -> bool:
    return call.channel == Channel.VOICE and call.agent is not None and call.agent.record


def is_wanted(call: Call) -> bool:
    """Whether a call may be recorded from now on."""
    return _is_to_be_recorded(call) and call.recording_consent != RecordingConsent.REFUSED


def fetch_due(*, now: datetime) -> int:
    """Queue the fetching of recordings whose time has come; how many this process won."""
    announced = Recording.objects.filter(state=RecordingState.ANNOUNCED)
    room = _IN_HAND - announced.filter(fetch_after__isnull=False, leased_until__gt=now).count()
    won = 0
    due = announced.filter(fetch_after__lte=now).order_by("fetch_after")
    for recording in due.only("pk", "fetch_after")[: max(room, 0)]:
        as_read = announced.filter(pk=recording.pk, fetch_after=recording.fetch_after)
        if as_read.update(fetch_after=now + LEASE, leased_until=now + LEASE, lease=""):
            enqueue(FETCH, recording_id=recording.pk)
            won += 1
    return won


def fetch(recording_id: int, *, now: datetime) -> str:
    """Fetch a recording and keep it; a second run finds it taken, or kept."""
    lease = uuid.uuid4().hex
    free = Recording.objects.filter(pk=recording_id, state=RecordingState.ANNOUNCED, fetch_after__isnull=False)
    mine = free.filter(lease="") | free.filter(leased_until__lte=now)
    # Counted first: a file that kills every worker must come to an end, too.
    taken = {"lease": lease, "leased_until": now + LEASE, "fetch_after": now + LEASE}
    if not mine.update(**taken, fetch_tries=F("fetch_tries") + 1):
        return "moved"
    recording = Recording.objects.select_related("call__agent").get(pk=recording_id)
    if recording.fetch_tries > _MOST_TRIES:
        return _put_off(recording, ProviderError(_ALWAYS_KILLED, code="killed"), now=now)
    try:
        if not recording.provider_recording_id:
            return _find(recording, now=now)
        if recording.call.recording_consent == RecordingConsent.REFUSED:
            delete(recording, state=RecordingState.REFUSED, now=now)
            return "refused"
        _must_be_wanted(recording.call)
        return "kept" if _fetch(recording, now=now) else "moved"
    except ProviderError as error:
        return _put_off(recording, error, now=now)


def _must_be_wanted(call: Call) -> None:
    """An assistant may record all the same, and its caller was not told of it."""
    told = call.recording_consent != RecordingConsent.NOT_ASKED
    if call.agent is not None and not call.agent.record and not told:
        raise ProviderError(_NOT_WANTED, code="not_wanted")


def _fetch(recording: Recording, *, now: datetime) -> bool:
    call = recording.call
    with shelf.workbench() as folder:
        path = folder / "sound"
        try:
            with shelf.explained(), path.open("w+b") as file:
                fetched = provider_named(call.provider).fetch_recording(
                    call.provider_call_id,
                    recording.provider_recording_id,
                    channels=recording.channels,
                    max_bytes=settings.RECORDING_MAX_BYTES,
                    into=file,
                )
            kind, caller = fetched.content_type, fetched.caller_channel
            return keep(recording, path, content_type=kind, caller_channel=caller, now=now)
        except SttError as error:
            sentence = "What the provider sent cannot be played. It is asked for again."
            raise ProviderError(sentence, code="not_audio", retryable=True) from error
        except shelf.StorageError as error:
            raise ProviderError(str(error), code="not_stored", retryable=True) from error


def _find(recording: Recording, *, now: datetime) -> str:
    """Ask the provider what was recorded of a call, of which it never told."""
    call = recording.call
    found = provider_named(call.provider).recordings_of(call.provider_call_id)
    mine = _held(recording).filter(provider_recording_id="")
    if not found:
        mine.update(state=RecordingState.ABSENT, fetch_after=None, error="", **_FREE)
        return "absent"
    for news in found:
        announce(call, news, now=now)
    mine.delete()  # where its announcement came in this very moment
    return "found"


def _held(recording: Recording) -> QuerySet[Recording]:
    """The row, as long as whoever read it holds its lease."""
    return Recording.objects.filter(pk=recording.pk, state=RecordingState.ANNOUNCED, lease=recording.lease)


def keep(
    recording: Recording,
    path: Path,
    *,
    content_type: str,
    caller_channel: int | None,
    now: datetime,
    is_read: bool = True,
) -> bool:
    """Store the file at `path` as this recording, and have it transcribed; False when the row moved meanwhile.

    The file is on the storage before the row says so; whoever is killed in between left a file of the same name. Where
    it is not to be read to its end here, its length and its waveform are left for later.
    :raises SttError: when it holds no sound.
    :raises StorageError: when it could not be stored.
    """
    from voice.stt import audio  # noqa: PLC0415 -- its libraries are nothing for a process that only answers

    sound = audio.probe(path) if is_read else audio.glimpse(path)
    peaks = audio.peaks(path, sound=sound) if is_read else []
    digest = shelf.digest_of(path)
    mine = _held(recording)
    if not mine.update(sha256=digest):
        return False
    with shelf.explained():
        name = shelf.put(recording, path, digest)
    won = mine.update(
        state=RecordingState.KEPT,
        file=name,
        size_bytes=path.stat().st_size,
        content_type=content_type[:40],
        channels=sound.channels,
        caller_channel=caller_channel if sound.channels > 1 else None,
        duration_s=round(sound.duration_s) if is_read else None,
        peaks=peaks,
        kept_at=now,
        error="",
        fetch_after=now,
        fetch_tries=0,
        **_FREE,
        delete_there=settings.RECORDINGS_DELETE_AT_PROVIDER and bool(recording.provider_recording_id),
        transcription=TranscriptionState.WAITING if settings.TRANSCRIBE else TranscriptionState.NONE,
    )
    if not won and not Recording.objects.filter(pk=recording.pk).exclude(state__in=shelf.GONE).exists():
        _take_off(recording.pk, digest)
    if won:
        recording.refresh_from_db()
    return bool(won)


def _put_off(recording: Recording, error: ProviderError, *, now: datetime) -> str:
    """Try again later, or leave it; staff read why."""
    tries = recording.fetch_tries
    mine = _held(recording)
    logger.warning("recording %s could not be fetched: %s", recording.pk, error.code)
    told = {"error": str(error), "sha256": "", **_FREE}
    if error.code in _FINAL or tries >= _MOST_TRIES:
        mine.update(**told, state=RecordingState.FAILED, fetch_after=None)
        return "failed"
    mine.update(**told, fetch_after=now + wait_after(tries))
    return error.code


def fetch_again(recording_id: int, *, now: datetime) -> bool:
    """Have a recording asked for again that was given up; False where it was not."""
    given_up = Recording.objects.filter(pk=recording_id, state=RecordingState.FAILED)
    anew = {"state": RecordingState.ANNOUNCED, "fetch_after": now, "fetch_tries": 0, "error": "", **_FREE}
    return bool(given_up.update(**anew))


def wait_after(tries: int) -> timedelta:
    """How long to wait after that many tries: 5 s, then twice as long each time, up to 10 minutes."""
    return timedelta(seconds=min(_FIRST_WAIT_S * 2 ** min(tries - 1, 10), _LONGEST_WAIT_S))


def delete(recording: Recording, *, state: RecordingState, now: datetime) -> None:
    """Delete a recording here and at its provider; `state` is DELETED or REFUSED. A second run changes nothing.

    The file goes as soon as that is committed, unless another recording has the same content; what fails then, and
    the provider, are tried again by jobs. Transcripts stay: whoever deletes decides about those.
    """
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if row.state in shelf.GONE:
            return
        is_there = bool(row.provider_recording_id) and row.state != RecordingState.ABSENT
        Recording.objects.filter(pk=row.pk).update(
            state=state,
            file="",
            peaks=[],
            transcription=TranscriptionState.NONE,
            progress=0,
            deleted_at=now,
            error="",
            **_FREE,
            fetch_after=now + wait_after(1),
            fetch_tries=0,
            delete_there=(is_there and row.deleted_there_at is None) or bool(row.sha256),
        )
        shelf.once_committed(_take_off, row.pk, row.sha256)
    recording.refresh_from_db()


def _take_off(recording_id: int, digest: str) -> None:
    if digest:
        shelf.take_off(recording_id, digest)
        Recording.objects.filter(pk=recording_id, state__in=shelf.GONE).update(sha256="")


def delete_there_due(*, now: datetime) -> int:
    """Queue the deletion of recordings at their providers; how many this process won."""
    due = Recording.objects.filter(delete_there=True).filter(Q(fetch_after=None) | Q(fetch_after__lte=now))
    if not due.exists():
        return 0
    won = 0
    for recording in due.order_by("pk").only("pk", "fetch_after")[: room(CALLS, MOST_WAITING)]:
        as_read = Recording.objects.filter(pk=recording.pk, delete_there=True, fetch_after=recording.fetch_after)
        if as_read.update(fetch_after=now + LEASE):
            enqueue(DELETE_THERE, recording_id=recording.pk)
            won += 1
    return won


def delete_there(recording_id: int, *, now: datetime) -> str:
    """Delete a recording at its provider, and what is left of it here; a second run finds it gone."""
    recording = Recording.objects.select_related("call").filter(pk=recording_id, delete_there=True).first()
    if recording is None:
        return "done"
    call = recording.call
    if call.is_live:  # Vapi deletes the whole call
        Recording.objects.filter(pk=recording.pk, delete_there=True).update(fetch_after=now + _WHILE_LIVE)
        return "live"
    try:
        if recording.provider_recording_id and recording.deleted_there_at is None:
            network = provider_named(call.provider)
            network.delete_recording(call.provider_call_id, recording.provider_recording_id)
    except ProviderError as error:
        return _put_off_deletion(recording, error, now=now)
    finally:
        if recording.state in shelf.GONE:
            _take_off(recording.pk, recording.sha256)
    done = {"delete_there": False, "deleted_there_at": now, "fetch_after": None, "error": ""}
    Recording.objects.filter(pk=recording.pk, state=recording.state).update(**done)
    return "deleted"


def _put_off_deletion(recording: Recording, error: ProviderError, *, now: datetime) -> str:
    """Ask again, and never give up: nobody else knows of it there. After a day staff read of it."""
    tries = recording.fetch_tries + 1
    logger.warning("recording %s could not be deleted at its provider: %s", recording.pk, error.code)
    put_off: dict[str, Any] = {"fetch_after": now + wait_after(tries), "fetch_tries": min(tries, 30_000)}
    if tries >= _MOST_TRIES:
        sentence = f"The provider still has this recording: {error} It is asked again each day to delete it."
        put_off |= {"fetch_after": now + _EACH_DAY, "error": sentence}
    Recording.objects.filter(pk=recording.pk, delete_there=True).update(**put_off)
    return error.code
