"""What was said, recorded and spent in a call at Vapi, as its messages and its API tell it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voice.events import CallReport, RecordingNews, Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINE_OF_TEXT = re.compile(r"^(AI|Assistant|User|Customer): *(.*)$", re.MULTILINE)
_ANALYSIS = ("summary", "structuredData", "successEvaluation")
_STEREO = ("stereoRecordingUrl", "presignedStereoUrl")
_MONO = ("recordingUrl", "presignedMonoUrl")
_DEAREST = 10_000  # US dollars; what is above is no cost of a call


def report_of(message: Mapping[str, Any]) -> CallReport:
    """The conversation in a report, or in a call as the API gives it; empty where nothing was said or may be kept."""
    return CallReport(spoken=history_of(message), machine=_ended_by_machine(message))


def history_of(message: Mapping[str, Any]) -> tuple[Spoken, ...]:
    """All that was said so far, where a message brings it."""
    holders = (as_object(message.get("artifact")), message, as_object(message.get("call")))
    for name in ("messages", "messagesOpenAIFormatted"):
        for holder in holders:
            if found := tuple(from_messages(holder.get(name))):
                return found
    return next((found for holder in holders if (found := tuple(_from_text(holder.get("transcript"))))), ())


def analysis_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """What Vapi's model made of a conversation; {} where nobody spoke, for it is known to make conversations up."""
    report = report_of(message)
    if report.machine or not any(one.by_caller for one in report.spoken):
        return {}
    analysis = as_object(message.get("analysis")) or as_object(as_object(message.get("call")).get("analysis"))
    return {name: analysis[name] for name in _ANALYSIS if analysis.get(name) not in (None, "")}


def recording_of(message: Mapping[str, Any], call_id: str) -> RecordingNews | None:
    """The recording that a report speaks of; it is fetched by the call's id, for its addresses pass away."""
    artifact = as_object(message.get("artifact"))
    recording = as_object(artifact.get("recording"))
    holders = (artifact, message)
    stereo = recording.get("stereoUrl") or any(holder.get(name) for holder in holders for name in _STEREO)
    mono = recording.get("mono") or any(holder.get(name) for holder in holders for name in _MONO)
    if not (stereo or mono):
        return None
    began = _time(message.get("startedAt"))
    return RecordingNews(call_id, channels=2 if stereo else 1, duration_s=duration_of(message), started_at=began)


def uploaded_recording(message: Mapping[str, Any], call_id: str) -> RecordingNews | None:
    """The recording whose files are there now, where a message tells of any."""
    done = {one["type"] for one in uploads_of(message) if one["success"]}
    if not done & {"recording-stereo", "recording-mono"}:
        return None
    return RecordingNews(call_id, channels=2 if "recording-stereo" in done else 1)


def uploads_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Which files of a call were put into Vapi's storage, and whether that went well."""
    files = message.get("artifacts")
    told = map(as_object, files if isinstance(files, list) else ())
    return [{"type": as_text(one.get("type")), "success": one.get("success") is True} for one in told]


def kept_recording(message: Mapping[str, Any]) -> dict[str, object]:
    """As much of a recording as may be stored: that it is there."""
    news = recording_of(message, "kept")
    if news is None:
        return {}
    return {"artifact": {_STEREO[0] if news.channels == 2 else _MONO[0]: "kept"}}


def cost_of(message: Mapping[str, Any]) -> int | None:
    """What a call cost, in millionths of a US dollar; None where Vapi does not say."""
    cost = message.get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < _DEAREST:
        return None
    return round(cost * 1_000_000)


def duration_of(message: Mapping[str, Any]) -> int | None:
    """Seconds from answer to end."""
    seconds = message.get("durationSeconds")
    if isinstance(seconds, int | float) and 0 <= seconds < 10**6:
        return round(seconds)
    began, ended = _time(message.get("startedAt")), _time(message.get("endedAt"))
    return max(round((ended - began).total_seconds()), 0) if began and ended else None


def from_messages(messages: object) -> Iterator[Spoken]:
    """The words in a list of messages, of Vapi's own form or OpenAI's; instructions and tools are none."""
    for one in map(as_object, messages if isinstance(messages, list) else ()):
        text = words_of(one).strip()
        if text and as_text(one.get("role")) in {"user", "bot", "assistant"}:
            yield Spoken(text, by_caller=one["role"] == "user", at=instant(one.get("time")))


def words_of(message: Mapping[str, Any]) -> str:
    """The words of one message; OpenAI's form may hold them in parts."""
    content = message.get("content")
    parts = (as_text(as_object(one).get("text")) for one in (content if isinstance(content, list) else ()))
    return as_text(message.get("message")) or as_text(content) or " ".join(part for part in parts if part)


def as_message(one: Spoken) -> dict[str, object]:
    """Words as they are stored, in Vapi's own form."""
    message: dict[str, object] = {"role": "user" if one.by_caller else "bot", "message": one.text}
    return message | ({"time": one.at.timestamp() * 1000} if one.at else {})


def _ended_by_machine(message: Mapping[str, Any]) -> bool:
    return as_text(message.get("endedReason")).startswith("voicemail")


def _from_text(transcript: object) -> Iterator[Spoken]:
    for who, text in _LINE_OF_TEXT.findall(as_text(transcript)):
        if text.strip():
            yield Spoken(text.strip(), by_caller=who in {"User", "Customer"})


def instant(milliseconds: object) -> datetime | None:
    """A time that Vapi counts in milliseconds since 1970."""
    if not isinstance(milliseconds, int | float) or not 0 < milliseconds < 10**13:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(as_text(value))
    except ValueError:
        return None
    return time if time.tzinfo else None


def as_object(value: object) -> dict[str, Any]:
    """A JSON object; fields of Vapi's messages may be null or missing."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """A JSON text; "" for anything else."""
    return value if isinstance(value, str) else ""
