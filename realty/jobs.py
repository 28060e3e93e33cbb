"""What every job has: ids in its log lines, and a sign of life while it runs."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from django_q.signals import post_execute_in_worker, pre_execute

from realty import heartbeat

logger = logging.getLogger(__name__)


def follow_jobs() -> None:
    """Note the start and the end of every job from now on, and show signs of life inside a cluster."""
    pre_execute.connect(_started)
    post_execute_in_worker.connect(_ended)
    if member := heartbeat.join():
        pre_execute.connect(lambda **_: member.job_started(), weak=False)
        post_execute_in_worker.connect(lambda *, task, **_: member.job_ended(task.get("ack_id")), weak=False)


def _started(*, task: dict[str, Any], **_: Any) -> None:
    ids = {"call_id": task["kwargs"]["call_id"]} if "call_id" in task.get("kwargs", {}) else {}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=task["id"], job=str(task["func"]), **ids)


def _ended(*, task: dict[str, Any], **_: Any) -> None:
    if task["func"] != heartbeat.PULSE:
        logger.info("job ended", extra={"success": task.get("success", False)})
    structlog.contextvars.clear_contextvars()
