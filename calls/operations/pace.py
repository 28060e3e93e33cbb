"""How many requests a second a provider takes, kept by all workers together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from calls.models import ProviderState

if TYPE_CHECKING:
    from voice.providers.base import Provider

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FARTHEST = timedelta(minutes=1)  # a slot beyond that was taken by a machine whose clock was wrong


def state_of(name: str) -> ProviderState:
    """What is shared about a provider; made when it is first asked for."""
    found = ProviderState.objects.filter(provider=name).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return ProviderState.objects.create(provider=name, next_slot_at=_LONG_AGO)
    except IntegrityError:  # another worker was first
        return ProviderState.objects.get(provider=name)


def take_slot(network: Provider, *, now: datetime) -> float:
    """Take the next free moment to ask this provider; how many seconds from `now` it is.

    Each slot is won by one worker. A slot that is taken and not used is lost, and nothing else.
    """
    if not network.calls_per_second:
        return 0
    gap = timedelta(seconds=1 / network.calls_per_second)
    while True:
        state = state_of(network.name)
        is_ahead = now < state.next_slot_at < now + _FARTHEST
        slot = state.next_slot_at if is_ahead else now
        mine = ProviderState.objects.filter(pk=state.pk, next_slot_at=state.next_slot_at)
        if mine.update(next_slot_at=slot + gap):
            return (slot - now).total_seconds()
