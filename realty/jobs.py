"""What every job has: ids in its log lines, a place in the queue, and a sign of life while it runs."""

from __future__ import annotations

import logging
import time
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.humanhash import uuid
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.signing import SignedPackage

from realty import heartbeat

logger = logging.getLogger(__name__)

_AWAY_S = 1.0
_PULSE_ID = "pulse"  # where other jobs have the number of their row


class Broker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """The queue in our database, with a pulse for each cluster that looks into it.

    The pulse is no row: another node would take it, and a database that is away is no reason to restart a cluster.
    """

    _next_pulse = 0.0

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """What to execute next, or None after a pause; while the database is away, None each second."""
        if time.monotonic() >= self._next_pulse:
            self._next_pulse = time.monotonic() + heartbeat.PULSE_S
            return [(_PULSE_ID, _pulse())]
        try:
            taken: list[tuple[Any, str]] | None = super().dequeue()
        except (DatabaseError, InterfaceError):
            # Left to itself the process that asks would wait for ten seconds and die.
            logger.exception("the queue could not be read")
            time.sleep(_AWAY_S)
            return None
        return taken

    def acknowledge(self, task_id: Any) -> None:
        """Take a job that is done off the queue."""
        if task_id != _PULSE_ID:
            super().acknowledge(task_id)


def _pulse() -> str:
    name, number = uuid()
    task = {"id": number, "name": name, "func": heartbeat.PULSE, "args": (), "kwargs": {}, "started": timezone.now()}
    packed: str = SignedPackage.dumps(task | {"ack_failure": True})
    return packed


def follow_jobs() -> None:
    """Note the start and the end of every job from now on, and show signs of life inside a cluster."""
    pre_execute.connect(_started)
    post_execute_in_worker.connect(_ended)
    if member := heartbeat.join():
        pre_execute.connect(lambda **_: member.job_started(), weak=False)
        post_execute_in_worker.connect(lambda **_: member.job_ended(), weak=False)


def _started(*, task: dict[str, Any], **_: Any) -> None:
    ids = {"call_id": task["kwargs"]["call_id"]} if "call_id" in task.get("kwargs", {}) else {}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=task["id"], job=str(task["func"]), **ids)


def _ended(*, task: dict[str, Any], **_: Any) -> None:
    if task["func"] != heartbeat.PULSE:
        logger.info("job ended", extra={"success": task.get("success", False)})
    structlog.contextvars.clear_contextvars()
