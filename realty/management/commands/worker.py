"""`manage.py worker`: django-q2's clusters, and the dispatcher that hands them what is due."""

import logging
import sys
import tempfile
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from calls import dispatcher
from calls.operations import shelf
from calls.queue import CALLS, TRANSCRIPTION
from realty import heartbeat
from realty.garbage import collect_rarely
from realty.supervisor import GaveUpError, Program, StopSignals, Supervisor
from realty.watchdog import USUAL, Patience, Watchdog

logger = logging.getLogger(__name__)

TICK_S = 0.25
LONGEST_PAUSE_S = 30.0  # while the database is away
ROW_PAUSE_S = 1.0

NAMES = {CALLS: "job cluster", TRANSCRIPTION: "transcription cluster"}
# It gives way to everything, so a busy machine makes it slow; and a recording half heard is worth a little time.
SLOW = Patience(late_s=180.0, start_s=600.0, grace_s=600.0, lets_die=True)


class Command(BaseCommand):
    help = "Run the jobs, the transcription and the dispatcher until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only", choices=NAMES, help="calls: everything but transcription; transcription: nothing else"
        )

    def handle(self, *_args: Any, only: str | None, **_options: Any) -> None:
        if only == TRANSCRIPTION and not settings.TRANSCRIPTION_WORKERS:
            raise CommandError("TRANSCRIPTION_WORKERS is 0 here; set it to how many recordings to transcribe at once.")
        names = [only] if only else [CALLS, *([TRANSCRIPTION] if settings.TRANSCRIPTION_WORKERS else [])]
        stop = StopSignals()
        collect_rarely()
        # A storage that does not answer takes its time, and no call may wait for that.
        threading.Thread(target=tell_of_storage, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="realty-worker-") as folder:
            folders = {name: Path(folder) / name for name in names}
            for own in folders.values():
                own.mkdir()
            self._run(stop, folders)

    def _run(self, stop: StopSignals, folders: dict[str, Path]) -> None:
        supervisor = Supervisor([cluster(name, folder) for name, folder in folders.items()])
        watchdogs = [
            Watchdog(supervisor, NAMES[name], folder, SLOW if name == TRANSCRIPTION else USUAL)
            for name, folder in folders.items()
        ]
        dispatching = Dispatching() if CALLS in folders else None
        try:
            for now in stop.ticks(TICK_S):
                supervisor.poll(now)
                for watchdog in watchdogs:
                    watchdog.tick(now)
                if dispatching:
                    dispatching.tick(now)
        except GaveUpError as error:
            sys.exit(str(error))
        finally:
            for folder in folders.values():
                heartbeat.ask_to_end(folder)
            # Shorter than what `up` grants us, so that it need not kill us on the way.
            supervisor.stop(grace_s=8.0)


def tell_of_storage() -> None:
    """Say in the log that recordings have no place, where that is so."""
    try:
        shelf.require()
    except shelf.StorageError as error:
        logger.error("no recording can be kept or heard: %s", error)  # noqa: TRY400 -- the sentence says it all


def cluster(name: str, folder: Path) -> Program:
    """One of django-q2's clusters, which puts its signs of life into `folder`."""
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster", "--skip-checks")  # ours ran
    env = {heartbeat.FOLDER: str(folder), "Q_CLUSTER_NAME": name}
    if name == CALLS:
        return Program(NAMES[name], command, env)
    # More processes do better than more threads.
    return Program(NAMES[name], command, {**env, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}, niceness=19)


class Dispatching:
    """Runs the dispatcher each tick, and more rarely while it fails."""

    def __init__(self) -> None:
        self._failures = 0
        self._not_before = float("-inf")

    def tick(self, now: float) -> None:
        """`now` in seconds of a steady clock."""
        if now < self._not_before:
            return
        try:
            close_old_connections()
            dispatcher.run_once(timezone.now())
            self._failures = 0
        except Exception as error:  # one bad row must not stop all later calls
            self._failures += 1
            is_away = isinstance(error, DatabaseError | InterfaceError)
            # What fails of one row must not make all others late.
            pause = min(LONGEST_PAUSE_S if is_away else ROW_PAUSE_S, TICK_S * 2.0**self._failures)
            self._not_before = now + pause
            kind = "database error" if is_away else "error"
            logger.exception("%s in the dispatcher, pausing", kind, extra={"pause_s": pause})
