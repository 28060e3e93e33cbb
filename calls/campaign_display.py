"""Campaigns in the words of staff: where they stand, who is called and who is not."""

from __future__ import annotations

from calls.models import CampaignState, MemberState

STATE_COLOURS = {
    CampaignState.DRAFT: "",
    CampaignState.RUNNING: "primary",
    CampaignState.PAUSED: "warning",
    CampaignState.STOPPED: "danger",
    CampaignState.FINISHED: "success",
}
MEMBER_COLOURS = {
    MemberState.WAITING: "",
    MemberState.CALLING: "primary",
    MemberState.REACHED: "success",
    MemberState.UNREACHED: "warning",
    MemberState.SKIPPED: "danger",
}
STATE_SENTENCES = {
    CampaignState.DRAFT: "A draft. Nobody is called before you start it.",
    CampaignState.RUNNING: "Running.",
    CampaignState.PAUSED: "Paused. No new calls begin; those under way go on.",
    CampaignState.STOPPED: "Stopped. Calls that waited were taken back.",
    CampaignState.FINISHED: "Finished.",
}
REASONS = {
    "": "Called as soon as a line is free",
    "paused": "Waiting: all calls are paused",
    "provider_paused": "Waiting: the provider is paused",
    "outside_calling_hours": "Called later: outside calling hours now",
    "holiday": "Called later: a holiday where they live",
    "campaign_hours": "Called later: this campaign does not call at this time",
    "cap_day": "Called later: called often enough today",
    "live_call": "A call or chat with them is under way or waiting already",
    "other_campaign": "Another campaign is calling them",
    "no_phone": "No phone number",
    "do_not_call": "Asked not to be called",
    "wrong_number": "Wrong number",
    "bad_number": "The carrier cannot call this number",
    "suppressed": "On the list of numbers not to call",
    "dnd": "On the regulator's do-not-disturb list",
    "no_consent": "No consent to be called on record",
    "consent_withdrawn": "Took back the consent to be called",
    "cap_total": "Called as often as is allowed in all",
    "campaign_over": "The campaign is over",
    "stopped": "The campaign was stopped first",
    "not_allowed": "Refused just before the call",
    "canceled": "Taken back before it was dialled",
    "finished": "The campaign's time was over first",
}


def reason(code: str, *, later: bool = False) -> str:
    """Why a lead is or is not called, in a few words."""
    if code == "dnd" and later:
        return "Called later: not at this hour, says the regulator's list"
    return REASONS.get(code, code.replace("_", " ").capitalize())


def dollars(micros: int) -> str:
    """Millionths of a US dollar as $1.25."""
    return f"${micros / 1_000_000:,.2f}"
