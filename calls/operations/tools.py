"""What a provider's own model may have done during a call. Its arguments prove nothing; the caller's words do."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from calls.models import DialerSettings, TransferState, WebhookEvent
from calls.operations import handing_off
from calls.operations.gate import hours_for, local_time
from calls.operations.overhearing import overheard, state_of
from leads.models import ActivityKind, FollowUp, FollowUpKind, Representative, SuppressionReason
from leads.operations import promise, record, set_do_not_call
from leads.queries import is_on_offer
from voice import dialogue
from voice.events import EventKind, Transfer
from voice.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calls.models import Call
    from voice.dialogue import State
    from voice.events import ToolCall

logger = logging.getLogger(__name__)

_FILLS = {
    "locations": ("locations",),
    "category": ("category",),
    "property_type": ("property_type",),
    "bedrooms": ("bedrooms_min", "bedrooms_max"),
    "budget": ("budget_min", "budget_max"),
    "purpose": ("purpose",),
    "timeline": ("timeline_months",),
    "email": ("email",),
    "consent": ("consent",),
}
_UNKNOWN = "Error: there is no such tool. Go on without it."
_NOBODY = "Nobody is free to talk right now. A colleague will call back."
_MISSED = "I am sorry, nobody could pick up. A colleague will call you back. Goodbye."


def run(call: Call, wanted: Sequence[ToolCall], *, now: datetime) -> list[tuple[ToolCall, str]]:
    """Do what is asked for, each once; a line for the model about each.

    The same id again gets the same line. The caller locks and saves `call`.
    """
    earlier = _answered(call) if any(tool.id for tool in wanted) else {}
    return [(tool, earlier.get(tool.id) or _run(call, tool, now=now)) for tool in wanted]


def _run(call: Call, tool: ToolCall, *, now: datetime) -> str:
    do = _TOOLS.get(tool.name)
    if do is None:
        logger.warning("call %s: a model asked for a tool that is not there", call.pk)
        return _UNKNOWN
    return do(call, tool.arguments, now=now)


def _answered(call: Call) -> dict[str, str]:
    """What each tool call of this call came to before, by its id."""
    told: dict[str, str] = {}
    events = WebhookEvent.objects.filter(call=call, kind=EventKind.TOOLS, applied_at__isnull=False)
    for response in events.values_list("response", flat=True):
        results = json.loads(response).get("results", [])
        told |= {one["toolCallId"]: one["result"] for one in results if one.get("toolCallId")}
    return told


def _record_slot(call: Call, arguments: Any, *, now: datetime) -> str:
    slot = str(arguments.get("slot", ""))
    if slot not in _FILLS:
        return f"Error: there is no slot of that name. Use one of: {', '.join(_FILLS)}."
    heard = dialogue.evidence(state_of(call, now=now))
    found = [f"{name} {json.dumps(heard[name]['value'], ensure_ascii=False)}" for name in _FILLS[slot] if name in heard]
    if not found:
        return f"Not noted: the caller's words do not tell the {slot} yet. Ask once more, in other words, then go on."
    return f"Noted: {', '.join(found)}."


def _check_availability(call: Call, arguments: Any, *, now: datetime) -> str:  # noqa: ARG001 -- as all tools
    known = dialogue.slots(state_of(call, now=now))
    if not known:
        return "Nothing is known of what the caller wants yet. Ask first."
    on_offer = is_on_offer(known)
    if on_offer is None:
        return "Not known. Say that a colleague will tell what is on offer."
    if on_offer:
        return "Yes, at least one property on offer meets what the caller wants. A colleague will tell the details."
    return "Nothing on offer meets all of it today. Say that a colleague will look for more, and promise nothing."


def _book_callback(call: Call, arguments: Any, *, now: datetime) -> str:
    if call.lead.do_not_call:
        return "Error: the caller does not want to be called again. Say goodbye."
    state = state_of(call, now=now)
    at = _named_time(call, state, str(arguments.get("when", ""))[:200], now=now)
    words = _last_words(call)
    owed = FollowUp.objects.filter(lead=call.lead, kind=FollowUpKind.CALLBACK, done_at=None)
    for earlier in owed.filter(created_at__lt=call.asked_at or call.created_at):
        earlier.keep(now=now)  # this conversation keeps it, and the new promise is for another
    promise(call.lead, FollowUpKind.CALLBACK, due_at=at, note=words, now=now)
    if at is None:
        return "Noted that a colleague calls back, without a time: the caller's words name none. Ask for a time."
    local = at.astimezone(local_time(call.lead, now=now).tzinfo)
    return f"Noted: a call on {local:%A, %d %B, at %H:%M} on the caller's own clock."


def _named_time(call: Call, state: State, when: str, *, now: datetime) -> datetime | None:
    """The time that the caller named, in hours in which they may be called; None where their words name none."""
    told = dialogue.callback_at(state)
    if not told and when and _said(call, when):
        local = local_time(call.lead, now=now)
        read = understand(f"call me {when}", asked="callback", now=local).slots.get("callback_at")
        told = str(read) if read else None
    at = datetime.fromisoformat(told) if told else None
    if at is None or at <= now:
        return None
    opens, closes = hours_for(call.lead, now=at)
    return at if opens <= local_time(call.lead, now=at).time() < closes else None


def _said(call: Call, words: str) -> bool:
    """Whether the caller said these words, one after the other."""
    said = " ".join(one.text for one in overheard(call) if one.by_caller)
    return f" {_plain(words)} " in f" {_plain(said)} "


def _plain(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())


def _last_words(call: Call) -> str:
    return next((one.text for one in reversed(overheard(call)) if one.by_caller), "")[:500]


def _hand_off(call: Call, arguments: Any, *, now: datetime) -> str:  # noqa: ARG001 -- as all tools
    if call.lead.do_not_call:
        return "Error: the caller does not want to be called again. Say goodbye."
    promise(call.lead, FollowUpKind.HAND_OFF, due_at=now, note=_last_words(call), now=now)
    record(call.lead, ActivityKind.FOLLOW_UP, "Asked for a person.", now=now, call=call.pk)
    return "Noted. Call transferCall now; where nobody is free, say that a colleague calls back."


def _do_not_call(call: Call, arguments: Any, *, now: datetime) -> str:  # noqa: ARG001 -- as all tools
    # A lead that is lost by mistake costs less than one call too many, so the model's word is enough here.
    set_do_not_call(lead_id=call.lead_id, now=now, words=_last_words(call), reason=SuppressionReason.OPT_OUT)
    call.lead.refresh_from_db()
    return "Noted: nobody calls this number again. Apologise and say goodbye."


def _destination(call: Call, arguments: Any, *, now: datetime) -> str:  # noqa: ARG001 -- as all tools
    """Whom to ring, as JSON for the provider; else a sentence for the caller."""
    transfer = _being_rung(call) or handing_off.transfer_for(call, now=now)
    if transfer is None:
        return _NOBODY
    told = {
        "number": transfer.number,
        "whisper": transfer.whisper,
        "timeout_s": transfer.timeout_s,
        "message": "One moment please, I am putting you through.",
        "missed": _MISSED,
    }
    return json.dumps(told)


def _being_rung(call: Call) -> Transfer | None:
    """Whom our own dialogue has decided to ring, before the provider asked."""
    if call.transfer_state != TransferState.RINGING:
        return None
    dialer = DialerSettings.current()
    staff = Representative.objects.filter(user=call.transfer_to).first() if call.transfer_to_id else None
    number = str(staff.phone if staff else dialer.hand_off_number or "")
    return Transfer(number, handing_off.whisper(call), dialer.ring_staff_s) if number else None


_TOOLS: dict[str, Callable[..., str]] = {
    "record_slot": _record_slot,
    "check_availability": _check_availability,
    "book_callback": _book_callback,
    "hand_off": _hand_off,
    "do_not_call": _do_not_call,
    "transfer_destination": _destination,
}
