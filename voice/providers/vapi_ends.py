"""Why a call at Vapi ended, in our words. Facts: docs.vapi.ai/calls/call-ended-reason."""

from __future__ import annotations

from voice.events import EndReason

LINES_BUSY = "call.start.error-subscription-concurrency-limit-reached"
"""The account had as many calls at once as it may: nothing is wrong with this one."""

MISDIALED = "twilio-reported-customer-misdialed"
"""No carrier knows the number."""

_FORWARDED = ("assistant-forwarded-call", "call.ending.hook-executed-transfer")

# Vapi has some 600 reasons and adds more each month; the first beginning that fits decides, and FAILED is the rest.
_ENDS = (
    (EndReason.BUSY, "customer-busy call.forwarding.operator-busy"),
    (EndReason.NO_ANSWER, "customer-did-not-answer call.forwarding.no-answer"),
    (EndReason.NO_ANSWER, "call.in-progress.error-providerfault-outbound-sip-408-"),
    (EndReason.NO_ANSWER, "call.in-progress.error-providerfault-outbound-sip-480-"),
    (
        EndReason.CANCELED,
        "manually-canceled scheduled-call-deleted call-deleted call.ringing.sip-inbound-caller-hungup-",
    ),
    (EndReason.COMPLETED, "customer-ended-call voicemail exceeded-max-duration silence-timed-out vonage-completed"),
    (EndReason.COMPLETED, "assistant-ended-call assistant-said-end-call-phrase assistant-forwarded-call"),
    (EndReason.COMPLETED, "call.in-progress.twilio-completed- call.in-progress.sip-completed-"),
    (EndReason.COMPLETED, "call.ringing.hook-executed- call.ending.hook-executed-"),
    (EndReason.COMPLETED, "call.in-progress.error-warm-transfer- call.in-progress.error-transfer-"),
    (EndReason.COMPLETED, "assistant-request-returned-forwarding-"),
    # Vapi's own faults, and its limit of calls at once, pass.
    (EndReason.FAILED, "call.start.error-vapifault- call.start.error-subscription-concurrency-"),
    # The number, the account and our own set-up do not: another try would end the same way.
    (EndReason.REJECTED, "call.in-progress.error-providerfault-outbound-sip-403- twilio-reported-customer-misdialed"),
    (EndReason.REJECTED, "vonage-rejected call.start. call-start-error- assistant-request- assistant-not-"),
    (EndReason.REJECTED, "phone-call-provider-bypass- customer-did-not-give-microphone-permission"),
)


def end_reason_of(ended_reason: object) -> EndReason:
    """Why a line ended, by the words of `endedReason`; FAILED for words that are new to us."""
    reason = ended_reason if isinstance(ended_reason, str) else ""
    return next((end for end, words in _ENDS if reason.startswith(tuple(words.split()))), EndReason.FAILED)


def has_reached_staff(ended_reason: object) -> bool:
    """Whether a call ended because it was put through to somebody."""
    return isinstance(ended_reason, str) and ended_reason.startswith(_FORWARDED)
