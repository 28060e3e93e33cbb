"""The circuit breaker of each provider: it pauses one that keeps failing, and people resume it."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F

from calls import campaigns
from calls.models import Call, Channel, ProviderState
from voice.events import Direction, EndReason

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)


def watch_breakers(now: datetime) -> int:
    """Pause the providers whose last calls failed too often; how many this process paused. Again, it pauses none."""
    ended: dict[str, list[campaigns.Ended]] = defaultdict(list)
    recent = Call.objects.filter(
        ended_at__gt=now - campaigns.WINDOW, channel=Channel.VOICE, direction=Direction.OUTBOUND.value
    )
    # A number that nobody has tells of our lists, not of the provider.
    recent = recent.exclude(lead__bad_number=F("lead__phone")).order_by()
    for pk, provider, at, reason in recent.values_list("pk", "provider", "ended_at", "end_reason"):
        if at is not None:
            ended[provider].append(campaigns.Ended(pk, at, EndReason(reason)))
    return sum(_watch(provider, calls, now=now) for provider, calls in ended.items())


def _watch(provider: str, ended: list[campaigns.Ended], *, now: datetime) -> int:
    state, _ = ProviderState.objects.get_or_create(provider=provider)
    if state.paused:
        return 0
    trip = campaigns.trips(provider, ended, now=now, resumed_at=state.resumed_at)
    if trip is None:
        return 0
    mine = ProviderState.objects.filter(pk=state.pk, paused=False, resumed_at=state.resumed_at)
    won = mine.update(paused=True, reason=trip.reason, tripped_by=list(trip.call_ids), paused_at=now, paused_by=None)
    if won:
        logger.warning("provider %s is paused: calls %s failed", provider, list(trip.call_ids))
    return won


def pause_provider(*, provider: str, now: datetime, by: User, reason: str = "") -> bool:
    """Place no more calls over a provider; False where it was paused before."""
    ProviderState.objects.get_or_create(provider=provider)
    said = reason or f"{by} paused it. Resume the provider to place calls over {provider.capitalize()} again."
    changes = {"paused": True, "reason": said, "tripped_by": [], "paused_at": now, "paused_by": by}
    return bool(ProviderState.objects.filter(provider=provider, paused=False).update(**changes))


def resume_provider(*, provider: str, now: datetime) -> bool:
    """Place calls again; what failed before trips nothing any more. False where it was not paused."""
    paused = ProviderState.objects.filter(provider=provider, paused=True)
    return bool(paused.update(paused=False, reason="", resumed_at=now))
