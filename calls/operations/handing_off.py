"""Putting a caller through to a person: who is rung, what they hear, and what becomes of the promise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import phonenumbers

from calls.display import whisper_text
from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.lines import our_numbers
from calls.lines import provider as provider_named
from calls.models import Call, Channel, DialerSettings, TransferState, Turn
from calls.operations.briefs import begin
from calls.operations.consent import note_notice
from calls.queue import ACT_ON_LINE, enqueue
from leads.display import duration
from leads.models import (
    HOME_ZONE,
    Activity,
    ActivityKind,
    FollowUp,
    FollowUpKind,
    Lead,
    LeadStatus,
    Representative,
    Requirement,
)
from leads.operations import promise, record
from leads.queries import slots_of
from voice import dialogue
from voice.events import Direction, EventKind, Reply, Transfer

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from voice.events import CallEvent

UNDER_WAY = (TransferState.RINGING, TransferState.ACCEPTED)
"""The states of a caller who is being put through, or has been."""

PROLONG = "prolong"
"""The order to a line that two people now talk on: the limit that was set for the agent would cut them off."""

_SILENT_END = Reply(text="", ends_call=True)


def transfer_for(call: Call, *, now: datetime) -> Transfer | None:
    """Whom to ring for this caller now: the lead's owner, else the number for all; None where nobody can be rung.

    Notes on `call` who is rung; the caller of this saves it. A call is put through once: who did not pick up is not
    rung again. To be asked within a transaction, which keeps a representative from being rung for two callers at once.
    """
    dialer = DialerSettings.current()
    if call.transfer_state or call.channel != Channel.VOICE or not _staff_are_there(dialer, now=now):
        return None
    theirs = {str(call.lead.phone or ""), call.caller}
    user, number = _owner_of(call)
    busy = bool(user) and _is_taken(user)
    if not number or busy or number in theirs:
        # Whoever is on the telephone already must not be rung under the number for all, either.
        theirs |= {number}
        user, number = None, str(dialer.hand_off_number or "")
    if not _can_be_rung(number) or number in theirs:
        return None
    call.transfer_state, call.transfer_to = TransferState.RINGING, user
    return Transfer(number, whisper(call), dialer.ring_staff_s)


def _staff_are_there(dialer: DialerSettings, *, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(HOME_ZONE))
    return local.weekday() in dialer.staff_days and dialer.staff_from <= local.time() < dialer.staff_until


def _owner_of(call: Call) -> tuple[User | None, str]:
    """The lead's owner and their number, locked; no number where they take no hand-offs."""
    taking = Representative.objects.select_for_update(of=("self",)).select_related("user")
    found = taking.filter(user=call.lead.owner_id, takes_hand_offs=True, user__is_active=True).first()
    if found is None or not _can_be_rung(str(found.phone)):
        return None, ""
    return found.user, str(found.phone)


def _is_taken(user: User | None) -> bool:
    live = Call.objects.exclude(status=CallStatus.ENDED)
    return live.filter(transfer_to=user, transfer_state__in=UNDER_WAY).exists()


def _can_be_rung(number: str) -> bool:
    """Whether a number can exist, and is not one of ours, where the call would come back to us."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed) and number not in our_numbers()


def reply_with_transfer(call: Call, goodbye: Reply, *, now: datetime) -> Reply:
    """The words for a caller who asked for a person: put through now, else `goodbye` with its promise."""
    # What we say as the model of an assistant may put a caller through, too.
    doors = {"transferred", "llm"}.intersection(provider_named(call.provider).doors)
    can_wait = call.status == CallStatus.IN_PROGRESS and bool(doors)
    wanted = can_wait and dialogue.wants_person(call.dialogue, goodbye)
    transfer = transfer_for(call, now=now) if wanted else None
    if transfer is None:
        return goodbye
    who = call.transfer_to.get_full_name() if call.transfer_to else ""
    return dialogue.put_through(call.dialogue, goodbye, transfer, who=who)


def staff_first(call: Call, *, now: datetime) -> Reply | None:
    """The words for somebody who rings us while staff are to be rung first; None: the agent takes the call."""
    if not DialerSettings.current().ring_staff_first or call.direction != Direction.INBOUND or call.transfer_state:
        return None
    transfer = transfer_for(call, now=now) if "transferred" in provider_named(call.provider).doors else None
    if transfer is None:
        return None
    state, _ = begin(call, now=now)
    note_notice(call, state, now=now)
    return dialogue.please_hold(state, transfer)


def whisper(call: Call) -> str:
    """What a member of staff hears before they take the call."""
    known = slots_of(Requirement.objects.filter(lead=call.lead_id).first())
    return whisper_text(call.lead.name, known, is_new=call.direction == Direction.INBOUND and not call.dialogue)


def accepted(call: Call, digits: str, *, now: datetime) -> bool:
    """Whether whoever picked up takes the call; the promise is kept with it. A second run gives the same answer.

    The caller saves `call`.
    """
    if digits != "1" or call.status == CallStatus.ENDED:
        return False
    if call.transfer_state == TransferState.RINGING:
        _take_over(call, now=now)
        if call.direction == Direction.OUTBOUND:
            enqueue(ACT_ON_LINE, call_id=call.pk, what=PROLONG)
    return call.transfer_state == TransferState.ACCEPTED


def _take_over(call: Call, *, now: datetime) -> None:
    call.transfer_state, call.transferred_at = TransferState.ACCEPTED, now
    call.disposition = call.disposition or Disposition.HUMAN
    for kept in FollowUp.objects.filter(lead=call.lead, kind=FollowUpKind.HAND_OFF, done_at__isnull=True):
        kept.keep(now=now)
    Lead.objects.filter(pk=call.lead_id).update(last_contacted_at=now)
    Lead.objects.filter(pk=call.lead_id, status=LeadStatus.NEW).update(status=LeadStatus.CONTACTED)
    record(call.lead, ActivityKind.CALL, f"Put through to {_rung(call)}.", now=now, call=call.pk, hand_off=True)


def transferred(call: Call, event: CallEvent, *, now: datetime) -> Reply | None:
    """What the caller hears once ringing staff is over; None where the conversation goes on with the agent.

    Who was put through hears nothing more. Who was not is promised a call, or is taken by the agent where staff were
    rung first. The caller saves `call`.
    """
    if event.reached_staff and _was_taken(call, event, now=now):
        if event.kind is EventKind.TRANSFERRED:  # nobody else tells when they had talked
            _tell_how_long(call, now=now)
        return _SILENT_END
    if event.end_reason or call.status == CallStatus.ENDED:
        _give_up(call, now=now)
        return _SILENT_END
    if call.transfer_state not in UNDER_WAY:
        return None
    _miss(call, now=now)
    if not call.dialogue:
        return None
    call.dialogue, reply = dialogue.nobody_free(call.dialogue)
    Turn.objects.create(call=call, number=call.dialogue["turn"], asked="transfer", said=reply.text, at=now)
    return reply


def _was_taken(call: Call, event: CallEvent, *, now: datetime) -> bool:
    """Whether somebody took the call; where staff press a key, the key tells, for a leg may end without a bridge."""
    if call.transfer_state == TransferState.RINGING and event.kind is not EventKind.TRANSFERRED:
        _take_over(call, now=now)
    return call.transfer_state == TransferState.ACCEPTED


def _tell_how_long(call: Call, *, now: datetime) -> None:
    talked = duration(round((now - (call.transferred_at or now)).total_seconds()))
    told = Activity.objects.filter(lead=call.lead, kind=ActivityKind.CALL, data__call=call.pk, data__hand_off=True)
    told.update(text=f"Put through to {_rung(call)}, talked {talked}.")


def _miss(call: Call, *, now: datetime) -> None:
    call.transfer_state = TransferState.MISSED
    if call.dialogue:
        _promise(call, "Asked for a person; nobody picked up.", now=now)
        sentence = f"{_rung(call)} did not pick up; promised to call back."
    else:
        sentence = f"{_rung(call)} did not pick up; the agent took the call."
    record(call.lead, ActivityKind.CALL, sentence[0].upper() + sentence[1:], now=now, call=call.pk)


def line_closed(call: Call, *, now: datetime) -> None:
    """The caller hung up, perhaps while staff were rung. A second run changes nothing. The caller saves `call`."""
    if call.transfer_state == TransferState.RINGING:
        _give_up(call, now=now)


def _give_up(call: Call, *, now: datetime) -> None:
    """The caller left before anybody took the call: the promise stands, and who never got to the agent is given one."""
    if call.transfer_state not in UNDER_WAY:
        return
    call.transfer_state = TransferState.MISSED
    call.disposition = call.disposition or Disposition.ABANDONED
    _promise(call, "Hung up before anybody picked up.", now=now)
    sentence = f"Hung up while we rang {_rung(call)}; somebody should call back."
    record(call.lead, ActivityKind.CALL, sentence, now=now, call=call.pk)


def _promise(call: Call, note: str, *, now: datetime) -> None:
    """A promise due now, unless one is open or nobody may call."""
    is_open = FollowUp.objects.filter(lead=call.lead, kind=FollowUpKind.HAND_OFF, done_at__isnull=True).exists()
    if not is_open and not call.lead.do_not_call:
        promise(call.lead, FollowUpKind.HAND_OFF, due_at=now, note=note, now=now, by_hand=True)


def _rung(call: Call) -> str:
    """Who was rung, for the timeline."""
    user = call.transfer_to
    return (user.get_full_name() or user.get_username()) if user else "staff"
