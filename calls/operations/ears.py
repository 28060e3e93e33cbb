"""A kept recording, as Whisper hears it: the caller's channel, whichever that is, and staff where they take part."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from calls.alignment import LiveTurn, resembles_agent
from calls.lines import whisper
from calls.models import Engine, Recording, TranscriptionState
from calls.operations import shelf
from calls.operations.staff_calls import UPLOAD, talks_from_s, with_agent
from voice.stt.errors import SttError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from calls.models import Call
    from voice.stt.lines import Heard


def hear(recording: Recording, on_progress: Callable[[float], None]) -> tuple[Heard, int | None]:
    """What is said in a recording, and on which channel the caller is; None where no channel is theirs alone.

    `on_progress` gets 0 to 1 every few seconds, and what it raises ends the hearing.
    :raises SttError: the recording or the model cannot be used, with a sentence for staff.
    :raises FileNotFoundError: the storage does not have it.
    :raises StorageError: the storage cannot be read.
    """
    with shelf.local_copy(recording) as path:
        try:
            return _heard(recording, path, on_progress)
        except SttError as error:
            raise SttError(str(error).replace(str(path), "The recording")) from error


def require_model() -> None:
    """Load the weights into this process.

    :raises SttError: they cannot be had, with a sentence that says what to do.
    """
    whisper().load()


def _heard(recording: Recording, path: Path, on_progress: Callable[[float], None]) -> tuple[Heard, int | None]:
    call = recording.call
    listen = partial(
        whisper().hear,
        path,
        language=_language(call),
        staff_from_s=talks_from_s(call, recording),
        on_progress=on_progress,
    )
    if call.provider == UPLOAD:
        return listen(caller_channel=recording.caller_channel), recording.caller_channel
    turns = [LiveTurn(number=turn.number, heard=turn.heard, said=turn.said) for turn in call.turns.all()]
    for channel in _channels_to_try(recording):
        heard = listen(caller_channel=channel)
        if channel is None or not resembles_agent(with_agent(call, recording, heard.lines), turns):
            break
    return heard, channel


def _language(call: Call) -> str | None:
    """The language that was spoken in the end, for callers switch; the agent's where nothing was; or nobody knows."""
    spoken: str | None = call.dialogue.get("language")
    return spoken or (call.agent.language if call.agent else None)


def _channels_to_try(recording: Recording) -> tuple[int | None, ...]:
    """The caller's channel as it was on the provider's last such call, or as the provider guesses; then the other.

    At last all channels together, for a provider may put both voices on each.
    """
    if recording.channels != 2:
        return (None,)
    call = recording.call
    told_apart = Recording.objects.filter(
        call__provider=call.provider,
        call__direction=call.direction,
        transcription=TranscriptionState.DONE,
        channels=2,
        caller_channel__isnull=False,
        transcripts__engine=Engine.WHISPER,
        transcripts__confidence__gt=0,
    )
    last = told_apart.order_by("-pk").values_list("caller_channel", flat=True).first()
    first = next(one for one in (last, recording.caller_channel, 0) if one is not None)
    return (first, 1 - first, None)
