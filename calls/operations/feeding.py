"""Running campaigns: who is called next, within lines, spend and time, and how they come to an end."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from calls import campaigns
from calls.campaign_queries import affordable, going, hold, midnight, network_of, passes
from calls.lifecycle import LIVE, CallStatus
from calls.models import Call, Campaign, CampaignMember, CampaignState, Channel, DialerSettings, MemberState
from calls.operations.apart import each
from calls.operations.dialing import CallRefused, cancel_call, request_call
from calls.operations.gate import gate
from calls.operations.members import take_over
from calls.operations.releasing import is_going_on, takes_line
from calls.origin import ASKED_FOR_BY_A_PERSON, Origin

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from voice.providers.base import Provider

logger = logging.getLogger(__name__)

_FORGOTTEN = timedelta(seconds=60)  # a member being called without a call for so long is looked at again
_LATER = timedelta(minutes=5)  # where a refusal passes and nobody can tell when
_OPEN = (CampaignState.RUNNING, CampaignState.PAUSED)
OVER = (CampaignState.STOPPED, CampaignState.FINISHED)
"""States in which nobody is called any more."""

_TIME_OVER = "The campaign's time was over before they were called."
_CAP_REACHED = "The campaign has spent what it may spend today."


def feed(now: datetime) -> int:
    """Queue the calls that running campaigns have room for; how many this process queued.

    Any number of processes may feed at once: each campaign is fed by one at a time, each member called by one.
    """
    begun = Q(state=CampaignState.RUNNING) & (Q(starts_at=None) | Q(starts_at__lte=now))
    late = Q(state__in=_OPEN, ends_at__lte=now)
    ids = list(Campaign.objects.filter(begun | late).order_by("created_at", "pk").values_list("pk", flat=True))
    try:
        return each(lambda campaign_id: _feed_one(campaign_id, now=now), ids)
    finally:
        _clear_up(now=now)


@transaction.atomic
def _feed_one(campaign_id: int, *, now: datetime) -> int:
    # The lock keeps another process from counting the same free lines.
    found = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
    campaign = found.filter(pk=campaign_id, state__in=_OPEN).first()
    if campaign is None:
        return 0
    if campaign.ends_at and campaign.ends_at <= now:
        end(campaign, CampaignState.FINISHED, _TIME_OVER, now=now)
        return 0
    if campaign.state != CampaignState.RUNNING:
        return 0
    _look_after_forgotten(campaign, now=now)
    members = CampaignMember.objects.filter(campaign=campaign)
    if not members.filter(state__in=(MemberState.WAITING, MemberState.CALLING)).exists():
        campaign.move_to(CampaignState.FINISHED, among=(CampaignState.RUNNING,), ended_at=now)
        return 0
    free = _room(campaign, now=now)
    due = members.filter(state=MemberState.WAITING, next_at__lte=now).order_by("next_at", "pk")
    return sum(_try_to_call(campaign, member, now=now) for member in due.select_related("lead__requirement")[:free])


def _room(campaign: Campaign, *, now: datetime) -> int:
    """How many more calls may be queued now: within lines, spend and pauses."""
    held = hold(campaign, now=now)
    if held == "spend_cap":
        _put_off(campaign, now=now)
    if held:
        return 0
    network, dialer = network_of(campaign), DialerSettings.current()
    busy = _busy(network, now=now)
    free = campaigns.free_lines(
        own=campaign.max_lines,
        own_going=busy.filter(campaign=campaign).count(),
        lines=(dialer.max_lines, network.max_lines),
        going=busy.count(),
        reserved=max(dialer.reserved_lines, campaign.reserved_lines),
    )
    most = affordable(campaign, now=now)
    return free if most is None else min(free, most)


def _busy(network: Provider, *, now: datetime) -> QuerySet[Call]:
    """Calls over a provider that take a line, or are to take one before any that is queued now."""
    due = Q(is_going_on(), status=CallStatus.QUEUED, dial_after__lte=now)
    return Call.objects.filter(due | takes_line(now), channel=Channel.VOICE, provider=network.name)


def _put_off(campaign: Campaign, *, now: datetime) -> None:
    """Let what waits of a campaign that has spent enough wait for tomorrow."""
    tomorrow = midnight(now) + timedelta(days=1)
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    waiting = Call.objects.filter(free, campaign=campaign, status=CallStatus.QUEUED, dial_after__lt=tomorrow)
    waiting.exclude(origin__in=ASKED_FOR_BY_A_PERSON).update(dial_after=tomorrow, error=_CAP_REACHED)


def _try_to_call(campaign: Campaign, member: CampaignMember, *, now: datetime) -> bool:
    """Call one member; one who cannot even be judged waits, so that the others need not."""
    try:
        with transaction.atomic():
            return _call(campaign, member, now=now)
    except Exception:
        logger.exception("member %s of campaign %s could not be called", member.pk, campaign.pk)
        CampaignMember.objects.filter(pk=member.pk, state=MemberState.WAITING).update(next_at=now + _LATER)
        return False


def _call(campaign: Campaign, member: CampaignMember, *, now: datetime) -> bool:
    """Call one member, or keep why not; False where no call was queued."""
    mine = CampaignMember.objects.filter(pk=member.pk)
    if not mine.filter(state=MemberState.WAITING).update(state=MemberState.CALLING, updated_at=now, code="", detail=""):
        return False
    decision = gate(member.lead, network_of(campaign), now=now, origin=Origin.CAMPAIGN, campaign=campaign)
    if not decision.allowed:
        again = passes(decision)
        mine.update(
            state=MemberState.WAITING if again else MemberState.SKIPPED,
            next_at=(decision.again_at or now + _LATER) if again else None,
            code=decision.code,
            detail=decision.detail,
        )
        return False
    try:
        request_call(
            lead_id=member.lead_id,
            now=now,
            agent_id=campaign.agent_id,
            provider=campaign.provider,
            origin=Origin.CAMPAIGN,
            campaign_id=campaign.pk,
        )
    except CallRefused as refused:
        mine.update(state=MemberState.SKIPPED, next_at=None, code=refused.code, detail=refused.detail)
        return False
    return True


def _look_after_forgotten(campaign: Campaign, *, now: datetime) -> None:
    """Members being called without a call: what their last call came to is taken over; without one they wait again."""
    live = Call.objects.filter(campaign=campaign, status__in=LIVE).values("lead_id")
    calling = CampaignMember.objects.filter(campaign=campaign, state=MemberState.CALLING)
    for member in calling.filter(updated_at__lt=now - _FORGOTTEN).exclude(lead_id__in=live):
        last = Call.objects.filter(campaign=campaign, lead_id=member.lead_id).order_by("-pk").first()
        if last:
            take_over(member, last, now=now)
        elif campaign.state in OVER:
            _skip(calling.filter(pk=member.pk), campaign.state, "Their call was deleted.", now=now)
        else:
            calling.filter(pk=member.pk).update(state=MemberState.WAITING, next_at=now, updated_at=now)


def end(campaign: Campaign, new: CampaignState, why: str, *, now: datetime) -> bool:
    """End a campaign, take back what waits, and say `why` of those who were not called; False where it had ended.

    Calls under way go on to their end.
    """
    with transaction.atomic():
        if not campaign.move_to(new, among=_OPEN, ended_at=now):
            return False
        taken_back = Q(state=MemberState.SKIPPED, lead__in=_take_back(campaign, now=now))
        uncalled = CampaignMember.objects.filter(Q(state=MemberState.WAITING) | taken_back, campaign=campaign)
        _skip(uncalled, new, why, now=now)
    return True


def _skip(members: QuerySet[CampaignMember], code: str, why: str, *, now: datetime) -> None:
    members.update(state=MemberState.SKIPPED, code=code, detail=why, next_at=None, updated_at=now)


def _take_back(campaign: Campaign, *, now: datetime) -> list[int]:
    """Take back the calls that wait, but not what a person asked for; the leads who are not called any more."""
    waiting = going(campaign).filter(status=CallStatus.QUEUED).exclude(origin__in=ASKED_FOR_BY_A_PERSON)
    return [call.lead_id for call in waiting if cancel_call(call_id=call.pk, now=now)]


def _clear_up(*, now: datetime) -> None:
    """Take back what was queued while its campaign ended, and look after members whose call was lost since."""
    # Each asked for by itself: a join would read every call once for every member.
    queued = Call.objects.filter(campaign=OuterRef("pk"), status=CallStatus.QUEUED)
    calling = CampaignMember.objects.filter(campaign=OuterRef("pk"), state=MemberState.CALLING)
    for campaign in Campaign.objects.filter(Exists(queued) | Exists(calling), state__in=OVER):
        _take_back(campaign, now=now)
        _look_after_forgotten(campaign, now=now)
