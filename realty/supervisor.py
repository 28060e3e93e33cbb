"""Keeps a few child processes running, and takes all of them down with itself."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

logger = logging.getLogger(__name__)

QUICK_S = 10.0  # a child that lived shorter died quickly
MAX_QUICK_DEATHS = 4
_PR_SET_PDEATHSIG = 1


class GaveUpError(Exception):
    """A child keeps dying; the message says which one and what to do."""


@dataclass(frozen=True)
class Program:
    """What to run as a child: a name for people, the command, and what its environment has on top of ours.

    `niceness` is how far it gives way to everything else, up to 19.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    niceness: int = 0


def restart_delay(quick_deaths: int) -> float:
    """Seconds to wait before the next start, after so many quick deaths in a row."""
    return 0.5 * 2.0 ** max(0, quick_deaths - 1) if quick_deaths else 0.0


class Supervisor:
    """Starts programs, restarts those that die, and stops them all."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._children = [_Child(program) for program in programs]

    def poll(self, now: float) -> None:
        """Start what does not run and is due. `now` in seconds of any steady clock.

        Raises GaveUpError when a program died quickly too often; the caller then stops the rest.
        """
        for child in self._children:
            child.poll(now)

    def pids(self) -> dict[str, int]:
        """The process id of each running program by its name."""
        return {child.program.name: child.process.pid for child in self._children if child.process}

    def ask_to_stop(self, name: str) -> None:
        """Ask the program to stop; it is started again once it has."""
        self._child(name).ask_to_stop()

    def kill(self, name: str) -> None:
        """End the program and all that it started; it is started again at the next poll."""
        self._child(name).end_family()

    def _child(self, name: str) -> _Child:
        return next(child for child in self._children if child.program.name == name)

    def stop(self, grace_s: float = 10.0) -> None:
        """Ask every child to stop, wait `grace_s` seconds for all together, then kill what is left."""
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + grace_s
        for child in self._children:
            child.finish(max(0.0, deadline - time.monotonic()))


class _Child:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_after = float("-inf")
        self._quick_deaths = 0

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def poll(self, now: float) -> None:
        if self.process and self.process.poll() is not None:
            self._bury(self.process.returncode, now)
        if not self.process and now >= self._start_after:
            self._start(now)

    def _start(self, now: float) -> None:
        parent = os.getpid()
        # A group of its own: a Ctrl-C in the terminal reaches only us, and one signal ends a whole family.
        self.process = subprocess.Popen(  # noqa: S603 -- our own commands
            self.program.command,
            env={**os.environ, **self.program.env},
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=lambda: self._before_start(parent),  # noqa: PLW1509 -- supervisors run no other thread
        )
        self._started_at = now
        logger.debug("child started", extra={"child": self.program.name, "pid": self.process.pid})

    def _before_start(self, parent: int) -> None:
        die_with_parent(parent)
        if self.program.niceness:
            os.nice(self.program.niceness)

    def _bury(self, code: int, now: float) -> None:
        self.end_family()
        self._quick_deaths = self._quick_deaths + 1 if now - self._started_at < QUICK_S else 0
        if self._quick_deaths >= MAX_QUICK_DEATHS:
            raise GaveUpError(
                f"The {self.program.name} ended {self._quick_deaths} times within seconds of its start (code {code}). "
                "Its last lines above say why; repair that and start again."
            )
        self._start_after = now + restart_delay(self._quick_deaths)
        logger.error("child ended, restarting", extra={"child": self.program.name, "code": code})

    def ask_to_stop(self) -> None:
        self._started_at = float("-inf")  # an end that was asked for is no quick death
        if self.process and self.is_running():
            self.process.send_signal(signal.SIGTERM)

    def finish(self, wait_s: float) -> None:
        if not self.process:
            return
        try:
            self.process.wait(wait_s)
        except subprocess.TimeoutExpired:
            logger.warning("child did not stop in time, killing it", extra={"child": self.program.name})
        self.end_family()

    def end_family(self) -> None:
        """Kill whatever is left of the child's family, so that no grandchild keeps its port or its jobs."""
        if not self.process:
            return
        # macOS says PermissionError of a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def die_with_parent(parent: int) -> None:
    """Have the kernel send this process SIGTERM when `parent` dies, however that happens (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


class StopSignals:
    """Counts SIGINT, SIGTERM and SIGHUP from now on; true once one of them came."""

    def __init__(self) -> None:
        self.received = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.received += 1

    def __bool__(self) -> bool:
        return self.received > 0

    def ticks(self, every_s: float) -> Iterator[float]:
        """The steady clock's seconds, at once and then `every_s` seconds after each turn, until a signal comes."""
        while not self:
            yield time.monotonic()
            # Short naps, because Python resumes a sleep that a signal interrupted.
            until = time.monotonic() + every_s
            while not self and time.monotonic() < until:
                time.sleep(min(0.1, every_s))
