"""A wish to be left alone that the conversation missed: staff are told, and nothing is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from leads.models import ActivityKind, FollowUp, FollowUpKind, Lead
from leads.operations import promise, record

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call

_IN_THE_RECORDING = (
    "In the recording the lead seems to ask not to be called again, which was not heard live. "
    "Listen, and choose “Do not call” if so."
)
_TO_STAFF = (
    "In the recording the lead seems to ask staff not to be called again. Listen, and choose “Do not call” if so."
)
_TOO_LATE = (
    "The lead seems to ask not to be called again, which was heard too late for the agent to answer: “{words}”. "
    "Choose “Do not call” if so."
)


def missed_in_recording(call: Call, *, now: datetime) -> None:
    """Tell staff, once a call, what only its recording has."""
    _tell(call, _IN_THE_RECORDING, now=now)


def told_to_staff(call: Call, *, now: datetime) -> None:
    """Tell all, once a call, what one of us heard, in a call of their own or after a hand-off."""
    _tell(call, _TO_STAFF, now=now)


def missed_by_delay(call: Call, words: str, *, now: datetime) -> None:
    """Tell staff, once a call, what was heard when nobody waited for it any more."""
    _tell(call, _TOO_LATE.format(words=words), now=now)


def keep_on_today(call: Call, *, now: datetime) -> None:
    """Bring a wish that a call missed back to Today, after its end has kept or dropped what had been promised."""
    told = call.lead.activities.filter(data__not_to_call_in=call.pk).last()
    if told and not Lead.objects.filter(pk=call.lead_id, do_not_call=True).exists():
        _bring(call.lead, told.text, now=now)


@transaction.atomic
def _tell(call: Call, note: str, *, now: datetime) -> None:
    lead = Lead.objects.select_for_update().get(pk=call.lead_id)
    if lead.do_not_call or lead.activities.filter(data__not_to_call_in=call.pk).exists():
        return
    record(lead, ActivityKind.NOTE, note, now=now, not_to_call_in=call.pk)
    _bring(lead, note, now=now)


def _bring(lead: Lead, note: str, *, now: datetime) -> None:
    # A lead has one open hand-off: what it was for is told behind the wish, and nobody waits for its time.
    standing = FollowUp.objects.filter(lead=lead, kind=FollowUpKind.HAND_OFF, done_at=None).first()
    if standing and note in standing.note:
        return
    due_at = min(standing.due_at or now, now) if standing else now
    told = f"{note} {standing.note}".rstrip() if standing else note
    promise(lead, FollowUpKind.HAND_OFF, due_at=due_at, note=told, now=now, by_hand=True)
