"""A circuit breaker: a server that failed three times in a row is left alone for a while."""

from __future__ import annotations

import threading

FAULTS = 3
"""In a row, after which the breaker opens."""

OPEN_S = 30.0
"""Seconds until one trial is let through."""


class Breaker:
    """Counts one server's faults. `now` is seconds of any clock that only goes forward; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = 0
        self._shut_until = 0.0

    def allows(self, now: float) -> bool:
        """Whether to ask the server. Once open, a single trial is let through every OPEN_S seconds."""
        with self._lock:
            if now < self._shut_until:
                return False
            if self._faults >= FAULTS:
                # Until the trial reports, or got lost, nobody else tries.
                self._shut_until = now + OPEN_S
            return True

    def answered(self) -> None:
        """The server answered well: all is forgotten."""
        with self._lock:
            self._faults, self._shut_until = 0, 0.0

    def failed(self, now: float, *, retry_after_s: float = 0) -> None:
        """The server failed. A wait that it asked for itself is kept, OPEN_S at most."""
        with self._lock:
            self._faults += 1
            wait_s = OPEN_S if self._faults >= FAULTS else min(retry_after_s, OPEN_S)
            self._shut_until = max(self._shut_until, now + wait_s)
