"""Records of calls, and of what decides about them."""

from calls.models.call import (
    LONGEST_MODEL,
    Call,
    Channel,
    Consultation,
    Ladder,
    Recording,
    RecordingState,
    TransferState,
    Turn,
    WebhookEvent,
)
from calls.models.campaign import Campaign, CampaignMember, CampaignState, MemberState
from calls.models.chat import ChatLink, ChatReason
from calls.models.policy import CallingHours, CallingPolicy, DialerSettings, Holiday, ProviderState

__all__ = [
    "LONGEST_MODEL",
    "Call",
    "CallingHours",
    "CallingPolicy",
    "Campaign",
    "CampaignMember",
    "CampaignState",
    "Channel",
    "ChatLink",
    "ChatReason",
    "Consultation",
    "DialerSettings",
    "Holiday",
    "Ladder",
    "MemberState",
    "ProviderState",
    "Recording",
    "RecordingState",
    "TransferState",
    "Turn",
    "WebhookEvent",
]
