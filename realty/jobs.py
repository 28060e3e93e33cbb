"""Puts the id of a job, and of the call that it is about, into every log line of the job."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from django_q.signals import post_execute_in_worker, pre_execute

logger = logging.getLogger(__name__)


def follow_jobs() -> None:
    """Note the start and the end of every job from now on."""
    pre_execute.connect(_started)
    post_execute_in_worker.connect(_ended)


def _started(*, task: dict[str, Any], **_: Any) -> None:
    ids = {"call_id": task["kwargs"]["call_id"]} if "call_id" in task.get("kwargs", {}) else {}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=task["id"], job=str(task["func"]), **ids)


def _ended(*, task: dict[str, Any], **_: Any) -> None:
    logger.info("job ended", extra={"success": task.get("success", False)})
    structlog.contextvars.clear_contextvars()
