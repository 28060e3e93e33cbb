"""Twilio's dialect of HTTP, coming in: signed forms. Spoken by Twilio, and by the pretend network.

Parameters: twilio.com/docs/voice/twiml; signatures: docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

from voice.events import CallEvent, EndReason, EventKind, LineState, RecordingNews
from voice.providers.base import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voice.providers.base import WebhookRequest

DOORS = ("voice", "process", "status", "fallback", "amd", "recording", "transferred", "whisper", "accepted", "text")
_LONGEST_SID = 64
_LARGEST = 2_147_483_647  # what a database's integer holds

# What parsing needs, or staff may want to see; account ids, tokens and carriers' guesses at places are left out.
_KEPT = (
    "CallSid", "ParentCallSid", "From", "To", "CallStatus", "Direction", "ForwardedFrom", "StirVerstat", "AnsweredBy",
    "SpeechResult", "Confidence", "Language", "Digits",
    "SequenceNumber", "CallDuration", "SipResponseCode", "Timestamp", "ErrorCode", "MachineDetectionDuration",
    "RecordingSid", "RecordingStatus", "RecordingChannels", "RecordingDuration", "RecordingStartTime",
    "DialCallSid", "DialCallStatus", "DialCallDuration", "DialBridged",
    "MessageSid", "Body", "OptOutType",
)  # fmt: skip

# twilio.com/docs/voice/api/call-resource, "CallStatus"
_LINE = {
    "queued": LineState.PLACED,
    "initiated": LineState.PLACED,
    "ringing": LineState.RINGING,
    "in-progress": LineState.IN_PROGRESS,
    "completed": LineState.ENDED,
    "busy": LineState.ENDED,
    "no-answer": LineState.ENDED,
    "canceled": LineState.ENDED,
    "failed": LineState.ENDED,
}
_END = {
    "completed": EndReason.COMPLETED,
    "busy": EndReason.BUSY,
    "no-answer": EndReason.NO_ANSWER,
    "canceled": EndReason.CANCELED,
    "failed": EndReason.FAILED,
}


_KIND = {
    "process": EventKind.HEARD,
    "status": EventKind.STATUS,
    "amd": EventKind.MACHINE,
    "transferred": EventKind.TRANSFERRED,
    "whisper": EventKind.WHISPER,
    "accepted": EventKind.ACCEPTED,
}
_TELLS_END = {EventKind.STATUS, EventKind.TRANSFERRED}  # who hangs up while staff ring ends the ringing
# Recordings in other states ("in-progress", "processing") are no news.
_RECORDED = {"completed": True, "absent": False, "failed": False}

# twilio.com/docs/voice/answering-machine-detection; at the end of a greeting a machine can be spoken to.
_ANSWERED_BY = {
    "human": "human",
    "machine_start": "machine",
    "machine_end_beep": "beep",
    "machine_end_silence": "beep",
    "machine_end_other": "beep",
    "fax": "fax",
}


class _Form(dict[str, "Sequence[str]"]):
    """A form in the shape that Twilio's validator reads repeated names from."""

    def getlist(self, name: str) -> Sequence[str]:
        return self[name]


def is_signed(request: WebhookRequest, secrets: Sequence[str]) -> bool:
    """Whether any of the secrets made the signature of this request."""
    signature = request.headers.get("x-twilio-signature", "")
    form = _Form(request.form)
    return any(RequestValidator(secret).validate(request.url, form, signature) for secret in secrets)


def sign(url: str, form: Mapping[str, str], secret: str) -> str:
    """The signature that Twilio would send with this form."""
    return str(RequestValidator(secret).compute_signature(url, dict(form)))


def line_of(status: str) -> LineState | None:
    """How far a line is in the state that Twilio calls `status`; None for a word that is new to us."""
    return _LINE.get(status)


def end_reason_of(status: str) -> EndReason | None:
    """Why a line ended in the state that Twilio calls `status`; None while it has not."""
    return _END.get(status)


def parse(request: WebhookRequest, *, provider: str) -> CallEvent:
    """The event that one form tells of; what staff's own leg of a call does is told of the call.

    :raises Unreadable: when it names no call, and no text message.
    """
    form = {name: values[0] for name, values in request.form.items() if values}
    if request.door == "text":
        return _written(form, provider=provider)
    sid, parent = form.get("CallSid", ""), form.get("ParentCallSid", "")
    if not (0 < len(sid) <= _LONGEST_SID and len(parent) <= _LONGEST_SID):
        raise Unreadable("CallSid is missing or too long")
    turn = _number(request.query.get("turn"))
    waited = _number(request.query.get("wait")) or 0
    kind = _kind(request, form)
    return CallEvent(
        kind=kind,
        provider=provider,
        provider_call_id=parent or sid,
        dedupe_key=_dedupe_key(kind, turn, form, request)[:160],
        call_id=_number(request.query.get("call")),
        caller=form.get("From", ""),
        called=form.get("To", ""),
        turn=turn,
        text=form.get("SpeechResult", "").strip(),
        digits=_digits(form),
        recorded_as=form.get("RecordingSid", "")[:_LONGEST_SID] if kind is EventKind.HEARD else "",
        waited=waited,
        confidence=_fraction(form.get("Confidence")),
        language=form.get("Language", ""),
        line=None if parent else _line(kind, form),
        end_reason=_END.get(form.get("CallStatus", "")) if kind in _TELLS_END and not parent else None,
        duration_s=None if parent else _number(form.get("CallDuration")),
        answered_by=_answered_by(kind, form),
        reached_staff=_reached_staff(form),
        recording=_recording(form) if kind is EventKind.RECORDING else None,
    )


def _written(form: Mapping[str, str], *, provider: str) -> CallEvent:
    """A text message to our number: twilio.com/docs/messaging/guides/webhook-request."""
    sid = form.get("MessageSid", "")
    if not 0 < len(sid) <= _LONGEST_SID:
        raise Unreadable("MessageSid is missing or too long")
    return CallEvent(
        kind=EventKind.TEXT,
        provider=provider,
        provider_call_id="",
        dedupe_key=f"{sid}:text",
        caller=form.get("From", ""),
        called=form.get("To", ""),
        text=form.get("Body", "").strip(),
        extra={"code": "opt_out"} if form.get("OptOutType") == "STOP" else {},
    )


def _kind(request: WebhookRequest, form: Mapping[str, str]) -> EventKind:
    if request.door == "recording":
        return EventKind.RECORDING if form.get("RecordingStatus") in _RECORDED else EventKind.UNKNOWN
    if request.door in _KIND:
        return _KIND[request.door]
    if "call" in request.query or form.get("Direction", "").startswith("outbound"):
        return EventKind.ANSWERED
    return EventKind.INBOUND


def _line(kind: EventKind, form: Mapping[str, str]) -> LineState | None:
    if kind is EventKind.STATUS:
        return _LINE.get(form.get("CallStatus", ""))
    # Words are exchanged only on an open line; all other news may come after its end.
    return LineState.IN_PROGRESS if kind in {EventKind.INBOUND, EventKind.ANSWERED, EventKind.HEARD} else None


def _answered_by(kind: EventKind, form: Mapping[str, str]) -> str:
    told = form.get("AnsweredBy", "")
    return _ANSWERED_BY.get(told, "unknown") if told or kind is EventKind.MACHINE else ""


def _digits(form: Mapping[str, str]) -> str:
    """The keys; whoever hangs up during a <Record> is said to have pressed "hangup", and "#" only ends one."""
    digits = form.get("Digits", "").strip()
    return "" if digits == "hangup" or ("RecordingSid" in form and digits == "#") else digits


def _reached_staff(form: Mapping[str, str]) -> bool:
    # Staff who hang up during the whisper complete their leg, too; only a bridge let the two talk.
    return form.get("DialCallStatus") in {"completed", "answered"} and form.get("DialBridged") != "false"


def _recording(form: Mapping[str, str]) -> RecordingNews:
    return RecordingNews(
        provider_recording_id=form.get("RecordingSid", "")[:_LONGEST_SID],
        channels=_number(form.get("RecordingChannels")) or 1,
        duration_s=_number(form.get("RecordingDuration")),  # "-1" where nothing was recorded
        is_there=_RECORDED[form["RecordingStatus"]],
        started_at=_instant(form.get("RecordingStartTime")),
    )


def _instant(value: str | None) -> datetime | None:
    """Twilio writes times as e-mails do."""
    try:
        time = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else None


def _dedupe_key(kind: EventKind, turn: int | None, form: Mapping[str, str], request: WebhookRequest) -> str:
    sid = form["CallSid"]
    if kind is EventKind.HEARD:
        # Without our own number, the token that Twilio keeps over its retries is the next best; empty: cannot be told.
        token = request.headers.get("i-twilio-idempotency-token", "")
        told = f"turn:{turn}" if turn is not None else f"token:{token}" if token else ""
        told += f":wait:{request.query['wait']}" if told and "wait" in request.query else ""
        return f"{sid}:{told}" if told else ""
    parts = {
        EventKind.STATUS: ("CallStatus", "SequenceNumber"),
        EventKind.RECORDING: ("RecordingSid", "RecordingStatus"),
        EventKind.UNKNOWN: ("RecordingSid", "RecordingStatus"),
        EventKind.TRANSFERRED: ("DialCallSid",),
    }.get(kind, ())
    name = "voice" if kind in {EventKind.INBOUND, EventKind.ANSWERED} else str(kind)
    turns = [str(turn)] if kind is EventKind.TRANSFERRED and turn is not None else []
    return ":".join([sid, name, *turns, *(form.get(part, "") for part in parts)])


def kept(request: WebhookRequest) -> dict[str, object]:
    """The request as stored."""
    form = {name: list(request.form[name]) for name in _KEPT if name in request.form}
    token = request.headers.get("i-twilio-idempotency-token", "")
    headers = {"i-twilio-idempotency-token": token} if token else {}
    return {"door": request.door, "query": dict(request.query), "form": form, "headers": headers}


def _number(value: str | None) -> int | None:
    number = int(value) if value and value.isascii() and value.isdigit() and len(value) < 16 else None
    return number if number is not None and number <= _LARGEST else None


def _fraction(value: str | None) -> float | None:
    """Twilio sends the confidence as text, and not always: a recogniser that has none says 0."""
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and 0 < number <= 1 else None
