"""The jobs; each makes one call. `**_` lets an old worker run a job queued by newer code."""

from __future__ import annotations

from django.utils import timezone

from calls import operations
from calls.chat import texting


def dial(*, call_id: int, tries: int, **_: object) -> str:
    """Dial a queued call; `tries` is how often it had been put back when the job was queued."""
    return operations.dial(call_id, tries=tries, now=timezone.now())


def settle(*, call_id: int, **_: object) -> str:
    """Ask the provider what became of a call that it has long not spoken of."""
    return operations.settle(call_id, now=timezone.now())


def summarise(*, call_id: int, **_: object) -> str:
    """Ask a language model for the points of a finished call."""
    return operations.summarise(call_id, now=timezone.now())


def act_on_line(*, call_id: int, what: str, **_: object) -> str:
    """Hang up on an answering machine, leave it the message, or let a hand-off last."""
    return operations.act_on_line(call_id, what, now=timezone.now())


def text_link(*, link_id: int, **_: object) -> str:
    """Text a lead the way to the chat."""
    return texting.send(link_id, now=timezone.now())
