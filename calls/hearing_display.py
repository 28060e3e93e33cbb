"""PURE. Recordings and what was heard in them, in the words of staff."""

from __future__ import annotations

_STATES = {
    "announced": "There is a recording; it is being fetched.",
    "absent": "Nothing was recorded.",
    "failed": "The recording could not be fetched.",
    "refused": "The caller did not want to be recorded, so nothing is kept.",
    "deleted": "The recording was deleted.",
}
_TRANSCRIPTIONS = {
    "waiting": "The recording waits to be transcribed.",
    "running": "The recording is being transcribed: {progress} per cent.",
    "failed": "The recording could not be transcribed.",
}
_WHY_PROVIDER = {
    "whisper_failed": "Whisper could not transcribe the recording",
    "no_recording": "there is no recording that Whisper could hear",
    "not_wanted": "transcribing is switched off",
}
_WHY_BETTER = {
    "": "",
}
_GATES = {
    "silence": "nobody spoke there",
}


def clock(seconds: float) -> str:
    """Seconds as a player shows them: 1:05, or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def state_sentence(state: str, error: str) -> str:
    """What became of a recording, from its RecordingState and what went wrong; empty for one that is kept."""
    if state == "announced" and error:
        return f"{_STATES[state]} {error}"
    return error if state == "failed" and error else _STATES.get(state, "")


def transcription_sentence(state: str, progress: int, error: str) -> str:
    """How far Whisper is, from a TranscriptionState and per cent; empty where it is done or was not wanted."""
    said = _TRANSCRIPTIONS.get(state, "").format(progress=progress)
    return f"{said} {error}" if state == "failed" and error else said


def whose(engine: str, model: str, why: str) -> str:
    """Whose transcription a page shows, and why not Whisper's where it is not."""
    if engine == "whisper":
        return f"Transcribed by Whisper ({model})." if model else "Transcribed by Whisper."
    because = f", because {_WHY_PROVIDER[why]}" if why in _WHY_PROVIDER else ""
    return f"These are the words as the provider heard them during the call{because}."


def why_better(better: str, code: str) -> str:
    """Which of two hearings is believed and why, from a Hearing and the code that goes with it."""
    who = "what Whisper heard in the recording" if better == "whisper" else "what was heard live"
    because = f": {_WHY_BETTER[code]}" if _WHY_BETTER.get(code) else ""
    return f"Better is {who}{because}."


def why_dropped(gate: str) -> str:
    """Why words of Whisper's were left out, from the code of the gate."""
    return _GATES.get(gate, "it was no speech")
