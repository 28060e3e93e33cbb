"""What Vapi's server messages say, in our words. Facts: docs.vapi.ai/server-url/events, and payloads as received."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voice.events import CallEvent, CallReport, EndReason, EventKind, LineState, Spoken
from voice.providers.base import Unreadable, storable

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names that other systems use for Vapi's own.
_ALIASES = {"call.started": ("status-update", "in-progress"), "call.ended": ("end-of-call-report", "ended")}
_KINDS = {"status-update": EventKind.STATUS, "end-of-call-report": EventKind.REPORT}
_LINE = {
    "scheduled": LineState.PLACED,
    "queued": LineState.PLACED,
    "ringing": LineState.RINGING,
    "in-progress": LineState.IN_PROGRESS,
    "forwarding": LineState.IN_PROGRESS,
    "ended": LineState.ENDED,
}

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
_LINE_OF_TEXT = re.compile(r"^(AI|Assistant|User|Customer): *(.*)$", re.MULTILINE)
_REFERENCE = re.compile(r"^call-(\d{1,15})$", re.ASCII)


def reference(call_id: int) -> str:
    """Our call's id as Vapi carries it, in `customer.externalId`."""
    return f"call-{call_id}"


def line_of(status: object) -> LineState | None:
    """How far a line is in the state that Vapi calls `status`; None for a word that is new to us."""
    return _LINE.get(_text(status))


def end_reason_of(ended_reason: object) -> EndReason:
    """Why a line ended, by the words of `endedReason`; FAILED for words that are new to us."""
    reason = _text(ended_reason)
    return next((end for end, words in _ENDS if reason.startswith(tuple(words.split()))), EndReason.FAILED)


def read(body: bytes) -> dict[str, Any]:
    """The message in a webhook's body, nested under "message" or flat.

    :raises Unreadable: when there is none.
    """
    try:
        whole = _object(storable(json.loads(body)))
    except ValueError:
        raise Unreadable("the body is not JSON") from None
    message = _object(whole.get("message")) or whole
    if not _text(message.get("type")):
        raise Unreadable("the message has no type")
    return message


def parse(body: bytes, *, provider: str) -> CallEvent:
    """The event that one message tells of.

    :raises Unreadable: when it names no call, although it tells of one.
    """
    message = read(body)
    kind, status = _meaning(message)
    call = _object(message.get("call"))
    call_id = _text(call.get("id"))[:64]
    if kind is EventKind.UNKNOWN:
        return CallEvent(kind, provider, call_id, dedupe_key=f"{call_id}:{_digest(message)}")
    if not call_id:
        raise Unreadable("call.id is missing")
    ended = status == "ended"
    end_reason = end_reason_of(message.get("endedReason")) if ended else None
    # Vapi tells of an end twice. After a conversation its report, which brings the words, is what ends the call.
    awaits_report = kind is EventKind.STATUS and end_reason is EndReason.COMPLETED
    customer = _object(message.get("customer")) or _object(call.get("customer"))
    return CallEvent(
        kind=kind,
        provider=provider,
        provider_call_id=call_id,
        # A report's addresses of recordings differ on each delivery, so its content is no key.
        dedupe_key=f"{call_id}:report" if kind is EventKind.REPORT else f"{call_id}:status:{status}"[:160],
        call_id=our_call_id(customer),
        caller=_text(customer.get("number")),
        called=_text(_object(message.get("phoneNumber")).get("number")),
        line=None if awaits_report else _LINE.get(status),
        end_reason=end_reason,
        duration_s=duration_of(message),
        rang_us=call.get("type") == "inboundPhoneCall",
        report=report_of(message) if kind is EventKind.REPORT else None,
    )


def our_call_id(customer: dict[str, Any]) -> int | None:
    """Our own call's id, where this customer carries it."""
    match = _REFERENCE.match(_text(customer.get("externalId")))
    return int(match[1]) if match else None


def report_of(message: dict[str, Any]) -> CallReport:
    """The conversation in a report, or in a call as the API gives it; empty where nothing was said or may be kept."""
    holders = (_object(message.get("artifact")), message, _object(message.get("call")))
    spoken = next((found for holder in holders if (found := tuple(_from_messages(holder.get("messages"))))), ())
    if not spoken:
        spoken = next((found for holder in holders if (found := tuple(_from_text(holder.get("transcript"))))), ())
    return CallReport(spoken=spoken, machine=_text(message.get("endedReason")).startswith("voicemail"))


def duration_of(message: dict[str, Any]) -> int | None:
    """Seconds from answer to end."""
    seconds = message.get("durationSeconds")
    if isinstance(seconds, int | float) and 0 <= seconds < 10**6:
        return round(seconds)
    began, ended = _time(message.get("startedAt")), _time(message.get("endedAt"))
    return max(round((ended - began).total_seconds()), 0) if began and ended else None


def kept(body: bytes) -> dict[str, object]:
    """The message as stored: an allow-list, since tokens, keys and signed addresses may be anywhere in a message."""
    message = read(body)
    kind, _ = _meaning(message)
    call, customer = _object(message.get("call")), _object(message.get("customer"))
    customer = customer or _object(call.get("customer"))
    slim: dict[str, object] = {name: message[name] for name in ("type", "timestamp") if name in message}
    slim["call"] = {name: call[name] for name in ("id", "type") if name in call}
    if kind is EventKind.UNKNOWN:
        return {"message": slim}
    # The number is needed only for somebody whom we may not know yet.
    names = ("externalId", "number") if call.get("type") == "inboundPhoneCall" else ("externalId",)
    slim["customer"] = {name: customer[name] for name in names if name in customer}
    told = ("status", "endedReason", "startedAt", "endedAt", "durationSeconds", "cost")
    slim |= {name: message[name] for name in told if name in message}
    if kind is EventKind.REPORT:
        slim |= _kept_words(message)
    return {"message": slim}


def _kept_words(message: dict[str, Any]) -> dict[str, object]:
    spoken = report_of(message).spoken
    words: dict[str, object] = {"messages": [_as_message(one) for one in spoken]}
    # Vapi's analysis is known to make up conversations that nobody had.
    if any(one.by_caller for one in spoken):
        analysis = _object(message.get("analysis"))
        names = ("summary", "structuredData", "successEvaluation")
        words["analysis"] = {name: analysis[name] for name in names if name in analysis}
    return words


def _as_message(one: Spoken) -> dict[str, object]:
    message: dict[str, object] = {"role": "user" if one.by_caller else "bot", "message": one.text}
    return message | ({"time": one.at.timestamp() * 1000} if one.at else {})


def _meaning(message: dict[str, Any]) -> tuple[EventKind, str]:
    """The kind of a message, and the status that it tells of."""
    # "transcript" may come with its filter: transcript[transcriptType="final"]
    name = _text(message.get("type")).partition("[")[0]
    name, status = _ALIASES.get(name, (name, _text(message.get("status"))))
    kind = _KINDS.get(name, EventKind.UNKNOWN)
    return kind, "ended" if kind is EventKind.REPORT else status


def _digest(message: dict[str, Any]) -> str:
    telling = {
        k: v for k, v in message.items() if k not in {"call", "artifact", "assistant", "customer", "phoneNumber"}
    }
    return hashlib.sha256(json.dumps(telling, sort_keys=True).encode()).hexdigest()[:32]


def _from_messages(messages: object) -> Iterator[Spoken]:
    for one in map(_object, messages if isinstance(messages, list) else ()):
        text = (_text(one.get("message")) or _text(one.get("content"))).strip()
        if text and one.get("role") in {"user", "bot", "assistant"}:
            yield Spoken(text, by_caller=one["role"] == "user", at=_instant(one.get("time")))


def _from_text(transcript: object) -> Iterator[Spoken]:
    for who, text in _LINE_OF_TEXT.findall(_text(transcript)):
        if text.strip():
            yield Spoken(text.strip(), by_caller=who in {"User", "Customer"})


def _instant(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int | float) or not 0 < milliseconds < 10**13:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _object(value: object) -> dict[str, Any]:
    """A JSON object; fields of Vapi's messages may be null or missing."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
