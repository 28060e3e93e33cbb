"""Writes to calls; each says what a second run does."""

from calls.operations.dialing import CallRefused, cancel_call, dial, queue_due, request_call
from calls.operations.gate import gate
from calls.operations.receiving import receive, replay
from calls.operations.reviewing import mark_reviewed
from calls.operations.settling import settle
from calls.operations.summing_up import summarise

__all__ = [
    "CallRefused",
    "cancel_call",
    "dial",
    "gate",
    "mark_reviewed",
    "queue_due",
    "receive",
    "replay",
    "request_call",
    "settle",
    "summarise",
]
