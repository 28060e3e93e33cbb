"""Writes to calls; each says what a second run does."""

from calls.operations.consent import stop_recording
from calls.operations.dialing import CallRefused, cancel_call, dial, request_call
from calls.operations.gate import gate
from calls.operations.machines import act as act_on_line
from calls.operations.promises import dial_promises, greet_new_leads
from calls.operations.receiving import receive, replay
from calls.operations.releasing import ask_due, release_due
from calls.operations.reviewing import mark_reviewed
from calls.operations.settling import settle
from calls.operations.summing_up import summarise

__all__ = [
    "CallRefused",
    "act_on_line",
    "ask_due",
    "cancel_call",
    "dial",
    "dial_promises",
    "gate",
    "greet_new_leads",
    "mark_reviewed",
    "receive",
    "release_due",
    "replay",
    "request_call",
    "settle",
    "stop_recording",
    "summarise",
]
