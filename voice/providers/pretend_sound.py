"""The recording of a call on the pretend network: what both sides said, spoken by espeak-ng on a channel each."""

from __future__ import annotations

import shutil
import subprocess
import wave
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Voice = Literal["caller", "agent", "staff"]

RATE = 22_050  # Hz, espeak-ng's own: of what it says over a telephone's 8,000 Whisper makes other words
_BEFORE_ANSWER_S, _AFTER_ANSWER_S = 0.5, 0.7
_RINGS_S = 5  # until staff take a call
_SPEAKER = "espeak-ng"
_WORDS_A_MINUTE = "140"
_OURS = {"agent": "en-gb+f3", "staff": "en-gb"}
_CLEAR = "en-us"
_CALLERS = ("en-us", "en-us+klatt4", "en-us+m3", "en-gb+klatt4", "en-us+klatt2")
_TIMEOUT_S = 10
_WAV_HEAD = 44  # bytes


def recording_at(path: Path) -> Path:
    """Where the recording is kept of the line whose locked file is `path`; its name is the recording's id."""
    return path.parent / "recordings" / f"RE{path.name[2:]}.wav"


def unrecorded(path: Path) -> Path:
    """Where it is noted that the line whose locked file is `path` is recorded no more."""
    return path.with_name(f"{path.name}.unrecorded")


def answer_at(path: Path, recording_id: str) -> Path:
    """Where one recorded answer is kept of the line whose locked file is `path`."""
    return path.parent / "recordings" / path.name / f"{recording_id}.wav"


def record_answer(text: str, path: Path, *, speaks: bool) -> int:
    """Write one answer as a WAV file of one channel, a silent one where nothing can speak here; its seconds."""
    speaker, sound = shutil.which(_SPEAKER) if speaks else None, b""
    with suppress(OSError, subprocess.SubprocessError):
        sound = _spoken(speaker, text, _CLEAR) if speaker else b""
    silence = bytes(2 * RATE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(silence + sound + silence)
    return round(len(sound) / 2 / RATE) + 2


@dataclass(slots=True)
class Talk:
    """What was said in one call, in order. `caller` is whatever the caller's voice is drawn by.

    `staff_from_s` is at which second of the recording staff first speak, known once it is written.
    """

    caller: str
    said: list[tuple[Voice, str]] = field(default_factory=list)
    staff_from_s: float | None = None

    def note(self, voice: Voice, text: str) -> None:
        """This was said."""
        if text.strip():
            self.said.append((voice, text))

    def record(self, path: Path) -> int | None:
        """Write the call as a WAV file, the caller on channel 0; its seconds, or None where nothing can speak here."""
        speaker = shutil.which(_SPEAKER)
        if speaker is None or not self.said:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        frames, self.staff_from_s = 0, None
        try:
            with wave.open(str(draft), "wb") as file:
                file.setparams((2, 2, RATE, 0, "NONE", ""))
                for voice, sound in self._sounds(speaker):
                    if voice == "staff" and self.staff_from_s is None:
                        file.writeframesraw(bytes(4 * RATE * _RINGS_S))
                        frames += RATE * _RINGS_S
                        self.staff_from_s = frames / RATE
                    file.writeframesraw(_on_channel(sound, 0 if voice == "caller" else 1))
                    frames += len(sound) // 2
            draft.replace(path)
        except (OSError, subprocess.SubprocessError):
            draft.unlink(missing_ok=True)
            return None
        return round(frames / RATE)

    def _sounds(self, speaker: str) -> Iterator[tuple[Voice, bytes]]:
        theirs = _CALLERS[zlib.crc32(self.caller.encode()) % len(_CALLERS)]
        for voice, text in self.said:
            yield voice, _spoken(speaker, text, _OURS.get(voice, theirs))
            yield voice, bytes(2 * int(RATE * (_AFTER_ANSWER_S if voice == "caller" else _BEFORE_ANSWER_S)))


def _spoken(speaker: str, text: str, voice: str) -> bytes:
    """The words as samples of 16 bits."""
    if any("\u0900" <= sign <= "\u097f" for sign in text):
        voice = "hi" + "".join(voice.partition("+")[1:])
    command = [speaker, "-v", voice, "-s", _WORDS_A_MINUTE, "--stdin", "--stdout"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603 -- the words go by stdin
    samples = done.stdout[_WAV_HEAD:]
    return samples[: len(samples) // 2 * 2]


def _on_channel(sound: bytes, channel: int) -> bytes:
    """Samples of one voice as frames of two, the other one silent."""
    frames = bytearray(2 * len(sound))
    for part in (0, 1):  # of each sample
        frames[2 * channel + part :: 4] = sound[part::2]
    return bytes(frames)
