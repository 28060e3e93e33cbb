"""What the end of a call means for the lead's place in its campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calls import campaigns
from calls.lifecycle import LIVE
from calls.models import Call, CampaignMember, MemberState

if TYPE_CHECKING:
    from datetime import datetime


def member_call_ended(call: Call, *, now: datetime) -> None:
    """Move the member on whose call has just ended; called within the transaction that ends it.

    A member whose next try is queued already stays as it is. A second run changes nothing.
    """
    if call.campaign_id is None:
        return
    member = CampaignMember.objects.filter(campaign_id=call.campaign_id, lead_id=call.lead_id).first()
    if member is not None:
        take_over(member, call, now=now)


def take_over(member: CampaignMember, call: Call, *, now: datetime) -> None:
    """What a call that has ended means for the member; nothing while another try waits."""
    ended = call.pk
    tries = Call.objects.filter(campaign_id=member.campaign_id, lead_id=member.lead_id)
    if campaigns.reached(call.disposition) is None:
        # A further try that was taken back leaves what the tries before it came to.
        call = tries.exclude(asked_at=None).exclude(pk=call.pk).order_by("-pk").first() or call
    talked = campaigns.reached(call.disposition)
    fields: dict[str, Any] = {"updated_at": now, "attempts": tries.exclude(asked_at=None).count()}
    if tries.filter(status__in=LIVE).exclude(pk=ended).exists():
        CampaignMember.objects.filter(pk=member.pk).update(**fields)
        return
    state = MemberState.SKIPPED if talked is None else MemberState.REACHED if talked else MemberState.UNREACHED
    open_ = (MemberState.WAITING, MemberState.CALLING, MemberState.UNREACHED)
    CampaignMember.objects.filter(pk=member.pk, state__in=open_).update(
        state=state, code=call.disposition, detail=call.error, next_at=None, **fields
    )
