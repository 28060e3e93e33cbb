"""Which of the calls that are due go out now: by priority, and within pauses, lines and the provider's pace."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from calls.lifecycle import BEGUN, CallStatus
from calls.lines import provider as provider_named
from calls.models import Call, Campaign, CampaignState, Channel, DialerSettings, ProviderState
from calls.operations.apart import each
from calls.operations.pace import state_of
from calls.origin import ASKED_FOR_BY_A_PERSON
from calls.queue import DIAL, SETTLE, enqueue

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from voice.providers.base import Provider

# A job that was queued has this long to start before the call is queued again; a second job finds the call taken.
LEASE = timedelta(seconds=30)
_LONGEST_CALL = timedelta(hours=1)
_IN_HAND = 32  # calls handed to jobs that have not reached the provider: enough to keep all workers busy
_PACED_S = 3  # seconds of a provider's pace that may be in hand, so that who is more urgent need not wait behind others
_LONGEST_WAIT = timedelta(days=1)  # for a provider that is down, or whose lines are all taken
_MOST_ASKED = 100  # calls asked about at once; the provider limits these requests, too


def ask_after() -> timedelta:
    """How long a call may go without news before its provider is asked; longer than any job may run."""
    return timedelta(seconds=settings.ASK_AFTER_S)


def release_due(*, now: datetime) -> int:
    """Hand calls that are due to jobs; how many this process won. A call whose job is lost is handed out again."""
    names = _due(now).order_by().values_list("provider", flat=True).distinct()
    return each(lambda name: _release(name, now=now), [name for name in names if name in settings.PROVIDERS])


def _due(now: datetime) -> QuerySet[Call]:
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    return Call.objects.filter(free, is_going_on(), status=CallStatus.QUEUED, dial_after__lte=now)


def is_going_on() -> Q:
    """Calls whose campaign runs; or of none, or that a person asked for, whatever their campaign does."""
    asked = Q(origin__in=ASKED_FOR_BY_A_PERSON)
    return asked | Q(campaign=None) | Q(campaign__state=CampaignState.RUNNING)


@transaction.atomic
def _release(name: str, *, now: datetime) -> int:
    # The lock makes the count of free lines true for as long as we use it.
    state = ProviderState.objects.select_for_update().get(pk=state_of(name).pk)
    dialer = DialerSettings.current()
    if state.paused or dialer.paused:
        return 0
    network = provider_named(name)
    lines, room, busy = _room(network, dialer, now=now)
    if min(lines, room) <= 0:
        return 0
    won: list[Call] = []
    due = _of_campaigns_with_room(_due(now).filter(provider=name), busy, lines=lines, dialer=dialer)
    due = due.select_related("campaign").order_by("priority", "dial_after", "pk")
    for call in due.defer("dialogue")[: room + _IN_HAND]:
        if len(won) == min(lines, room):
            break
        asked = call.origin in ASKED_FOR_BY_A_PERSON
        if call.campaign and not asked and not _fits(call.campaign, busy, lines=lines - len(won), dialer=dialer):
            continue
        busy[call.campaign_id] += 1
        won.append(call)
    Call.objects.filter(pk__in=[call.pk for call in won]).update(leased_until=now + LEASE)
    for call in won:
        enqueue(DIAL, call_id=call.pk, tries=call.tries)
    return len(won)


def _room(network: Provider, dialer: DialerSettings, *, now: datetime) -> tuple[int, int, Counter[int | None]]:
    """How many lines are free, how many more calls may be in hand, and how many lines each campaign has taken."""
    leased = Q(status=CallStatus.QUEUED, leased_until__gt=now)
    ours = Call.objects.filter(leased | takes_line(now), channel=Channel.VOICE, provider=network.name)
    taken = list(ours.values_list("campaign_id", "status", "placed_at", "dialed_at"))
    on_the_way = (CallStatus.QUEUED, CallStatus.DIALING)
    # A worker that was killed is not waited for.
    in_hand = sum(
        status in on_the_way and placed is None and (begun is None or begun > now - LEASE)
        for _, status, placed, begun in taken
    )
    most_in_hand = math.ceil(network.calls_per_second * _PACED_S) or _IN_HAND
    limits = [limit for limit in (network.max_lines, dialer.max_lines) if limit]
    lines = min(limits, default=len(taken) + _IN_HAND) - len(taken)
    return lines, most_in_hand - in_hand, Counter(campaign for campaign, *_ in taken)


def takes_line(now: datetime) -> Q:
    """Calls that a provider has or may have; one whose fate is unsure for a day takes no line for so long."""
    surely_over = Q(status=CallStatus.UNCONFIRMED, dialed_at__lte=now - _LONGEST_CALL)
    return Q(status__in=BEGUN) & ~surely_over


def _of_campaigns_with_room(
    due: QuerySet[Call], busy: Counter[int | None], *, lines: int, dialer: DialerSettings
) -> QuerySet[Call]:
    """Without what cannot go now: a long row of one campaign's calls must not hide what comes after it."""
    campaigns = Campaign.objects.filter(pk__in=due.order_by().values("campaign"))
    full = [one.pk for one in campaigns if not _fits(one, busy, lines=lines, dialer=dialer)]
    return due.exclude(~Q(origin__in=ASKED_FOR_BY_A_PERSON), campaign__in=full) if full else due


def _fits(campaign: Campaign, busy: Counter[int | None], *, lines: int, dialer: DialerSettings) -> bool:
    """Whether a campaign may take one of the free lines."""
    reserved = max(dialer.reserved_lines, campaign.reserved_lines)
    return lines > reserved and busy[campaign.pk] < campaign.max_lines


def ask_due(*, now: datetime) -> int:
    """Queue the question to the provider for calls of which no word has come; each is won by one process."""
    won = 0
    waiting = Call.objects.filter(status__in=BEGUN, ask_after__lte=now)
    for call in waiting.order_by("ask_after").only("pk", "ask_after")[:_MOST_ASKED]:
        if Call.objects.filter(pk=call.pk, ask_after=call.ask_after).update(ask_after=now + ask_after()):
            enqueue(SETTLE, call_id=call.pk)
            won += 1
    return won


def is_held_up_too_long(call: Call, *, now: datetime) -> bool:
    """Whether a call has waited for its provider for as long as one may; then staff are told."""
    return call.held_up_since is not None and now - call.held_up_since >= _LONGEST_WAIT


def put_back(call: Call, *, due: datetime, error: str, held_up_at: datetime | None = None) -> bool:
    """Put a call that no provider has back into the queue until `due`; False when another worker moved it.

    `held_up_at` is given where it is the provider's doing, or a worker's, and not the gate's.
    """
    return call.move_to(
        CallStatus.QUEUED,
        dial_after=due,
        leased_until=None,
        tries=call.tries + 1,
        held_up_since=call.held_up_since or held_up_at,
        ask_after=None,
        error=error,
        dialed_at=None,
        asked_at=None,
        placed_at=None,
    )
