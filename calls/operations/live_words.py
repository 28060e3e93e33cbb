"""What the provider's recogniser heard during a call, as a transcript that stands where Whisper has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calls.models import Call, Channel, Engine, RecordingConsent, RecordingState, Transcript, TranscriptionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calls.models import Turn


def provider_transcript(call: Call, *, now: datetime) -> Transcript | None:
    """Keep the words heard live as the call's transcript, the best one unless Whisper's is; None without any words.

    Its lines are as Whisper's, but for seconds, which nobody knows. A second run brings it up to date. To be run in
    the transaction that changed what it rests on, with the call locked.
    """
    turns = list(call.turns.order_by("number"))
    if call.channel != Channel.VOICE or not any(turn.heard for turn in turns):
        return None
    is_best = not call.transcripts.filter(engine=Engine.WHISPER, is_best=True).exists()
    transcript, _ = Transcript.objects.update_or_create(
        call=call,
        engine=Engine.PROVIDER,
        recording=None,
        defaults={
            "language": call.agent.language.partition("-")[0] if call.agent else "",
            "lines": [line for turn in turns for line in _lines(turn)],
            "confidence": _mean([turn.confidence for turn in turns if turn.heard and turn.confidence is not None]),
            "is_best": is_best,
            "why": why_these(call) if is_best else "",
            "made_at": now,
        },
    )
    return transcript


def _lines(turn: Turn) -> list[dict[str, Any]]:
    """A turn as up to two lines; the caller first, for the agent answers."""
    spoken = (("caller", turn.heard, turn.confidence), ("agent", turn.said, None))
    return [
        {"speaker": who, "start_s": None, "end_s": None, "text": text, "confidence": sure, "words": []}
        for who, text, sure in spoken
        if text
    ]


def _mean(figures: Sequence[float]) -> float | None:
    return round(sum(figures) / len(figures), 3) if figures else None


def why_these(call: Call) -> str:
    """Why these words stand as things are now, as a code: what keeps Whisper from having better ones."""
    recordings = list(call.recordings.all())
    kept = {one.transcription for one in recordings if one.state == RecordingState.KEPT}
    if TranscriptionState.DONE in kept:
        return "whisper_silent"
    if kept & {TranscriptionState.WAITING, TranscriptionState.RUNNING}:
        return "not_yet"
    if kept:
        return "whisper_failed" if TranscriptionState.FAILED in kept else "not_wanted"
    is_refused = call.recording_consent == RecordingConsent.REFUSED
    is_to_come = any(one.state == RecordingState.ANNOUNCED for one in recordings) and not is_refused
    return "not_yet" if is_to_come else "no_recording"
