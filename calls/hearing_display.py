"""PURE. Recordings and what was heard in them, in the words of staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calls.hearings import difference
from calls.words import sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_STATES = {
    "announced": "There is a recording. It is being fetched.",
    "absent": "Nothing was recorded.",
    "failed": "The recording could not be fetched.",
    "refused": "The caller did not want to be recorded, so no recording is kept.",
    "deleted": "The recording was deleted.",
}
_EXPECTED = "This call was to be recorded. Its recording has not been announced yet."
_UNWANTED = "The caller did not want to be recorded. What was recorded before that is deleted unheard."
_HALF_UPLOADED = "The upload did not come to its end, so nothing of it is kept. Upload the recording again."
PREPARING = "The recording is being prepared: its length and its waveform are still to come."
_TRANSCRIPTIONS = {
    "waiting": "The recording waits to be transcribed.",
    "running": "The recording is being transcribed: {progress} per cent.",
    "failed": "The recording could not be transcribed.",
}
_WHY_PROVIDER = {
    "whisper_failed": "Whisper could not transcribe the recording",
    "whisper_silent": "Whisper heard nobody speak in the recording",
    "not_yet": "the recording is not transcribed yet",
    "no_recording": "there is no recording that Whisper could hear",
    "not_wanted": "recordings are not transcribed here",
}
_WHY_BETTER = {
    "keys": "keys were pressed",
    "whisper_unsure": "Whisper was guessing",
    "more_values": "it says more of what is wanted",
    "whisper_surer": "Whisper was surer of its words",
    "live_surer": "the live recogniser was surer of its words",
    "live_kept": "the conversation went on by it and nothing speaks against it",
    "live_empty": "nothing was heard live",
    "whisper_empty": "Whisper heard nothing there",
}
_GATES = {
    "brackets": "a remark of Whisper's, which nobody spoke",
    "broadcast": "from a broadcast that Whisper once learned from",
    "silence_phrase": "what Whisper writes where nobody speaks",
    "no_voice": "there is no voice",
    "no_speech": "Whisper itself doubts that it is speech",
    "loop": "the same words over and over",
    "hint": "it is the agent's own question",
}
_LANGUAGES = {
    "bn": "Bengali",
    "en": "English",
    "gu": "Gujarati",
    "hi": "Hindi",
    "kn": "Kannada",
    "ml": "Malayalam",
    "mr": "Marathi",
    "pa": "Punjabi",
    "ta": "Tamil",
    "te": "Telugu",
    "ur": "Urdu",
}


def language(code: str) -> str:
    """What the language of an ISO 639-1 code is called; the code itself where it is none of those spoken here."""
    return _LANGUAGES.get(code, code)


def clock(seconds: float) -> str:
    """Seconds as a player shows them: 1:05, or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def state_sentence(
    state: str, error: str, *, is_upload: bool = False, is_known: bool = True, is_refused: bool = False
) -> str:
    """What became of a recording, from its RecordingState and what went wrong; empty for one that is kept.

    `is_known` tells whether its provider has told of it yet, `is_refused` whether the caller did not want it.
    """
    if state == "announced" and is_refused:
        return f"{_UNWANTED} {error}".strip()
    if state == "announced" and is_upload:
        return _HALF_UPLOADED
    if state == "failed" and error:
        return error
    said = _STATES.get(state, "") if is_known or state != "announced" else _EXPECTED
    return f"{said} {error}".strip()


def transcription_sentence(state: str, progress: int, error: str) -> str:
    """How far Whisper is and what keeps it, from a TranscriptionState and per cent; empty where nothing is to come."""
    said = _TRANSCRIPTIONS.get(state, "").format(progress=progress)
    return f"{said} {error}" if state in {"waiting", "failed"} and error else said


def whose(engine: str, model: str, why: str, *, by_provider: bool = True) -> str:
    """Whose transcription a page shows, and why not Whisper's of the recording where it is not.

    `by_provider` tells whether its provider alone heard the call while it went on.
    """
    if engine == "whisper":
        return f"The recording was transcribed by Whisper ({model})." if model else "Transcribed by Whisper."
    because = f", because {_WHY_PROVIDER[why]}" if why in _WHY_PROVIDER else ""
    heard = "as the provider heard them" if by_provider else "as they were heard"
    return f"These are the words {heard} during the call{because}."


def why_better(better: str, code: str) -> str:
    """Which of two hearings is believed and why, from a Hearing and the code that goes with it."""
    who = "Whisper" if better == "whisper" else "what was heard live"
    return f"Better: {who}, because {_WHY_BETTER[code]}." if code in _WHY_BETTER else f"Better: {who}."


def why_dropped(gate: str) -> str:
    """Why words of Whisper's were left out, from the code of the gate."""
    return _GATES.get(gate, "it is no speech")


class Place(NamedTuple):
    """A stretch of the recording: seconds as an address and a script take them, and its beginning for people."""

    start: str
    end: str
    clock: str


class Spoken(NamedTuple):
    """One word, the seconds that it begins and ends at ("" where nobody knows), and whether the hearings differ."""

    text: str
    start: str = ""
    end: str = ""
    differs: bool = False


class Hearing(NamedTuple):
    """What a turn shows of its two hearings: the better one's words, and the other's where the two differ."""

    text: str
    spoken: Sequence[Spoken] = ()
    other: Sequence[Spoken] = ()
    other_by: str = ""
    better: str = ""


def place(start_s: float | None, end_s: float | None) -> Place | None:
    """A stretch, where it is known."""
    if start_s is None:
        return None
    return Place(f"{start_s:.2f}", f"{max(start_s, end_s or start_s):.2f}", clock(start_s))


def timed(words: Iterable[Sequence[Any]]) -> list[Spoken]:
    """Words as rows hold them: [text, start_s, end_s, confidence]."""
    return [Spoken(str(text).strip(), f"{start:.2f}", f"{end:.2f}") for text, start, end, *_ in words]


def hearing(live: str, again: str, words: Sequence[Sequence[Any]], *, better: str, why: str) -> Hearing:
    """What to show of a turn: heard live, heard again by Whisper with its `words`, and which is better and why."""
    by_whisper = bool(again) and (better == "whisper" or not live)
    if not (live and again) or sounds(live) == sounds(again):
        alone = why_better(better, why) if why == "live_empty" else ""
        return Hearing(again if by_whisper else live, timed(words), better=alone)
    pieces = difference(live, again)
    ours = _marked([Spoken(word) for word in live.split()], pieces, "only_live")
    theirs = _marked(timed(words) or [Spoken(word) for word in again.split()], pieces, "only_again")
    told = why_better(better, why) if better else ""
    if by_whisper:
        return Hearing(again, theirs, ours, "Heard live", told)
    return Hearing(live, ours, theirs, "Whisper heard", told)


def _marked(words: list[Spoken], pieces: Sequence[tuple[str, str]], only: str) -> list[Spoken]:
    """The words, with those marked that only this hearing has."""
    marks = [sort == only for sort, text in pieces if sort in {"same", only} for _ in text.split()]
    if len(marks) != len(words):
        return words
    return [word._replace(differs=mark) for word, mark in zip(words, marks, strict=True)]
