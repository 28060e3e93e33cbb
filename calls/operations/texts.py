"""Text messages that come to our number: who wants silence gets it, all the rest is for staff to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls.operations.gate import local_time
from leads.models import ActivityKind, ErasedNumber, FollowUpKind, Lead, SuppressionReason
from leads.operations import lead_for_writer, promise, record, set_do_not_call, suppress
from leads.phones import from_carrier
from voice.understanding import understand

if TYPE_CHECKING:
    from datetime import datetime

    from voice.events import CallEvent

# The whole message, in any case: help.twilio.com, "Twilio support for opt-out keywords"
_STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
_LONGEST_NOTE = 500


def take(event: CallEvent, *, now: datetime) -> Lead | None:
    """Keep what was written with the lead whose number it came from; None where no number was sent with it.

    Who asks for silence is neither texted nor called again, known to us or not.
    """
    phone = from_carrier(event.caller)
    if not phone:
        return None
    lead = Lead.objects.filter(phone=phone).first()
    wants_silence = _wants_silence(event, now=local_time(lead or Lead(phone=phone), now=now))
    if lead is None and wants_silence:
        if ErasedNumber.holds(phone):
            return None  # who is never called anyway needs no line on a list
        suppress(phone, SuppressionReason.OPT_OUT, words=event.text, now=now)
        return None
    lead = lead or lead_for_writer(phone, now=now)
    words = event.text[:_LONGEST_NOTE]
    record(lead, ActivityKind.NOTE, f"Wrote a text message: “{words}”", now=now)
    if wants_silence:
        set_do_not_call(lead_id=lead.pk, now=now, words=words, reason=SuppressionReason.OPT_OUT)
    elif not lead.do_not_call:
        promise(lead, FollowUpKind.HAND_OFF, due_at=now, note=f"Wrote: “{words}”", now=now, by_hand=True)
    return lead


def _wants_silence(event: CallEvent, *, now: datetime) -> bool:
    if event.extra.get("code") == "opt_out" or event.text.strip().lower() in _STOP:
        return True
    return understand(event.text, asked="", now=now).slots.get("intent") == "do_not_call"
