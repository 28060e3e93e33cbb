"""Records of calls, and of what decides about them."""

from calls.models.call import (
    LONGEST_MODEL,
    Call,
    Channel,
    Consultation,
    Hearing,
    Ladder,
    LiveHearing,
    RecordingConsent,
    TransferState,
    Turn,
    WebhookEvent,
)
from calls.models.campaign import Campaign, CampaignMember, CampaignState, MemberState
from calls.models.chat import ChatLink, ChatReason
from calls.models.live import LiveState, LiveUtterance, TalkSession
from calls.models.policy import CallingHours, CallingPolicy, DialerSettings, Holiday, ProviderState
from calls.models.recording import (
    DECIDED,
    Engine,
    Listen,
    Recording,
    RecordingState,
    ReviewReason,
    ReviewState,
    Transcript,
    TranscriptionState,
    ValueReview,
)
from calls.models.retention import OwedDeletion, Purge, Retention

__all__ = [
    "DECIDED",
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
    "Engine",
    "Hearing",
    "Holiday",
    "Ladder",
    "Listen",
    "LiveHearing",
    "LiveState",
    "LiveUtterance",
    "MemberState",
    "OwedDeletion",
    "ProviderState",
    "Purge",
    "Recording",
    "RecordingConsent",
    "RecordingState",
    "Retention",
    "ReviewReason",
    "ReviewState",
    "TalkSession",
    "Transcript",
    "TranscriptionState",
    "TransferState",
    "Turn",
    "ValueReview",
    "WebhookEvent",
]
