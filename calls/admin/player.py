"""What the player of a call's page shows: the recording, its waveform, and what was heard where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calls import hearing_display as words
from calls.admin.listening import may_listen
from calls.models import RecordingState, TranscriptionState
from calls.operations import listens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from calls.display import Chip
    from calls.models import Call, Recording, Transcript, Turn

_WORKING = (TranscriptionState.WAITING, TranscriptionState.RUNNING)


class Place(NamedTuple):
    """A stretch of the recording; seconds as an address and a script take them, and as people read them."""

    start: str
    end: str
    clock: str


class Spoken(NamedTuple):
    """One word and the seconds that it begins and ends at."""

    text: str
    start: str
    end: str


class Mark(NamedTuple):
    """A value on the waveform. `left` is its place in per cent of the whole."""

    left: str
    start: str
    clock: str
    chip: Chip


class Hearing(NamedTuple):
    """What one turn shows: where it is, the words with their seconds, and the other hearing where the two differ."""

    place: Place | None
    said_place: Place | None
    text: str
    spoken: list[Spoken]
    other: str
    other_by: str
    better: str


def place(start_s: float | None, end_s: float | None) -> Place | None:
    """A stretch, where it is known."""
    if start_s is None:
        return None
    return Place(f"{start_s:.2f}", f"{max(start_s, end_s or start_s):.2f}", words.clock(start_s))


def spoken(rows: Iterable[list[Any]]) -> list[Spoken]:
    """Words as rows hold them: [text, start_s, end_s, confidence]."""
    return [Spoken(str(text).strip(), f"{start:.2f}", f"{end:.2f}") for text, start, end, *_ in rows]


def hearing_of(turn: Turn) -> Hearing:
    """What was heard in a turn, the better hearing in front."""
    live, again = turn.heard, turn.heard_again
    by_whisper = bool(again) and (turn.better == "whisper" or not live)
    differs = bool(live and again) and _bare(live) != _bare(again)
    return Hearing(
        place=place(turn.start_s, turn.end_s),
        said_place=place(turn.said_start_s, turn.said_end_s),
        text=again if by_whisper else live,
        spoken=spoken(turn.words) if by_whisper or not differs else [],
        other=(live if by_whisper else again) if differs else "",
        other_by=("Heard live" if by_whisper else "Whisper heard") if differs else "",
        better=words.why_better(turn.better, turn.better_why) if differs and turn.better else "",
    )


def _bare(text: str) -> str:
    return " ".join("".join(one for one in text.casefold() if one.isalnum() or one.isspace()).split())


def player_of(call: Call, request: HttpRequest) -> dict[str, Any]:
    """All that the page needs of the call's recordings and transcripts."""
    recordings, transcripts = list(call.recordings.all()), list(call.transcripts.all())
    best = next((one for one in transcripts if one.is_best), None)
    kept = _chosen(recordings, best, request.GET.get("recording", ""))
    allowed = may_listen(request)
    shown: dict[str, Any] = {
        "recordings": [(one, _sentences(one)) for one in recordings],
        "is_worked_on": any(_is_worked_on(one) for one in recordings),
        "best": best,
        "whose": words.whose(best.engine, best.model, best.why) if best else "",
        "dropped": [(one, words.why_dropped(one["gate"])) for one in best.dropped] if best else [],
        "player_version": _version(kept if allowed else None, best),
        "may_listen": allowed,
        "kept": kept,
    }
    return {**shown, **(_sound(kept, call, request) if kept and allowed else {})}


def _chosen(recordings: list[Recording], best: Transcript | None, wanted: str) -> Recording | None:
    """The one to play: what was asked for, else what the best transcript was heard in, else the first."""
    kept = [one for one in recordings if one.state == RecordingState.KEPT]
    ranked = sorted(kept, key=lambda one: (str(one.pk) != wanted, not best or best.recording_id != one.pk, one.pk))
    return ranked[0] if ranked else None


def _is_worked_on(recording: Recording) -> bool:
    waits = recording.state == RecordingState.KEPT and recording.transcription in _WORKING
    return waits or recording.state == RecordingState.ANNOUNCED


def _sentences(recording: Recording) -> list[str]:
    """What became of it and of its transcription."""
    state = words.state_sentence(recording.state, recording.error)
    if recording.state != RecordingState.KEPT:
        return [state]
    heard = words.transcription_sentence(recording.transcription, recording.progress, recording.transcription_error)
    return [heard] if heard else []


def _version(kept: Recording | None, best: Transcript | None) -> str:
    """What tells two states of player and transcript apart; the page leaves alone what has not changed."""
    return f"{kept.pk if kept else 0}.{best.pk if best else 0}.{best.made_at.timestamp() if best else 0}"


def _sound(kept: Recording, call: Call, request: HttpRequest) -> dict[str, Any]:
    return {
        "ticket": listens.ticket(kept, request.user),  # type: ignore[arg-type]  # who may listen is a user
        "peaks": {"channels": kept.peaks, "voices": _voices(kept, call)},
        "length": kept.duration_s or 0,
        "clock": words.clock(kept.duration_s or 0),
        "speeds": ("0.75", "1", "1.25", "1.5", "1.75", "2"),
        "listens": list(kept.listens.select_related("user")[:20]) if request.user.is_superuser else [],
    }


def _voices(kept: Recording, call: Call) -> list[str]:
    """Who is heard on which channel; one name for what holds both."""
    if kept.channels < 2:
        return ["Both voices"]
    if kept.caller_channel is None:
        return ["Left", "Right"]
    agent = call.agent.name if call.agent else "Agent"
    names = [agent, agent]
    names[kept.caller_channel] = "Caller"
    return names
