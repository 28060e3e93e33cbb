"""A small telephone network for newcomers and tests: it dials nobody, and plays carrier and callee over real HTTP."""

from __future__ import annotations

import fcntl
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voice.events import EndReason, LineState, RecordingNews
from voice.providers import twiml
from voice.providers.base import FetchedRecording, HangUp, LineReport, Prolong, ProviderError
from voice.providers.pretend_line import Line, word_for
from voice.providers.pretend_sound import answer_at, recording_at, unrecorded
from voice.providers.twiml_network import TwimlNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import BinaryIO

    from voice.providers.base import CallOrder, LineAction, WebhookRequest

OUR_NUMBER = "+15005550006"


@dataclass(frozen=True, slots=True)
class Pretend(TwimlNetwork):
    """The network. It reaches this server at `local_base_url`, and signs as a proxy would let it see the public one.

    `folder` holds a locked file for each call on the line, and the recordings; `pace_s` is the time a callee takes to
    answer. Where nobody `speaks`, nothing is recorded.
    """

    public_base_url: str
    local_base_url: str
    secret: str
    folder: str
    pace_s: float = 1.5
    speaks: bool = True
    from_number: str = OUR_NUMBER
    name: str = "pretend"
    rings_people: bool = False
    doors: tuple[str, ...] = twiml.DOORS
    calls_per_second: float = 0
    max_lines: int = 0
    cost_per_minute: float = 0
    greets: bool = False

    def verify(self, request: WebhookRequest) -> bool:
        """Whether the network itself sent this."""
        return twiml.is_signed(request, [self.secret])

    def place_call(self, order: CallOrder) -> str:
        """Start the call on a thread of this process; its id."""
        sid = f"CA{uuid.uuid4().hex}"
        line = Line(self, order, Path(self.folder) / sid, self.secret, self.local_base_url, self.pace_s, self.speaks)
        threading.Thread(target=line.run, name=f"pretend-{order.call_id}", daemon=True).start()
        return sid

    def act(self, provider_call_id: str, action: LineAction) -> bool:
        """Leave word for the line, in whichever process it is; whatever it says ends the call, unless that is over."""
        path = Path(self.folder) / provider_call_id
        if isinstance(action, Prolong) or not path.exists():
            return path.exists()  # no call here ends by the clock
        word = word_for(path)
        word.write_text("" if isinstance(action, HangUp) else action.text)
        if path.exists():
            return True
        word.unlink(missing_ok=True)  # ended in this very moment
        return False

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:  # noqa: ARG002 -- Provider
        """A call whose process was killed has ended; the operating system took its lock away."""
        path = Path(self.folder) / (provider_call_id or "unknown")
        if not path.exists():
            return None
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return LineReport(provider_call_id, LineState.IN_PROGRESS)
        path.unlink(missing_ok=True)
        return LineReport(provider_call_id, LineState.ENDED, EndReason.CANCELED)

    def recordings_of(self, provider_call_id: str) -> Sequence[RecordingNews]:
        """The recording of a call that is over, where one was made on this machine."""
        path = self._recording_of(provider_call_id)
        return [RecordingNews(path.stem, channels=2)] if path.exists() else []

    def fetch_recording(
        self,
        provider_call_id: str,
        provider_recording_id: str,
        *,
        channels: int,  # noqa: ARG002 -- each kind of recording has its own
        max_bytes: int,  # noqa: ARG002 -- our own recordings are small
        into: BinaryIO,
    ) -> FetchedRecording:
        """Copy the recording; the caller is on the first channel."""
        try:
            with self._recording_of(provider_call_id, provider_recording_id).open("rb") as file:
                shutil.copyfileobj(file, into)
        except FileNotFoundError:
            sentence = "The recording is not on this machine. It is asked for again."
            raise ProviderError(sentence, code="not_yet", retryable=True) from None
        whole = self._recording_of(provider_call_id).stem == provider_recording_id
        return FetchedRecording("audio/wav", 2, 0) if whole else FetchedRecording("audio/wav", 1)

    def delete_recording(self, provider_call_id: str, provider_recording_id: str) -> bool:
        """Delete the recording's file."""
        path = self._recording_of(provider_call_id, provider_recording_id)
        was_there = path.exists()
        path.unlink(missing_ok=True)
        return was_there

    def delete_answers(self, provider_call_id: str) -> None:
        """Delete the files of a call's answers."""
        shutil.rmtree(answer_at(Path(self.folder) / provider_call_id, "").parent, ignore_errors=True)

    def stop_recording(self, provider_call_id: str) -> bool:
        """Leave word for the line, in whichever process it is."""
        path = Path(self.folder) / provider_call_id
        if path.exists():
            unrecorded(path).touch()
        return path.exists()

    def _recording_of(self, provider_call_id: str, recording_id: str = "") -> Path:
        """Where a call's recording is, or that of one answer."""
        line = Path(self.folder) / provider_call_id
        whole = recording_at(line)
        return whole if recording_id in {"", whole.stem} else answer_at(line, Path(recording_id).name)
