"""`manage.py worker`: django-q2's cluster, and the dispatcher that hands it what is due."""

import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from calls import dispatcher
from realty import heartbeat
from realty.garbage import collect_rarely
from realty.supervisor import GaveUpError, Program, StopSignals, Supervisor
from realty.watchdog import Watchdog

logger = logging.getLogger(__name__)

CLUSTER = "job cluster"
TICK_S = 0.25
LONGEST_PAUSE_S = 30.0  # while the database is away
ROW_PAUSE_S = 1.0


class Command(BaseCommand):
    help = "Run the jobs and the dispatcher until Ctrl-C or SIGTERM."

    def handle(self, *_args: Any, **_options: Any) -> None:
        stop = StopSignals()
        collect_rarely()
        with tempfile.TemporaryDirectory(prefix="realty-worker-") as folder:
            supervisor = Supervisor([cluster(folder)])
            watchdog = Watchdog(supervisor, CLUSTER, Path(folder))
            dispatching = Dispatching()
            try:
                for now in stop.ticks(TICK_S):
                    supervisor.poll(now)
                    watchdog.tick(now)
                    dispatching.tick(now)
            except GaveUpError as error:
                sys.exit(str(error))
            finally:
                # Shorter than what `up` grants us, so that it need not kill us on the way.
                supervisor.stop(grace_s=8.0)


def cluster(folder: str) -> Program:
    """django-q2's cluster, which puts its signs of life into `folder`."""
    command = (sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster", "--skip-checks")  # ours ran
    return Program(CLUSTER, command, {heartbeat.FOLDER: folder})


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
