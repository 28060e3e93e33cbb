"""The jobs that exist, by dotted path, and the one way to enqueue them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

DIAL = "calls.tasks.dial"
SETTLE = "calls.tasks.settle"
SUMMARISE = "calls.tasks.summarise"
ACT_ON_LINE = "calls.tasks.act_on_line"
TEXT_LINK = "calls.tasks.text_link"
HEAR_TURN = "calls.tasks.hear_turn"
WARM_UP = "calls.tasks.warm_up"
DELETE_TURN = "calls.tasks.delete_turn"
FETCH = "calls.tasks.fetch_recording"
DELETE_THERE = "calls.tasks.delete_recording_there"
PREPARE = "calls.tasks.prepare_upload"
STOP_RECORDING = "calls.tasks.stop_recording"
DELETE_OWED = "calls.tasks.delete_owed"
PURGE = "calls.tasks.purge"
TRANSCRIBE = "calls.tasks.transcribe"
PATHS = (
    DIAL,
    SETTLE,
    SUMMARISE,
    ACT_ON_LINE,
    TEXT_LINK,
    FETCH,
    DELETE_THERE,
    PREPARE,
    STOP_RECORDING,
    DELETE_OWED,
    PURGE,
    HEAR_TURN,
    WARM_UP,
    DELETE_TURN,
    TRANSCRIBE,
)


CALLS = "calls"  # the cluster whose jobs somebody waits for
TRANSCRIPTION = "transcription"  # the cluster whose jobs take minutes


def enqueue(path: str, *, cluster: str = CALLS, **arguments: Any) -> None:
    """Queue a job once what it is about is committed; nothing is queued where that rolls back."""
    options = {"cluster": cluster} if cluster != CALLS else {}
    transaction.on_commit(partial(async_task, path, **arguments, q_options=options))


def room(cluster: str, most: int) -> int:
    """How many more jobs may be queued, that at most so many wait for a worker of a cluster."""
    return max(0, most - int(get_broker(cluster).queue_size()))
