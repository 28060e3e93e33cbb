"""Recordings of calls that staff made themselves: kept and heard as any other, and nothing is applied unseen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from calls.lifecycle import CallStatus
from calls.models import Call, Recording, RecordingState
from calls.operations import recordings, shelf
from calls.operations.staff_calls import UPLOAD
from calls.queue import PREPARE, enqueue
from leads.models import ActivityKind, Lead
from leads.operations import record
from voice.events import Direction, EndReason
from voice.stt.errors import SttError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from django.contrib.auth.models import User

_LEASE = timedelta(minutes=15)  # longer than storing the longest recording takes
_TAKEN = {"wav", "mp3", "m4a", "ogg"}
_MOST = "The recording is larger than {} MB. Save it as MP3, or in parts, and upload that."
_NO_SOUND = "This file cannot be read as sound. Choose a recording in WAV, MP3, M4A or OGG."
_GONE = "This recording was uploaded before, and has been deleted since."
_AT_IT = "This very recording is being uploaded at this moment. Look again in a minute."
_KNOWN = "This recording was uploaded before, for the same lead."


@dataclass(frozen=True, slots=True)
class Told:
    """What staff tell of their call. `caller_channel` is the lead's track, from 0; None where both share one."""

    direction: Direction
    began_at: datetime
    caller_channel: int | None


class UploadRefusedError(Exception):
    """The file is not taken, for the reason in the sentence; `known` is the call that has it already."""

    def __init__(self, code: str, sentence: str, known: Call | None = None) -> None:
        super().__init__(sentence)
        self.code, self.known = code, known


def upload(*, lead: Lead, chunks: Iterable[bytes], told: Told, by: User, now: datetime) -> Call:
    """Keep a recording that staff made of their own call to a lead, and have it transcribed; its call.

    Only its beginning is read at once, for somebody waits for the answer: a job reads the rest.
    What it is decides the file's content, never its name. The same file for the same lead is kept once.
    :raises UploadRefusedError: too large, no sound, uploaded before, or not to be stored; nothing is kept then.
    """
    with shelf.workbench() as folder:
        path = folder / "upload"
        _write(chunks, path)
        kind = _kind_of(path)
        recording = _announce(lead, shelf.digest_of(path), told, by=by, now=now)
        try:
            caller = told.caller_channel
            kept = recordings.keep(recording, path, content_type=kind, caller_channel=caller, now=now, is_read=False)
        except BaseException as error:
            recording.call.delete()
            if isinstance(error, SttError):
                raise UploadRefusedError("not_audio", _NO_SOUND) from error
            if isinstance(error, shelf.StorageError):
                raise UploadRefusedError("not_stored", str(error)) from error
            raise
    if not kept:
        raise UploadRefusedError("uploading", _AT_IT, recording.call)
    return _tell(recording, by=by, now=now)


def _write(chunks: Iterable[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.RECORDING_MAX_BYTES:
                raise UploadRefusedError("too_large", _MOST.format(settings.RECORDING_MAX_BYTES // 1_000_000))
            file.write(chunk)


def _kind_of(path: Path) -> str:
    """The media type by the first bytes; whether it is sound is found out by reading it."""
    media = shelf.media_at(path)
    if media is None or media.ending not in _TAKEN:
        raise UploadRefusedError("not_audio", _NO_SOUND)
    return media.content_type


def _announce(lead: Lead, digest: str, told: Told, *, by: User, now: datetime) -> Recording:
    """The rows of a call that was, with a recording on its way, held by this process alone."""
    held = {"lease": uuid.uuid4().hex, "leased_until": now + _LEASE}
    with transaction.atomic():
        call, is_new = Call.objects.get_or_create(
            request_key=f"{UPLOAD}:{lead.pk}:{digest[:48]}",
            defaults={
                "lead": lead,
                "provider": UPLOAD,
                "status": CallStatus.ENDED.value,
                "end_reason": EndReason.COMPLETED.value,
                "direction": told.direction.value,
                "requested_by": by,
                "created_at": told.began_at,
                "answered_at": told.began_at,
                "ended_at": told.began_at,
            },
        )
        if is_new:
            return Recording.objects.create(
                call=call, uploaded_by=by, announced_at=now, started_at=told.began_at, **held
            )
    return _take_up(call, held, now=now)


def _take_up(call: Call, held: dict[str, object], *, now: datetime) -> Recording:
    """The row that a process which was killed left half way.

    :raises UploadRefusedError: where nothing was left half way.
    """
    left = Recording.objects.filter(call=call, state=RecordingState.ANNOUNCED)
    if left.filter(leased_until__lte=now).update(**held):
        return left.select_related("call").get()
    if left.exists():
        raise UploadRefusedError("uploading", _AT_IT, call)
    is_kept = Recording.objects.filter(call=call, state=RecordingState.KEPT).exists()
    raise UploadRefusedError("known_recording", _KNOWN if is_kept else _GONE, call)


@transaction.atomic
def _tell(recording: Recording, *, by: User, now: datetime) -> Call:
    """Write on the lead's timeline that there was a call, and have its recording prepared."""
    call = recording.call
    enqueue(PREPARE, recording_id=recording.pk)
    earlier = Q(last_contacted_at=None) | Q(last_contacted_at__lt=call.created_at)
    Lead.objects.filter(earlier, pk=call.lead_id).update(last_contacted_at=call.created_at)
    record(call.lead, ActivityKind.CALL, "Uploaded a recording of their own call.", now=now, by=by, call=call.pk)
    return call


def prepare(recording_id: int) -> str:
    """Read a kept upload to its end, for its length and its waveform; a second run finds them."""
    from voice.stt import audio  # noqa: PLC0415 -- its libraries are nothing for a process that only answers

    kept = Recording.objects.filter(pk=recording_id, state=RecordingState.KEPT)
    recording = kept.select_related("call").first()
    if recording is None or recording.peaks:
        return "done"
    with shelf.local_copy(recording) as path:
        try:
            sound = audio.probe(path)
            peaks = audio.peaks(path, sound=sound)
        except SttError:
            kept.update(error=_NO_SOUND)
            return "not_audio"
    length, call = round(sound.duration_s), recording.call
    with transaction.atomic():
        Call.objects.filter(pk=call.pk).update(duration_s=length, ended_at=call.created_at + timedelta(seconds=length))
        kept.update(peaks=peaks, duration_s=length)
    return "prepared"
