"""Restarts a job cluster that executes nothing any more, or that lost one of its processes to violence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from realty import heartbeat

if TYPE_CHECKING:
    from pathlib import Path

    from realty.supervisor import Supervisor

logger = logging.getLogger(__name__)

LATE_S = 15.0  # without a beat, of which there is one every two seconds
START_S = 60.0  # until the first beat, on a machine with much else to do
GRACE_S = 10.0  # for jobs that still run; as long as a provider may take to answer


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a cluster counts as stalled, and for its jobs to end.

    `lets_die`: who dies at work is forgotten, and the cluster replaces it; the jobs of the others go on.
    """

    late_s: float = LATE_S
    start_s: float = START_S
    grace_s: float = GRACE_S
    lets_die: bool = False


USUAL = Patience()


class Watchdog:
    """Looks after the program `name` of a supervisor, whose signs are in `folder`."""

    def __init__(self, supervisor: Supervisor, name: str, folder: Path, patience: Patience = USUAL) -> None:
        self._supervisor = supervisor
        self._name = name
        self._folder = folder
        self._patience = patience
        self._pid = 0
        self._beat_ns = 0
        self._late_at = 0.0
        self._kill_at: float | None = None

    def tick(self, now: float) -> None:
        """Look once, right after the supervisor did. `now` in seconds of a steady clock."""
        pid = self._supervisor.pids().get(self._name, 0)
        if pid != self._pid:
            self._begin(pid, now)
        if not pid:
            return
        signs = self._signs()
        if signs.beat_ns != self._beat_ns:
            self._beat_ns, self._late_at = signs.beat_ns, now + self._patience.late_s
        if self._kill_at is None and (reason := self._reason(signs, now)):
            logger.error("restarting the %s: %s", self._name, reason)
            heartbeat.ask_to_end(self._folder)
            self._supervisor.ask_to_stop(self._name)
            self._kill_at = now + self._patience.grace_s
        # A cluster that lost a lock cannot stop by itself, so it is not waited for once no job runs.
        if self._kill_at is not None and (now >= self._kill_at or not signs.busy):
            self._supervisor.kill(self._name)

    def _signs(self) -> heartbeat.Signs:
        signs = heartbeat.read(self._folder)
        if not (self._patience.lets_die and signs.died_at_work):
            return signs
        for pid in signs.died_at_work:
            logger.error("a process of the %s was killed at work", self._name, extra={"pid": pid})
            heartbeat.bury(self._folder, pid)
        return heartbeat.read(self._folder)

    def _begin(self, pid: int, now: float) -> None:
        heartbeat.clear(self._folder)
        self._pid, self._beat_ns, self._late_at, self._kill_at = pid, 0, now + self._patience.start_s, None

    def _reason(self, signs: heartbeat.Signs, now: float) -> str:
        if signs.dead:
            return f"its process {signs.dead[0]} was killed, and may have taken a lock with it"
        return "it has executed nothing for too long" if now >= self._late_at else ""
