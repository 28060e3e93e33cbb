"""Recordings that wait, transcribed by processes of this machine, beside any worker that runs."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from django.db import connections
from django.utils import timezone
from tqdm import tqdm

from calls.models import Recording, RecordingState, TranscriptionState
from calls.operations import ears, hearing
from realty.supervisor import StopSignals, die_with_parent
from voice.stt.errors import SttError

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess
    from multiprocessing.queues import SimpleQueue

_LOOK_S = 0.5
_GRACE_S = 15.0  # to end a window of speech
_GUESS_S = 60  # a recording of unknown length
_OPEN = (TranscriptionState.WAITING, TranscriptionState.RUNNING)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a backlog: a sentence, and one for each recording that could not be transcribed."""

    sentence: str
    failures: tuple[str, ...]


class Backlog:
    """All that waits now, and what comes to wait meanwhile, in so many processes."""

    def __init__(self, processes: int, niceness: int) -> None:
        self._lengths: dict[int, int] = {}  # seconds, of every recording that was open at some look
        self._processes, self._niceness = processes, niceness
        self._context = get_context("fork")  # before any of them loads the model
        self._faults: SimpleQueue[str] = self._context.SimpleQueue()

    def run(self) -> Told:
        """Transcribe until nothing waits, or until Ctrl-C; a recording that is half heard then waits again.

        :raises SttError: the model cannot be used, with a sentence.
        """
        if not self._look():
            return Told("No recording waits to be transcribed.", ())
        stop = StopSignals()
        children = self._start()
        # In a log a bar would be a line each second.
        with tqdm(total=self._minutes(), unit="min", desc="speech", disable=None) as bar:
            while any(child.is_alive() for child in children) and not stop:
                self._show(bar)
                time.sleep(_LOOK_S)
            _end(children)
            self._show(bar)
        if not self._faults.empty():
            raise SttError(self._faults.get())
        return self._told()

    def _start(self) -> list[ForkProcess]:
        connections.close_all()  # a child must not speak on the parent's
        ours = (os.getpid(), self._niceness, self._faults)
        children = [self._context.Process(target=_work, args=ours) for _ in range(self._processes)]
        for child in children:
            child.start()
        return children

    def _look(self) -> float:
        """Minutes that are still to be heard."""
        rows = Recording.objects.filter(state=RecordingState.KEPT, transcription__in=_OPEN)
        found = list(rows.values_list("pk", "duration_s", "progress"))
        self._lengths |= {pk: length_s or _GUESS_S for pk, length_s, _ in found}
        return sum(self._lengths[pk] * (1 - progress / 100) for pk, _, progress in found) / 60

    def _minutes(self) -> float:
        return round(sum(self._lengths.values()) / 60, 1)

    def _show(self, bar: tqdm[None]) -> None:
        left = self._look()
        bar.total = self._minutes()
        bar.n = round(max(0.0, bar.total - left), 1)
        bar.refresh()

    def _told(self) -> Told:
        rows = Recording.objects.filter(pk__in=self._lengths).order_by("pk")
        by_state = {state: [row for row in rows if row.transcription == state] for state in TranscriptionState}
        done, failed = by_state[TranscriptionState.DONE], by_state[TranscriptionState.FAILED]
        waiting, elsewhere = by_state[TranscriptionState.WAITING], by_state[TranscriptionState.RUNNING]
        minutes = sum(self._lengths[row.pk] for row in done) / 60
        parts = [f"{len(done)} recording{'' if len(done) == 1 else 's'} ({minutes:.1f} minutes) transcribed"]
        parts += [f"{len(failed)} could not be"] if failed else []
        parts += [f"{len(waiting)} still wait{'s' if len(waiting) == 1 else ''}"] if waiting else []
        parts += [f"{len(elsewhere)} left to other workers"] if elsewhere else []
        why = [row for row in rows if row.transcription_error and row.transcription != TranscriptionState.RUNNING]
        return Told(f"{', '.join(parts)}.", tuple(f"Recording {row.pk}: {row.transcription_error}" for row in why))


def _work(parent: int, niceness: int, faults: SimpleQueue[str]) -> None:
    """Transcribe what waits, one after another; a signal gives back what is half heard."""
    leave_at_a_signal()
    die_with_parent(parent)
    os.nice(niceness)
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        ears.require_model()
    except SttError as error:
        faults.put(str(error))
        return
    tried: set[int] = set()  # what then waits again, such as for a storage that is away, is for later
    while (recording_id := hearing.next_waiting(now=timezone.now(), but=tried)) is not None:
        tried.add(recording_id)
        hearing.transcribe(recording_id, now=timezone.now())


def leave_at_a_signal() -> None:
    """Exit at the first signal, and let no other one disturb what is done on the way out."""

    def leave(*_: object) -> None:
        # Ctrl-C reaches every process of the terminal, and the parent asks its children to end right after it.
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        sys.exit(1)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, leave)


def _end(children: list[ForkProcess]) -> None:
    for child in children:
        if child.is_alive():
            child.terminate()
    until = time.monotonic() + _GRACE_S
    for child in children:
        child.join(max(0.0, until - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()
