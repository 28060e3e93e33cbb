"""What was recorded is heard by Whisper, once; and whatever becomes of that, each call says whose words it shows."""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django_q.exceptions import TimeoutException

from calls.lifecycle import CallStatus
from calls.models import Call, Engine, Recording, RecordingState, Transcript, TranscriptionState
from calls.operations import evidence
from calls.operations.ears import hear
from calls.operations.hearing_lease import Lease, LostError, StoppedError
from calls.operations.live_words import provider_transcript
from calls.operations.shelf import StorageError
from calls.queue import TRANSCRIBE, TRANSCRIPTION, enqueue, room
from voice.stt.errors import SttError
from voice.stt.lines import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from voice.stt.lines import Heard

logger = logging.getLogger(__name__)

MOST_TRIES = 3  # of a recording whose process dies, or that something unforeseen happens to
_PAUSE = timedelta(minutes=1)  # before the second of them; before the third two
_STORAGE_AGAIN = timedelta(minutes=5)  # where the storage was away; that uses up no try
_IN_HAND = 32  # jobs that wait in the queue: enough to keep all nodes busy until the dispatcher looks again
_NUDGE = timedelta(minutes=10)  # a recording whose job did not begin by then gets another one

_KILLED = (
    f"The process that transcribed it was killed {MOST_TRIES} times, mostly for want of memory. Give the machine more, "
    "lower TRANSCRIPTION_WORKERS or choose a smaller WHISPER_MODEL, and transcribe it again."
)
_NO_MEMORY = (
    "The machine had too little memory for it. Lower TRANSCRIPTION_WORKERS or choose a smaller WHISPER_MODEL, and "
    "transcribe it again."
)
_NO_FILE = "Its file is not in the storage any more. Bring it back and transcribe it again, or delete the recording."
_UNFORESEEN = "Something unforeseen happened, which the worker's log tells. Transcribe it again once that is mended."


def hear_due(*, now: datetime) -> int:
    """Queue the recordings that wait for Whisper, the oldest first; how many this process won.

    One whose process died waits again, until it has had its tries. A second run finds what the first left.
    """
    due = _wanted().filter(Q(leased_until=None) | Q(leased_until__lte=now)).order_by("pk")
    waits = TranscriptionState.WAITING
    # While the line is open nothing is known of the lead that a recording could prove.
    ready = due.filter(transcription=waits, call__status=CallStatus.ENDED)
    _take_back_lost(now=now)
    if not ready.exists():
        return 0
    won = 0
    for recording in ready.only("pk")[: room(TRANSCRIPTION, _IN_HAND)]:
        if due.filter(pk=recording.pk, transcription=waits).update(leased_until=now + _NUDGE):
            enqueue(TRANSCRIBE, cluster=TRANSCRIPTION, recording_id=recording.pk)
            won += 1
    return won


def next_waiting(*, now: datetime, but: Iterable[int] = ()) -> int | None:
    """The recording that has waited longest, whether it has a job already or not; None where none but these waits."""
    _take_back_lost(now=now)
    ready = _wanted().filter(transcription=TranscriptionState.WAITING, call__status=CallStatus.ENDED)
    waiting = ready.exclude(pk__in=but)
    return waiting.order_by("pk").values_list("pk", flat=True).first()


def transcribe(recording_id: int, *, now: datetime, goes_on: Callable[[], bool] = lambda: True) -> str:
    """Have Whisper hear a recording that waits; what became of it. Of two that try, one does.

    `goes_on` is asked at each step; once it says no, the recording waits for another process.
    """
    lease = Lease(recording_id, now=now, goes_on=goes_on)
    try:
        recording = lease.win()
        return _what_became_of(recording, lease) if recording else "not waiting"
    except (KeyboardInterrupt, SystemExit) as error:  # as soon as it is won, too
        # One that takes hours is not begun again and again: its lease runs out, and the try counts.
        if not isinstance(error, TimeoutException):
            lease.give_back()
        raise


def _what_became_of(recording: Recording, lease: Lease) -> str:
    try:
        with lease:
            _hear(recording, lease)
    except LostError:
        return "lost"
    except StoppedError:
        lease.give_back()
        return "stopped"
    except StorageError as error:
        logger.warning("recording %s cannot be read: %s", recording.pk, error)
        lease.give_back(transcription_error=str(error), leased_until=lease.now + _STORAGE_AGAIN)
        return "later"
    except Exception as error:  # noqa: BLE001 -- staff are told, and the log
        return _failed(recording, lease, error)
    return "done"


def retranscribe(recording_id: int) -> bool:
    """Have a recording transcribed again that was, or could not be; False where it is not here, or waits already.

    The dispatcher's next look finds it.
    """
    over = (TranscriptionState.NONE, TranscriptionState.DONE, TranscriptionState.FAILED)
    settled = Recording.objects.filter(pk=recording_id, state=RecordingState.KEPT, transcription__in=over)
    again = {"transcription": TranscriptionState.WAITING, "transcription_tries": 0, "transcription_error": ""}
    return bool(settled.update(**again, progress=0, lease="", leased_until=None))


def _wanted() -> QuerySet[Recording]:
    open_ = (TranscriptionState.WAITING, TranscriptionState.RUNNING)
    return Recording.objects.filter(state=RecordingState.KEPT, transcription__in=open_)


def _take_back_lost(*, now: datetime) -> None:
    """Let those wait again whose process has shown no sign for too long."""
    running = TranscriptionState.RUNNING
    for recording in _wanted().filter(transcription=running, leased_until__lte=now)[:_IN_HAND]:
        lost = _wanted().filter(pk=recording.pk, lease=recording.lease, leased_until=recording.leased_until)
        with contextlib.suppress(LostError):
            _take_back(recording, partial(_let_go, lost), now=now)


def _take_back(recording: Recording, let_go: Callable[..., object], *, now: datetime) -> None:
    if recording.transcription_tries >= MOST_TRIES:
        _give_up(recording, _KILLED, let_go, now=now)
    else:
        let_go(transcription=TranscriptionState.WAITING, progress=0)


def _let_go(mine: QuerySet[Recording], **fields: Any) -> None:
    if not mine.update(lease="", leased_until=None, **fields):
        raise LostError


def _hear(recording: Recording, lease: Lease) -> None:
    heard, channel = hear(recording, lease.progress)
    transcript = _written(recording, heard, now=lease.now)
    call = Call.objects.select_related("lead").filter(pk=recording.call_id).first()
    if call is None:  # erased meanwhile
        raise LostError
    _keep(transcript, evidence.read(call, transcript, now=lease.now), channel, lease)


def _written(recording: Recording, heard: Heard, *, now: datetime) -> Transcript:
    """What was heard as a transcript, which nobody has stored yet."""
    return Transcript(
        call_id=recording.call_id,
        recording=recording,
        engine=Engine.WHISPER,
        model=Path(settings.WHISPER_MODEL).name[:120],
        language=heard.language or "",
        lines=[line.as_json() for line in _with_agent(heard)],
        dropped=list(heard.dropped),
        confidence=round(heard.confidence, 3),
        took_s=round(heard.took_s, 2),
        made_at=now,
    )


@transaction.atomic
def _keep(transcript: Transcript, reading: evidence.Reading, channel: int | None, lease: Lease) -> None:
    """Store what was heard, and what follows from it, or nothing.

    :raises LostError: the lease was lost.
    """
    now = lease.now
    call = _locked(transcript.call_id)
    done = {"transcription": TranscriptionState.DONE, "transcription_error": "", "transcribed_at": now}
    lease.end(**done, progress=100, caller_channel=channel)
    transcript.is_best = _is_best(transcript)
    if transcript.is_best:
        call.transcripts.filter(is_best=True).update(is_best=False, why="")
    before = Transcript.objects.filter(recording=transcript.recording_id, engine=Engine.WHISPER)
    transcript.pk = before.values_list("pk", flat=True).first()
    transcript.save()
    provider_transcript(call, now=now)
    evidence.take_in(call.pk, now=now, reading=reading)


def _locked(call_id: int) -> Call:
    """A recording's call, which is locked before the recording, as webhooks do.

    :raises LostError: it was erased meanwhile.
    """
    call = Call.objects.select_for_update(of=("self",), no_key=True).filter(pk=call_id).first()
    if call is None:
        raise LostError
    return call


def _with_agent(heard: Heard) -> list[Line]:
    """The lines, and where the agent speaks as lines without words."""
    spans = [Line("agent", start, end, "", 0.0, ()) for start, end in heard.agent_spans]
    return sorted([*heard.lines, *spans], key=lambda line: line.start_s)


def _is_best(transcript: Transcript) -> bool:
    """Whether this is the call's transcript: something was heard, and nothing more in another recording of it."""
    whispers = Transcript.objects.filter(call=transcript.call_id, engine=Engine.WHISPER, is_best=True)
    others = whispers.exclude(recording=transcript.recording_id)
    return _words(transcript) > max((_words(other) for other in others), default=0)


def _words(transcript: Transcript) -> int:
    return sum(len(line["text"].split()) for line in transcript.lines)


def _failed(recording: Recording, lease: Lease, error: Exception) -> str:
    """Tell staff why there is no transcript, or let it be tried again a little later."""
    logger.warning("recording could not be transcribed", extra={"recording_id": recording.pk}, exc_info=error)
    sentence, is_final = _told(error)
    try:
        if is_final or recording.transcription_tries >= MOST_TRIES:
            _give_up(recording, sentence, lease.end, now=lease.now)
            return "failed"
        pause = _PAUSE * recording.transcription_tries
        lease.end(transcription=TranscriptionState.WAITING, leased_until=lease.now + pause)
    except LostError:
        return "lost"
    return "again"


def _told(error: Exception) -> tuple[str, bool]:
    """What staff read, and whether another try would end in the same way."""
    if isinstance(error, SttError):
        return str(error), True
    if isinstance(error, FileNotFoundError):
        return _NO_FILE, True
    is_memory = isinstance(error, MemoryError) or "alloc" in str(error)
    return (_NO_MEMORY if is_memory else _UNFORESEEN), False


@transaction.atomic
def _give_up(recording: Recording, sentence: str, end: Callable[..., object], *, now: datetime) -> None:
    call = _locked(recording.call_id)
    end(transcription=TranscriptionState.FAILED, transcription_error=sentence, progress=0)
    provider_transcript(call, now=now)
