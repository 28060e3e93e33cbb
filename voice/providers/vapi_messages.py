"""What Vapi's server messages say, in our words. Facts: docs.vapi.ai/server-url/events, and payloads as received."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from voice.events import CallEvent, EndReason, EventKind, LineState, Spoken, ToolCall
from voice.providers import vapi_tools
from voice.providers.base import LineReport, ProviderError, Unreadable, storable
from voice.providers.vapi_callers import caller_in, kept_customer
from voice.providers.vapi_ends import LINES_BUSY, MISDIALED, end_reason_of, has_reached_staff
from voice.providers.vapi_reports import (
    analysis_of,
    as_message,
    as_object,
    as_text,
    cost_of,
    duration_of,
    history_of,
    instant,
    kept_recording,
    recording_of,
    report_of,
    uploaded_recording,
    uploads_of,
)

logger = logging.getLogger(__name__)

# Names that other systems use for Vapi's own.
_ALIASES = {
    "call.started": ("status-update", "in-progress"),
    "call.ended": ("end-of-call-report", "ended"),
    "transcript.update": ("transcript", ""),
    "transfer-update": ("status-update", "forwarding"),
}
_KINDS = {
    "status-update": EventKind.STATUS,
    "end-of-call-report": EventKind.REPORT,
    "assistant-request": EventKind.ASSISTANT,
    "tool-calls": EventKind.TOOLS,
    "function-call": EventKind.TOOLS,
    "transfer-destination-request": EventKind.TOOLS,
    "transcript": EventKind.SPOKEN,
    "conversation-update": EventKind.SPOKEN,
    "call.artifact.upload": EventKind.RECORDING,
}
_DECIDED = {EventKind.ASSISTANT, EventKind.TOOLS}  # Vapi waits for what we say
_MAY_HAVE_TALKED = {EndReason.COMPLETED, EndReason.FAILED, None}
_LINE = {
    "scheduled": LineState.PLACED,
    "queued": LineState.PLACED,
    "ringing": LineState.RINGING,
    "in-progress": LineState.IN_PROGRESS,
    "forwarding": LineState.IN_PROGRESS,
    "ended": LineState.ENDED,
}
_CODES = {LINES_BUSY: "lines_busy", MISDIALED: "bad_number"}
_LARGE = {"call", "artifact", "assistant", "customer", "phoneNumber"}  # the same in every message of a call
_TOLD = {
    EventKind.STATUS: ("status", "endedReason", "startedAt", "endedAt", "durationSeconds", "cost"),
    EventKind.REPORT: ("status", "endedReason", "startedAt", "endedAt", "durationSeconds", "cost"),
    EventKind.SPOKEN: ("role", "transcriptType"),
}

WHOLE = {"history": "whole"}
"""Marks an event whose words are all that was said so far, and not only the latest."""


def line_of(status: object) -> LineState | None:
    """How far a line is in the state that Vapi calls `status`; None for a word that is new to us."""
    return _LINE.get(as_text(status))


def read(body: bytes) -> dict[str, Any]:
    """The message in a webhook's body, nested under "message" or flat.

    :raises Unreadable: when there is none.
    """
    try:
        whole = as_object(storable(json.loads(body)))
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    message = as_object(whole.get("message")) or whole
    if not as_text(message.get("type")):
        raise Unreadable("the message has no type")
    return message


def parse(body: bytes, *, provider: str) -> CallEvent:
    """The event that one message tells of; words that are not final yet make one that tells nothing.

    News that name no call are kept like those of a type that is unknown: sent again, they would name none either.
    :raises Unreadable: when it names no call, although Vapi waits for what is decided in one.
    """
    message = read(body)
    kind, status = _meaning(message)
    call = as_object(message.get("call"))
    call_id = as_text(call.get("id"))[:64]
    if message["type"] == "hang":
        logger.warning("Vapi call %s waits too long for an answer", call_id)
    if not call_id and kind in _DECIDED:
        raise Unreadable("call.id is missing")
    if not call_id or kind is EventKind.UNKNOWN:
        kind = EventKind.UNKNOWN
        asks = {"asks": message["type"]}
        return CallEvent(kind, provider, call_id, dedupe_key=f"{call_id}:{digest(message)}", extra=asks)
    return CallEvent(
        kind=kind,
        provider=provider,
        provider_call_id=call_id,
        dedupe_key=_key(kind, call_id, status, message),
        **caller_in(message),
        **_content(kind, status, call_id, message),
    )


def _key(kind: EventKind, call_id: str, status: str, message: dict[str, Any]) -> str:
    if kind in {EventKind.REPORT, EventKind.ASSISTANT}:
        # A report's addresses of recordings differ on each delivery, so its content is no key. One without words must
        # not stand in the way of one with them.
        is_silent = kind is EventKind.REPORT and not history_of(message)
        return f"{call_id}:{kind.value}{':silent' if is_silent else ''}"
    if kind is EventKind.STATUS:
        return f"{call_id}:status:{status}"[:160]
    ids = [tool.id for tool in vapi_tools.calls_in(message)] if kind is EventKind.TOOLS else []
    return f"{call_id}:tools:{_hashed(ids)}" if any(ids) else f"{call_id}:{digest(message)}"


def _content(kind: EventKind, status: str, call_id: str, message: dict[str, Any]) -> dict[str, Any]:
    if kind is EventKind.SPOKEN:
        return _words(message)
    if kind is EventKind.TOOLS:
        spoken = history_of(message)
        return {"tools": _tools(message), "spoken": spoken, "extra": dict(WHOLE) if spoken else {}}
    if kind is EventKind.ASSISTANT:
        return {"line": LineState.RINGING}
    if kind is EventKind.RECORDING:
        return {"recording": uploaded_recording(message, call_id)}
    return _ending(kind, status, call_id, message)


def _words(message: dict[str, Any]) -> dict[str, Any]:
    if as_text(message.get("type")) == "conversation-update":
        return {"spoken": history_of(message), "extra": dict(WHOLE)}
    text = as_text(message.get("transcript")).strip()
    if message.get("transcriptType") == "partial" or not text:
        return {}
    return {"spoken": (Spoken(text, by_caller=message.get("role") == "user", at=instant(message.get("timestamp"))),)}


def _tools(message: dict[str, Any]) -> tuple[ToolCall, ...]:
    if as_text(message.get("type")) == "transfer-destination-request":
        return (ToolCall("", vapi_tools.TRANSFER, {}),)
    return vapi_tools.calls_in(message)


def _ending(kind: EventKind, status: str, call_id: str, message: dict[str, Any]) -> dict[str, Any]:
    reason = as_text(message.get("endedReason"))
    end_reason = end_reason_of(reason) if status == "ended" and reason else None
    # Vapi tells of an end twice. Where there may have been a conversation, its report, which brings the words, is what
    # ends the call: whoever was cut off in the middle of one must not be rung again as somebody never reached.
    awaits_report = kind is EventKind.STATUS and status == "ended" and end_reason in _MAY_HAVE_TALKED
    told: dict[str, Any] = {
        "line": None if awaits_report else _LINE.get(status),
        "end_reason": end_reason,
        "duration_s": duration_of(message),
        "reached_staff": status == "ended" and has_reached_staff(reason),
        "extra": {"code": code} if (code := _CODES.get(reason)) else {},
    }
    if kind is EventKind.STATUS:
        return told
    report = report_of(message)
    return told | {
        "report": report,
        # Vapi has dealt with it; where our own dialogue had begun to talk to it, that must be told.
        "answered_by": "beep" if report.machine else "",
        "recording": recording_of(message, call_id),
        "cost_micros": cost_of(message),
        "analysis": analysis_of(message),
    }


def kept(body: bytes) -> dict[str, object]:
    """The message as stored: an allow-list, since tokens, keys and signed addresses may be anywhere in a message."""
    message = read(body)
    kind, _ = _meaning(message)
    slim: dict[str, object] = {name: message[name] for name in ("type", "timestamp") if name in message}
    slim["call"] = {name: one for name, one in as_object(message.get("call")).items() if name in {"id", "type"}}
    if kind is EventKind.UNKNOWN:
        return {"message": slim}
    slim["customer"] = kept_customer(message)
    slim |= {name: message[name] for name in _TOLD.get(kind, ()) if name in message}
    if kind is EventKind.REPORT:
        slim |= kept_recording(message)
        slim["messages"] = [as_message(one) for one in report_of(message).spoken]
        slim |= {"analysis": analysis} if (analysis := analysis_of(message)) else {}
    elif kind is EventKind.SPOKEN:
        slim |= _kept_words(message)
    elif kind is EventKind.TOOLS:
        slim |= _kept_tools(message)
    elif kind is EventKind.RECORDING:
        slim["artifacts"] = uploads_of(message)
    return {"message": slim}


def _kept_words(message: dict[str, Any]) -> dict[str, object]:
    if as_text(message.get("type")) == "conversation-update":
        return {"messages": [as_message(one) for one in history_of(message)]}
    return {"transcript": as_text(message.get("transcript"))}


def _kept_tools(message: dict[str, Any]) -> dict[str, object]:
    told: dict[str, object] = {"messages": [as_message(one) for one in history_of(message)]}
    tools = vapi_tools.calls_in(message)
    if isinstance(message.get("functionCall"), dict):
        return told | {"functionCall": vapi_tools.as_message(tools[0])["function"]}
    return told | {"toolCallList": [vapi_tools.as_message(tool) for tool in tools]}


def _meaning(message: dict[str, Any]) -> tuple[EventKind, str]:
    """The kind of a message, and the status that it tells of."""
    # "transcript" may come with its filter: transcript[transcriptType="final"]
    name = as_text(message.get("type")).partition("[")[0]
    name, status = _ALIASES.get(name, (name, as_text(message.get("status"))))
    kind = _KINDS.get(name, EventKind.UNKNOWN)
    return kind, "ended" if kind is EventKind.REPORT else status


def digest(message: dict[str, Any]) -> str:
    """Equal for two deliveries of one message."""
    return _hashed({name: one for name, one in message.items() if name not in _LARGE})


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def line_report(call: dict[str, Any]) -> LineReport:
    """What the API says of a call.

    :raises ProviderError: when it gives a state that is new to us.
    """
    line = line_of(call.get("status"))
    if line is None:
        raise ProviderError("Vapi gave the call a state that is not known here.", code="unknown_state", retryable=True)
    cost = cost_of(call)
    if line is not LineState.ENDED:
        return LineReport(str(call["id"]), line, cost_micros=cost)
    end_reason = end_reason_of(call.get("endedReason"))
    duration = duration_of(call)
    return LineReport(str(call["id"]), line, end_reason, duration, report_of(call), cost)
