"""Who transcribes a recording: one process, for as long as it shows progress."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F

from calls.models import Recording, RecordingState, TranscriptionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""So long after its last sign a process is believed to transcribe; then another one begins anew."""
_WRITE_S = 2.0  # between two signs
_QUIET_S = 20.0  # a window of speech may take longer than a lease on a busy machine, so silence is covered for, too
_STUCK_S = 900.0  # without any progress


class LostError(Exception):
    """Another process has the recording, or nobody may have it any more: write nothing."""


class StoppedError(Exception):
    """This process was asked to end."""


class Lease:
    """A recording that this process alone transcribes; a context that watches over the time without progress."""

    def __init__(self, recording_id: int, *, now: datetime, goes_on: Callable[[], bool]) -> None:
        self._recording_id = recording_id
        self._token = uuid4().hex
        self._began, self._began_s = now, time.monotonic()
        self._written_s = self._moved_s = self._began_s
        self._goes_on = goes_on
        self._ended = threading.Event()

    def win(self) -> Recording | None:
        """The recording, where it is kept and waits; None where it does not, or another process was faster."""
        recording = Recording.objects.select_related("call__agent").filter(pk=self._recording_id)
        won = recording.filter(state=RecordingState.KEPT, transcription=TranscriptionState.WAITING).update(
            transcription=TranscriptionState.RUNNING,
            transcription_tries=F("transcription_tries") + 1,
            progress=0,
            lease=self._token,
            leased_until=self._began + LEASE,
        )
        return recording.first() if won else None

    @property
    def now(self) -> datetime:
        """The time of the lease's beginning, and what has passed since."""
        return self._began + timedelta(seconds=time.monotonic() - self._began_s)

    def progress(self, share: float) -> None:
        """Keep how much is heard, 0 to 1, and hold on to the lease.

        :raises LostError: another process has it, or the recording is gone.
        :raises StoppedError: this process is to end.
        """
        if not self._goes_on():
            raise StoppedError
        self._moved_s = time.monotonic()
        if self._moved_s - self._written_s >= _WRITE_S and not self._renew(progress=min(99, int(100 * share))):
            raise LostError

    def end(self, **fields: Any) -> None:
        """Let go, and set these fields in the same statement; nothing is set where the lease was lost.

        :raises LostError: it was.
        """
        if not self._mine().update(**{"lease": "", "leased_until": None, "progress": 0, **fields}):
            raise LostError

    def give_back(self, **fields: Any) -> None:
        """Let the next process begin, at once where `fields` do not say otherwise, and do not count this try."""
        again = {"transcription": TranscriptionState.WAITING, "transcription_tries": F("transcription_tries") - 1}
        with contextlib.suppress(LostError):
            self.end(**again, **fields)

    def __enter__(self) -> Lease:
        threading.Thread(target=self._cover, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _mine(self) -> Any:
        return Recording.objects.filter(
            pk=self._recording_id,
            lease=self._token,
            state=RecordingState.KEPT,
            transcription=TranscriptionState.RUNNING,
        )

    def _renew(self, **fields: Any) -> bool:
        self._written_s = time.monotonic()
        try:
            return bool(self._mine().update(leased_until=self.now + LEASE, **fields))
        except (DatabaseError, InterfaceError):
            # A database that is away for a moment costs no half hour of work; whether the lease is lost shows later.
            logger.warning("the progress of a transcription could not be kept", exc_info=True)
            connection.close()
            return True

    def _cover(self) -> None:
        """Renew the lease while a long window is heard, and end the process where nothing moves any more."""
        while not self._ended.wait(_QUIET_S / 2):
            now_s = time.monotonic()
            if now_s - self._moved_s >= _STUCK_S:
                logger.error("a transcription is stuck, ending its process", extra={"recording_id": self._recording_id})
                os.kill(os.getpid(), signal.SIGKILL)
            if now_s - self._written_s >= _QUIET_S:
                self._renew()
        connection.close()
