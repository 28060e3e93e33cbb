"""Campaigns, from start to end: who is a member, who is called next, and what came of each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q

from calls import campaigns
from calls.campaign_queries import going, hold, network_of, passes, plan
from calls.lifecycle import LIVE, CallStatus
from calls.models import (
    Call,
    Campaign,
    CampaignMember,
    CampaignState,
    DialerSettings,
    MemberState,
)
from calls.operations.breaking import resume_provider, watch_breakers
from calls.operations.dialing import CallRefused, cancel_call, request_call
from calls.operations.gate import gate
from calls.operations.members import member_call_ended, take_over
from calls.origin import Origin

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

__all__ = [
    "CampaignRefused",
    "feed",
    "member_call_ended",
    "pause",
    "redial",
    "resume",
    "resume_provider",
    "start",
    "stop",
    "watch_breakers",
]

_FORGOTTEN = timedelta(seconds=60)  # a member being called without a call for so long is looked at again
_LATER = timedelta(minutes=5)  # where a refusal passes and nobody can tell when
_AT_ONCE = 1000  # rows in one write
_OVER = (CampaignState.STOPPED, CampaignState.FINISHED)


class CampaignRefused(Exception):  # noqa: N818 -- the field's word; "error" would blame somebody
    """A campaign that cannot do this now. `code` is stable, `detail` a sentence for the person who asked."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def start(*, campaign_id: int, now: datetime, by: User | None = None) -> Campaign:
    """Fix who the members are, and let the campaign run. A second run is refused.

    :raises CampaignRefused: where it is no draft, its time is over, or nobody would be called.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, CampaignState.DRAFT)
    if campaign.ends_at and campaign.ends_at <= now:
        raise CampaignRefused("over", "The campaign's end has passed. Choose a later one, then start it.")
    members = [
        CampaignMember(
            campaign=campaign,
            lead=one.lead,
            state=MemberState.SKIPPED if one.skipped else MemberState.WAITING,
            code=one.code,
            detail=one.detail,
            next_at=None if one.skipped else one.again_at or now,
            updated_at=now,
        )
        for one in plan(campaign, now=now)
    ]
    if not any(member.state == MemberState.WAITING for member in members):
        raise CampaignRefused("nobody", "Nobody of the chosen leads may be called. See the preview for the reasons.")
    with transaction.atomic():
        if not campaign.move_to(CampaignState.RUNNING, among=(CampaignState.DRAFT,), started_at=now):
            raise _wrong_state(campaign)
        CampaignMember.objects.bulk_create(members, batch_size=_AT_ONCE, ignore_conflicts=True)
        _note(campaign, by, "Started.")
    return campaign


def pause(*, campaign_id: int, now: datetime, by: User | None = None, reason: str = "") -> Campaign:  # noqa: ARG001 -- every operation is told the time
    """Begin no more calls; those that wait stay waiting, those under way go on. A second run is refused.

    :raises CampaignRefused: where it does not run.
    """
    return _turn(campaign_id, CampaignState.RUNNING, CampaignState.PAUSED, "Paused.", by, pause_reason=reason)


def resume(*, campaign_id: int, now: datetime, by: User | None = None) -> Campaign:  # noqa: ARG001 -- every operation is told the time
    """Go on where it was paused. A second run is refused.

    :raises CampaignRefused: where it is not paused.
    """
    return _turn(campaign_id, CampaignState.PAUSED, CampaignState.RUNNING, "Resumed.", by, pause_reason="")


def _turn(
    campaign_id: int, old: CampaignState, new: CampaignState, said: str, by: User | None, **fields: Any
) -> Campaign:
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, old)
    with transaction.atomic():
        if not campaign.move_to(new, among=(old,), **fields):
            raise _wrong_state(campaign)
        _note(campaign, by, said)
    return campaign


def stop(*, campaign_id: int, now: datetime, by: User | None = None) -> Campaign:
    """End the campaign at once: calls that wait are taken back, calls under way go on. A second run is refused.

    :raises CampaignRefused: where it neither runs nor is paused.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, CampaignState.RUNNING, CampaignState.PAUSED)
    if not _end(campaign, CampaignState.STOPPED, "The campaign was stopped before they were called.", now=now):
        raise _wrong_state(campaign)
    _note(campaign, by, "Stopped.")
    return campaign


def create(*, name: str, lead_ids: list[int], now: datetime, by: User | None = None, **limits: Any) -> Campaign:
    """A new draft with these leads, or with those of the `filter` among its limits; every run makes one."""
    ids = list(dict.fromkeys(lead_ids))
    return Campaign.objects.create(name=name, lead_ids=ids, created_by=by, created_at=now, **limits)


def add_leads(*, campaign_id: int, lead_ids: list[int], by: User | None = None) -> Campaign:
    """Put more leads into a draft whose leads are chosen one by one; a second run adds nobody.

    :raises CampaignRefused: where it is no draft, or its leads are chosen by a filter.
    """
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        _must_be(campaign, CampaignState.DRAFT)
        if not campaign.lead_ids:
            raise CampaignRefused("by_filter", "This campaign chooses its leads by a filter. Choose another one.")
        campaign.lead_ids = list(dict.fromkeys([*campaign.lead_ids, *lead_ids]))
        campaign.save(update_fields=["lead_ids"])
        _note(campaign, by, "Added leads.")
    return campaign


def redial(*, campaign_id: int, now: datetime, by: User | None = None) -> Campaign:
    """A new draft with the members who were not reached; every run makes one.

    :raises CampaignRefused: where everybody was reached, or the campaign has not ended.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, *_OVER)
    members = CampaignMember.objects.filter(campaign=campaign, state=MemberState.UNREACHED)
    lead_ids = list(members.values_list("lead_id", flat=True))
    if not lead_ids:
        raise CampaignRefused("nobody", "Everybody who was called was reached.")
    kept = ("agent", "provider", "opens", "closes", "max_lines", "reserved_lines", "daily_spend_cap")
    return Campaign.objects.create(
        name=f"{campaign.name[:110]}, again",
        lead_ids=lead_ids,
        redial_of=campaign,
        created_by=by,
        created_at=now,
        **{name: getattr(campaign, name) for name in kept},
    )


def feed(now: datetime) -> int:
    """Queue the calls that running campaigns have room for; how many this process queued.

    Any number of processes may feed at once: each campaign is fed by one at a time, each member called by one.
    """
    queued = 0
    open_ = Campaign.objects.filter(state=CampaignState.RUNNING).filter(Q(starts_at=None) | Q(starts_at__lte=now))
    for campaign_id in list(open_.order_by("created_at", "pk").values_list("pk", flat=True)):
        queued += _feed_one(campaign_id, now=now)
    _take_back_left_overs(now=now)
    return queued


@transaction.atomic
def _feed_one(campaign_id: int, *, now: datetime) -> int:
    # The lock keeps another process from counting the same free lines.
    found = Campaign.objects.select_for_update(skip_locked=True, of=("self",))
    campaign = found.filter(pk=campaign_id, state=CampaignState.RUNNING).first()
    if campaign is None:
        return 0
    if campaign.ends_at and campaign.ends_at <= now:
        _end(campaign, CampaignState.FINISHED, "The campaign's time was over before they were called.", now=now)
        return 0
    _look_after_forgotten(campaign, now=now)
    members = CampaignMember.objects.filter(campaign=campaign)
    if not members.filter(state__in=(MemberState.WAITING, MemberState.CALLING)).exists():
        campaign.move_to(CampaignState.FINISHED, among=(CampaignState.RUNNING,), ended_at=now)
        return 0
    free = _room(campaign, now=now)
    if not free:
        return 0
    due = (
        members.select_related("lead__requirement")
        .filter(state=MemberState.WAITING, next_at__lte=now)
        .order_by("next_at", "pk")
    )
    return sum(_call(campaign, member, now=now) for member in due[:free])


def _room(campaign: Campaign, *, now: datetime) -> int:
    """How many more calls may be queued now: within lines, spend and pauses."""
    if hold(campaign, now=now):
        return 0
    network, dialer = network_of(campaign), DialerSettings.current()
    busy = Call.objects.filter(status__in=LIVE).exclude(status=CallStatus.QUEUED, dial_after__gt=now)
    return campaigns.free_lines(
        own=campaign.max_lines,
        own_going=busy.filter(campaign=campaign).count(),
        lines=(dialer.max_lines, network.max_lines),
        going=busy.count(),
        reserved=max(dialer.reserved_lines, campaign.reserved_lines),
    )


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
        else:
            calling.filter(pk=member.pk).update(state=MemberState.WAITING, next_at=now, updated_at=now)


def _end(campaign: Campaign, new: CampaignState, why: str, *, now: datetime) -> bool:
    """End a campaign, take back what waits, and say why of those who were not called; False where it had ended."""
    with transaction.atomic():
        if not campaign.move_to(new, among=(CampaignState.RUNNING, CampaignState.PAUSED), ended_at=now):
            return False
        _take_back(campaign, now=now)
        live = going(campaign).values("lead_id")
        left = CampaignMember.objects.filter(campaign=campaign).exclude(lead_id__in=live)
        fields = {"code": new.value, "detail": why, "next_at": None, "updated_at": now}
        left.filter(state=MemberState.WAITING).update(state=MemberState.SKIPPED, **fields)
    return True


def _take_back(campaign: Campaign, *, now: datetime) -> None:
    for call in going(campaign).filter(status=CallStatus.QUEUED):
        if cancel_call(call_id=call.pk, now=now):
            call.refresh_from_db()
            member_call_ended(call, now=now)


def _take_back_left_overs(*, now: datetime) -> None:
    """Calls that were put into the queue while their campaign ended."""
    for campaign in Campaign.objects.filter(state__in=_OVER, calls__status=CallStatus.QUEUED).distinct():
        _take_back(campaign, now=now)


def _must_be(campaign: Campaign, *states: CampaignState) -> None:
    if campaign.state not in states:
        raise _wrong_state(campaign)


def _wrong_state(campaign: Campaign) -> CampaignRefused:
    now = Campaign.objects.get(pk=campaign.pk)
    state = "still a draft" if now.state == CampaignState.DRAFT else now.get_state_display().lower()
    return CampaignRefused("wrong_state", f"The campaign is {state}, so this cannot be done now.")


def _note(campaign: Campaign, by: User | None, said: str) -> None:
    if by is not None:
        LogEntry.objects.log_actions(by.pk, [campaign], CHANGE, change_message=said, single_object=True)
