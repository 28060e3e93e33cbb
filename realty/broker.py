"""The queue in our database as a job cluster reads it: what is urgent first, and a sign of life in between."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.humanhash import uuid
from django_q.signing import BadSignature, SignedPackage

from calls.queue import ACT_ON_LINE, DIAL, HEAR_TURN, STOP_RECORDING
from realty import heartbeat

logger = logging.getLogger(__name__)

# Jobs that somebody waits for, first of all on an open line; the others leave one worker free for them.
URGENT = (HEAR_TURN, STOP_RECORDING, ACT_ON_LINE, DIAL)

_AWAY_S = 1.0
_LOOK = 40  # of the oldest and of the newest jobs that are looked at
_PULSE_ID = "pulse"  # where other jobs have the number of their row


class Broker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's own, but for the order, the lane that is kept free, and the pulse.

    The pulse is no row: another node would take it, and a database that is away is no reason to restart a cluster.
    """

    _next_pulse = 0.0

    @property
    def _lanes(self) -> int:
        """How many jobs that nobody waits for may be in hand."""
        return max(1, int(Conf.WORKERS) - 1)

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """What to execute next, or None after a pause; while the database is away, None each second."""
        if time.monotonic() >= self._next_pulse:
            self._next_pulse = time.monotonic() + heartbeat.PULSE_S
            return [(_PULSE_ID, _pulse())]
        try:
            taken = self._take()
        except (DatabaseError, InterfaceError):
            # Left to itself the process that asks would wait for ten seconds and die.
            logger.exception("the queue could not be read")
            time.sleep(_AWAY_S)
            return None
        if taken is None:
            time.sleep(Conf.POLL)
        return taken

    def _take(self) -> list[tuple[Any, str]] | None:
        due = self.get_connection().filter(key=self.list_key, lock__lt=timezone.now())
        rows = list(due.order_by("pk")[:_LOOK])
        if len(rows) == _LOOK:
            rows += due.order_by("-pk")[:_LOOK]
        urgent = [row for path in URGENT for row in rows if _job_of(row.payload) == path]
        is_full = heartbeat.slow_jobs() >= self._lanes
        patient = [] if is_full else [row for row in rows if row not in urgent]
        for row in (*urgent, *patient):
            # Who loses a row to another node looks at the next one.
            if self.get_connection().filter(pk=row.pk, lock=row.lock).update(lock=self.timeout(row)):
                if row not in urgent:
                    heartbeat.slow_job_begins(row.pk)
                return [(row.pk, row.payload)]
        return None

    def acknowledge(self, task_id: Any) -> None:
        """Take a job that is done off the queue."""
        if task_id != _PULSE_ID:
            super().acknowledge(task_id)

    def fail(self, task_id: Any) -> None:
        """Take off the queue what cannot be read, as after a change of the secret key; it takes no lane any more."""
        super().fail(task_id)
        heartbeat.slow_job_ends(task_id)


class HearingBroker(Broker):
    """For jobs of minutes: each worker has one, and none waits behind them that another node could begin.

    Who is busy shows signs of life without a pulse, which would only queue up.
    """

    @property
    def _lanes(self) -> int:
        return int(Conf.WORKERS)

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """What to execute next, or None after a pause, also while all workers are busy."""
        if heartbeat.slow_jobs() >= self._lanes:
            time.sleep(Conf.POLL)
            return None
        return super().dequeue()


@lru_cache(maxsize=4 * _LOOK)
def _job_of(payload: str) -> str:
    """Remembered, for a job that waits its turn is looked at each time that another one is taken."""
    try:
        return str(SignedPackage.loads(payload)["func"])
    except (TypeError, BadSignature):  # whoever executes it says so
        return ""


def _pulse() -> str:
    name, number = uuid()
    task = {"id": number, "name": name, "func": heartbeat.PULSE, "args": (), "kwargs": {}, "started": timezone.now()}
    packed: str = SignedPackage.dumps(task | {"ack_failure": True})
    return packed
