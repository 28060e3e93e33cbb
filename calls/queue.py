"""The jobs that exist, by dotted path, and the one way to enqueue them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django_q.tasks import async_task

DIAL = "calls.tasks.dial"
SETTLE = "calls.tasks.settle"
SUMMARISE = "calls.tasks.summarise"
ACT_ON_LINE = "calls.tasks.act_on_line"
TEXT_LINK = "calls.tasks.text_link"
PATHS = (DIAL, SETTLE, SUMMARISE, ACT_ON_LINE, TEXT_LINK)


def enqueue(path: str, **arguments: Any) -> None:
    """Queue a job once what it is about is committed; nothing is queued where that rolls back."""
    transaction.on_commit(partial(async_task, path, **arguments))
