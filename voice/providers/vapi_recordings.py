"""Recordings at Vapi, by the id of their call. Facts: docs.vapi.ai/assistants/retrieve-call-artifacts."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from voice.providers import vapi_tracks
from voice.providers.base import FetchedRecording, ProviderError
from voice.providers.download import Limits, download
from voice.providers.vapi_api import KEY_REFUSED
from voice.providers.vapi_reports import recording_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.events import RecordingNews
    from voice.providers.vapi_api import Api

_PATIENCE_S = 48  # for all files of one call together: a job that runs for a minute is killed
_NOT_YET = frozenset({400, 404})
_GUESS = 0  # the caller's channel, where their own track does not tell


class VapiRecordings:
    """What a Vapi account does about recordings; whoever inherits says how its API is reached."""

    __slots__ = ()

    def _api(self) -> Api:
        raise NotImplementedError

    def recordings_of(self, provider_call_id: str) -> Sequence[RecordingNews]:
        """The one recording of a call, where Vapi made one."""
        call = self._api().live(provider_call_id)
        news = recording_of(call, provider_call_id) if call else None
        return [news] if news else []

    def fetch_recording(
        self,
        provider_call_id: str,
        provider_recording_id: str,  # noqa: ARG002 -- Provider
        *,
        channels: int,  # noqa: ARG002 -- what is best is asked for first
        max_bytes: int,
        into: BinaryIO,
    ) -> FetchedRecording:
        """Download both voices on channels of their own if there is any way to; else what there is."""
        fetch = _Fetch(self._api(), provider_call_id, max_bytes)
        kind = fetch.file("stereo", into)
        if kind:
            return FetchedRecording(kind, 2, fetch.caller_channel(into))
        if fetch.both_tracks(into):
            return FetchedRecording("audio/wav", 2, 0)
        kind = fetch.file("mono", into)
        if kind:
            return FetchedRecording(kind, 1)
        raise ProviderError("Vapi does not have the recording yet.", code="not_yet", retryable=True)

    def delete_recording(self, provider_call_id: str, provider_recording_id: str) -> bool:  # noqa: ARG002 -- Provider
        """Delete the call with all its data at Vapi, which deletes no recording alone."""
        path = f"/call/{quote(provider_call_id, safe='')}"
        return self._api().ask("DELETE", path, json={}, absent=404) is not None

    def delete_answers(self, provider_call_id: str) -> None:
        """There are none: Vapi hears callers itself."""

    def stop_recording(self, provider_call_id: str) -> bool:  # noqa: ARG002 -- Provider
        """False: Vapi stops no recording of a live call. It is deleted when the call is over."""
        return False


class _Fetch:
    """The files of one call, within one time limit for all of them."""

    def __init__(self, api: Api, call_id: str, max_bytes: int) -> None:
        self._api, self._call_id, self._max_bytes = api, call_id, max_bytes
        self._until = time.monotonic() + _PATIENCE_S

    def file(self, which: str, into: BinaryIO) -> str:
        """Write one of stereo, mono, customer, assistant into a file; its content type, or "" where there is none."""
        into.seek(0)
        into.truncate()
        left_s = max(self._until - time.monotonic(), 0.1)
        try:
            return download(
                f"{self._api.base_url}/call/{quote(self._call_id, safe='')}/{which}-recording",
                into=into,
                headers={"Authorization": f"Bearer {self._api.api_key}"},
                limits=Limits(self._max_bytes, timeout_s=self._api.timeout_s, deadline_s=left_s),
                unauthorized=KEY_REFUSED,
                not_yet=_NOT_YET,
            )
        except ProviderError as error:
            if error.code == "not_yet":
                return ""
            raise

    def caller_channel(self, stereo: BinaryIO) -> int | None:
        """Which channel the caller is on: the one that is loud where their own track is."""
        stereo.flush()
        with TemporaryDirectory(dir=Path(stereo.name).parent) as folder:
            try:
                track = self._track("customer", folder)
            except ProviderError:
                track = None  # what matters is here already
            found = vapi_tracks.alike(Path(stereo.name), track) if track else None
        return _GUESS if found is None else found

    def both_tracks(self, into: BinaryIO) -> bool:
        """Make one file of the two tracks, the caller's first; False where they are not there, or no plain WAV."""
        with TemporaryDirectory(dir=Path(into.name).parent) as folder:
            caller = self._track("customer", folder)
            agent = self._track("assistant", folder) if caller else None
            return bool(caller and agent and vapi_tracks.interleave(caller, agent, into))

    def _track(self, which: str, folder: str) -> Path | None:
        path = Path(folder) / which
        with path.open("w+b") as file:
            return path if self.file(which, file) else None
