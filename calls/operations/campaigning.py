"""Campaigns, as people move them: drafted, started, paused, resumed, stopped, begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from calls.campaign_queries import affordable, missed, network_of, plan
from calls.campaigns import free_lines
from calls.lines import is_set_up
from calls.models import Campaign, CampaignMember, CampaignState, DialerSettings, MemberState
from calls.operations.feeding import OVER, end

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

_AT_ONCE = 1000  # rows in one write
_NO_KEYS = "has no keys here, so every call would fail. Choose another provider, or have its keys set."


class CampaignRefused(Exception):  # noqa: N818 -- the field's word; "error" would blame somebody
    """A campaign that cannot do this now. `code` is stable, `detail` a sentence for the person who asked."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def start(*, campaign_id: int, now: datetime, by: User | None = None) -> Campaign:
    """Fix who the members are, and let the campaign run. A second run is refused.

    :raises CampaignRefused: where it is no draft or over, its provider has no keys, its limits leave no room for a
        single call, or nobody would be called.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, CampaignState.DRAFT)
    if campaign.ends_at and campaign.ends_at <= now:
        raise CampaignRefused("over", "The campaign's end has passed. Choose a later one, then start it.")
    if campaign.provider and not is_set_up(campaign.provider):
        raise CampaignRefused("not_set_up", f"{campaign.provider.capitalize()} {_NO_KEYS}")
    _must_find_room(campaign, now=now)
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


def _must_find_room(campaign: Campaign, *, now: datetime) -> None:
    """Limits under which not one call could ever begin would leave it running for nothing."""
    if affordable(campaign, now=now) == 0:
        raise CampaignRefused("cap_too_low", "A day's spend does not pay for one minute. Raise it, then start again.")
    dialer = DialerSettings.current()
    reserved = max(dialer.reserved_lines, campaign.reserved_lines)
    lines = (dialer.max_lines, network_of(campaign).max_lines)
    if not free_lines(own=campaign.max_lines, own_going=0, lines=lines, going=0, reserved=reserved):
        raise CampaignRefused("no_lines", "All lines are kept free for others. Keep fewer free, then start again.")


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
    if not end(campaign, CampaignState.STOPPED, "The campaign was stopped before they were called.", now=now):
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
    """A new draft with the members who were not reached, or never called before the end; every run makes one.

    :raises CampaignRefused: where everybody was reached, or the campaign has not ended.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    _must_be(campaign, *OVER)
    lead_ids = list(missed(campaign).values_list("lead_id", flat=True))
    if not lead_ids:
        raise CampaignRefused("nobody", "Everybody who may be called was reached.")
    kept = ("agent", "provider", "opens", "closes", "max_lines", "reserved_lines", "daily_spend_cap")
    return Campaign.objects.create(
        name=f"{campaign.name[:110]}, again",
        lead_ids=lead_ids,
        redial_of=campaign,
        created_by=by,
        created_at=now,
        **{name: getattr(campaign, name) for name in kept},
    )


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
