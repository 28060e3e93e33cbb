"""A deadline that holds whatever a server does: work is done on a thread that its caller stops waiting for."""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from voice.llm.base import Fault, RungError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Line:
    """The connections that one question holds; hanging up ends them from any thread.

    `closing` is closed by the thread that did the work, when it is done.
    """

    def __init__(self, timeout_s: float) -> None:
        self._ends_at = time.monotonic() + timeout_s
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._is_over = False
        self.closing = contextlib.ExitStack()

    def left_s(self) -> float:
        """Seconds left.

        :raises RungError: when there are none.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0 or self._is_over:
            raise RungError(Fault.TIMEOUT)
        return left

    def hold(self, connected: socket.socket) -> None:
        """Remember a fresh connection. A duplicate is kept, for TLS takes the original apart."""
        with self._lock:
            self._held.append(connected.dup())
        if self._is_over:
            self.hang_up()

    def hang_up(self) -> None:
        """End the connections, even where another thread waits in the middle of one."""
        self._is_over = True
        with self._lock:
            held, self._held = self._held, []
        for connected in held:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
            connected.close()


def within(timeout_s: float, work: Callable[[Line], T]) -> T:
    """What `work` returns, or RungError: its own, or Fault.TIMEOUT after `timeout_s` seconds.

    Work that does not end in time goes on alone until it next uses its line, and finds it hung up.
    """
    line = Line(timeout_s)
    outcome: queue.SimpleQueue[T | RungError] = queue.SimpleQueue()
    worker = threading.Thread(target=lambda: outcome.put(_outcome(work, line)), name="language model", daemon=True)
    try:
        worker.start()
    except RuntimeError:  # the machine has no thread left
        raise RungError(Fault.BROKEN) from None
    try:
        result = outcome.get(timeout=timeout_s)
    except queue.Empty:
        raise RungError(Fault.TIMEOUT) from None
    finally:
        line.hang_up()
    if isinstance(result, RungError):
        raise result
    return result


def _outcome(work: Callable[[Line], T], line: Line) -> T | RungError:
    try:
        with line.closing:
            return work(line)
    except RungError as error:
        return error
    except Exception as error:  # noqa: BLE001 -- a library's own failure must not end the conversation
        # The type alone: the message may hold what was asked.
        logger.warning("A language model's client failed with %s.", type(error).__name__)
        return RungError(Fault.BROKEN)
