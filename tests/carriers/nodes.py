"""Processes that run as a service manager would run them: started again whenever they end, whoever killed them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

_JOB_ENDED = '"event": "job ended"'


@dataclass(frozen=True)
class Kill:
    """One process that was killed: when (seconds since 1970), on which service, and what it was."""

    at: float
    service: str
    what: str


@dataclass
class Service:
    """One command that runs until `stop`, with its output in `log`."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    starts: int = 0
    seen: set[psutil.Process] = field(default_factory=set)
    _process: subprocess.Popen[bytes] | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start it, and again whenever it ends."""
        self._begin()
        threading.Thread(target=self._restart, daemon=True).start()

    def _begin(self) -> None:
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )
        self.starts += 1

    def _restart(self) -> None:
        while not self._stopping.wait(0.1):
            if self._process and self._process.poll() is not None:
                self._begin()

    def family(self) -> list[psutil.Process]:
        """The command's process and all below it."""
        if self._process is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            found = [first, *first.children(recursive=True)]
            self.seen.update(found)
            return found
        return []

    def kill_one(self, lot: random.Random) -> Kill | None:
        """Kill a random process of the family; None when there was none."""
        family = self.family()
        if not family:
            return None
        victim = lot.choice(family)
        with contextlib.suppress(psutil.NoSuchProcess):
            what = _role(victim, family)
            victim.kill()
            return Kill(time.time(), self.name, what)
        return None

    def stop(self, grace_s: float = 15) -> None:
        """Ask it to stop, and kill what does not."""
        self._stopping.set()
        self.family()
        if self._process:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_s)
        for process in self.seen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def orphans(self) -> int:
        """How many processes of earlier starts still run."""
        now = set(self.family())
        return sum(process.is_running() and process.status() != "zombie" for process in self.seen - now)

    def jobs(self) -> list[float]:
        """When it ended its jobs, in seconds since 1970."""
        return [when for line in self.log.read_text(errors="replace").splitlines() if (when := _job_at(line))]

    def said(self, text: str) -> int:
        """How many lines of its output have this text."""
        return sum(text in line for line in self.log.read_text(errors="replace").splitlines())


def _role(victim: psutil.Process, family: list[psutil.Process]) -> str:
    """What a process of a job node is, by its place in the family."""
    depth, one = 0, victim
    while one != family[0] and (parent := one.parent()):
        depth, one = depth + 1, parent
    if depth < 3:
        return ("command", "cluster", "sentinel")[depth]
    siblings = sorted(victim.parent().children(), key=lambda process: (process.create_time(), process.pid))
    place = siblings.index(victim)
    return ("pusher", "monitor")[len(siblings) - 1 - place] if place >= len(siblings) - 2 else "job worker"


def _job_at(line: str) -> float:
    if _JOB_ENDED not in line:
        return 0.0
    try:
        return datetime.fromisoformat(json.loads(line)["timestamp"]).timestamp()
    except (ValueError, KeyError):  # a line cut by a kill
        return 0.0
