"""The job cluster's signs of life, as files that the `worker` command reads.

A worker that is killed while it waits for a job takes the lock of the queue with it, and all others wait for ever. So
each process of the cluster keeps a file named by its id, which it removes when it ends of its own accord: a file
without a process is a violent death. And whatever executes jobs touches the file `beat`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import util
from pathlib import Path

from realty.supervisor import die_with_parent

FOLDER = "CLUSTER_SIGNS_DIR"  # set by the worker command for its cluster, never by people
PULSE = "realty.heartbeat.pulse"
PULSE_S = 2.0  # seconds between two jobs that do nothing but show that jobs are executed
ORPHAN_S = 20.0  # seconds that a cluster whose worker command was killed gets to end its jobs

_TOUCH_S = 1.0
_BEAT = "beat"
_BUSY = ".busy"
_SLOW = "slow-"
_ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Signs:
    """What a folder tells: the last beat in nanoseconds (0: none yet), who died violently, whether a job runs.

    Of the dead, `died_at_work` were executing a job, and waited for no lock then.
    """

    beat_ns: int
    dead: tuple[int, ...]
    busy: bool
    died_at_work: tuple[int, ...] = ()


def read(folder: Path) -> Signs:
    """The signs in a folder."""
    names = [path.name for path in folder.iterdir()]
    pids = [int(name) for name in names if name.isdigit()]
    dead = tuple(pid for pid in pids if not is_running(pid) and (folder / str(pid)).exists())
    at_work = {int(name.removesuffix(_BUSY)) for name in names if name.endswith(_BUSY)}
    beat_ns = (folder / _BEAT).stat().st_mtime_ns if _BEAT in names else 0
    died_at_work = tuple(pid for pid in dead if pid in at_work)
    return Signs(beat_ns, dead, any(is_running(pid) for pid in at_work), died_at_work)


def bury(folder: Path, pid: int) -> None:
    """Forget one process that died at work, and that its job is in hand."""
    busy = folder / f"{pid}{_BUSY}"
    with contextlib.suppress(FileNotFoundError):
        (folder / f"{_SLOW}{busy.read_text()}").unlink(missing_ok=True)
    busy.unlink(missing_ok=True)
    (folder / str(pid)).unlink(missing_ok=True)


def ask_to_end(folder: Path) -> None:
    """Have jobs that take minutes stop where they can; whoever begins the cluster anew clears that."""
    (folder / _ENDS).touch()


def goes_on() -> bool:
    """Whether this cluster is not to end; true outside of one."""
    folder = os.environ.get(FOLDER, "")
    return not folder or (Path(folder).exists() and not (Path(folder) / _ENDS).exists())


def clear(folder: Path) -> None:
    """Forget the processes of a cluster that is gone."""
    for path in folder.iterdir():
        path.unlink(missing_ok=True)


def slow_job_begins(row: int) -> None:
    """Note that a job which nobody waits for was handed to this cluster; its end, or the cluster's, takes that back."""
    if folder := os.environ.get(FOLDER, ""):
        with contextlib.suppress(FileNotFoundError):
            (Path(folder) / f"{_SLOW}{row}").touch()


def slow_job_ends(row: object) -> None:
    """Take back that such a job is in hand."""
    if folder := os.environ.get(FOLDER, ""):
        (Path(folder) / f"{_SLOW}{row}").unlink(missing_ok=True)


def slow_jobs() -> int:
    """How many such jobs this cluster has in hand."""
    folder = os.environ.get(FOLDER, "")
    return len(list(Path(folder).glob(f"{_SLOW}*"))) if folder else 0


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that ended and was not buried yet does not count (on Linux)."""
    try:
        os.kill(pid, 0)
        # The state follows the name, which is in brackets and may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except ProcessLookupError:
        return False
    except (FileNotFoundError, PermissionError):  # no /proc here, or no more
        return not Path("/proc/self/stat").exists()


class Member:
    """This process as a member of a cluster whose signs are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._working = threading.Event()
        self._ticker: threading.Thread | None = None

    def enrol(self) -> None:
        """Keep a file for as long as this process lives, and end with the process that started it."""
        if parent := multiprocessing.parent_process():
            die_with_parent(parent.pid or 0)
        mine = self._folder / str(os.getpid())
        mine.touch()
        # Last of all; not after a signal or os._exit.
        util.Finalize(None, mine.unlink, kwargs={"missing_ok": True}, exitpriority=-100)

    def job_started(self, row: object = "") -> None:
        """Beat until the job ends, so that one that waits for a provider does not look dead.

        `row` is the number of its row in the queue.
        """
        self._busy.write_text(str(row))
        self.beat()
        self._working.set()
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def job_ended(self, row: object) -> None:
        """Leave the beating to the next job; `row` is the number of this one's row in the queue."""
        self._working.clear()
        (self._folder / f"{_SLOW}{row}").unlink(missing_ok=True)
        self._busy.unlink(missing_ok=True)

    def beat(self) -> None:
        """Show that jobs are executed."""
        with contextlib.suppress(FileNotFoundError):  # the worker command is gone, and its folder with it
            (self._folder / _BEAT).touch()

    @property
    def _busy(self) -> Path:
        return self._folder / f"{os.getpid()}{_BUSY}"

    def _tick(self) -> None:
        while self._working.wait():
            self.beat()
            time.sleep(_TOUCH_S)


def pulse() -> None:
    """A job that does nothing: that it is executed is all it says."""


def join() -> Member | None:
    """Make this process and all that it starts members of the cluster; None outside of one."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return None
    member = Member(Path(folder))
    util.register_after_fork(member, Member.enrol)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return member


def _end_with(parent: int) -> None:
    """End the whole cluster some time after `parent` did: a stalled one never ends by itself."""
    while os.getppid() == parent:
        time.sleep(_TOUCH_S)
    time.sleep(ORPHAN_S)
    if os.getpgrp() == os.getpid():  # not somebody else's group
        os.killpg(0, signal.SIGKILL)
