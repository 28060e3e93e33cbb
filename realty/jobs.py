"""What every job has: ids in its log lines, and a sign of life while it runs."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from django.utils import timezone
from django_q.conf import Conf
from django_q.signals import post_execute_in_worker, post_spawn, pre_execute

from calls.queue import CALLS
from realty import heartbeat
from realty.garbage import collect_rarely

logger = logging.getLogger(__name__)


def follow_jobs() -> None:
    """Note the start and the end of every job from now on, and show signs of life inside a cluster."""
    pre_execute.connect(_started)
    post_execute_in_worker.connect(_ended)
    if Conf.CLUSTER_NAME == CALLS:
        post_spawn.connect(_warm_up)
    if member := heartbeat.join():
        collect_rarely()  # here, so that what the cluster forks has it too
        pre_execute.connect(lambda *, task, **_: member.job_started(task.get("ack_id")), weak=False)
        post_execute_in_worker.connect(lambda *, task, **_: member.job_ended(task.get("ack_id")), weak=False)


def _warm_up(**_: Any) -> None:
    """Load what the first call of a process would wait for: half a second of libraries and more."""
    from calls.lines import provider  # noqa: PLC0415 -- apps are not loaded when this module is
    from calls.policies import public_holidays  # noqa: PLC0415 -- as above

    try:
        provider("")
        public_holidays("IN", timezone.now().year)
    except Exception:
        logger.exception("a worker could not warm up; its first call will be slower")


def _started(*, task: dict[str, Any], **_: Any) -> None:
    ids = {"call_id": task["kwargs"]["call_id"]} if "call_id" in task.get("kwargs", {}) else {}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=task["id"], job=str(task["func"]), **ids)


def _ended(*, task: dict[str, Any], **_: Any) -> None:
    if task["func"] != heartbeat.PULSE:
        logger.info("job ended", extra={"success": task.get("success", False)})
    structlog.contextvars.clear_contextvars()
