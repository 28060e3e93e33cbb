"""Recordings at Twilio: found, downloaded, stopped and deleted. Facts: twilio.com/docs/voice/api/recording."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from voice.events import RecordingNews
from voice.providers.base import FetchedRecording, ProviderError
from voice.providers.download import Limits, download
from voice.providers.twilio_errors import CREDENTIALS_REFUSED, translated, unless_gone

if TYPE_CHECKING:
    from twilio.rest import Client

_NEVER = {"absent", "deleted", "failed"}
_RUNNING = "Twilio.CURRENT"
_OF_ONE_ANSWER = "RecordVerb"
# Of one leg, the first channel is what Twilio hears and the second what it says; documented for two legs only.
_CALLER = 0
_MOST = 100  # of one call


class Access(NamedTuple):
    """Where the account's media is, and who may fetch it."""

    base_url: str
    account_sid: str
    auth_token: str
    timeout_s: float


def of_call(client: Client, call_sid: str) -> list[RecordingNews]:
    """What was recorded of a call; not the single answers, which are fetched and deleted at once."""
    with translated("recording"):
        found = client.calls(call_sid).recordings.list(limit=_MOST)
        return [_news(one) for one in found if one.source != _OF_ONE_ANSWER]


def _news(one: Any) -> RecordingNews:
    duration = str(one.duration or "")
    return RecordingNews(
        provider_recording_id=str(one.sid)[:64],
        channels=int(one.channels or 1),
        duration_s=int(duration) if duration.isdecimal() else None,
        is_there=one.status not in _NEVER,
        started_at=one.start_time,
    )


def fetch(
    client: Client, access: Access, sid: str, *, channels: int, max_bytes: int, into: BinaryIO
) -> FetchedRecording:
    """Write a recording into a file, as WAV, one channel or both.

    :raises ProviderError: see `Provider.fetch_recording`.
    """
    account = f"{access.base_url}/2010-04-01/Accounts/{access.account_sid}"
    token = base64.b64encode(f"{access.account_sid}:{access.auth_token}".encode()).decode()
    try:
        kind = download(
            f"{account}/Recordings/{sid}.wav?RequestedChannels={channels}",
            into=into,
            headers={"Authorization": f"Basic {token}"},
            limits=Limits(max_bytes, timeout_s=access.timeout_s),
            unauthorized=CREDENTIALS_REFUSED,
        )
    except ProviderError as error:
        if error.code == "not_yet" and _is_gone(client, sid):
            raise ProviderError("Twilio has deleted the recording.", code="gone") from error
        raise
    return FetchedRecording(kind, channels, _CALLER if channels == 2 else None)


def _is_gone(client: Client, sid: str) -> bool:
    """Whether Twilio knows the recording, and that it will never be there."""
    found: Any = None
    with translated("recording"), unless_gone():
        found = client.recordings(sid).fetch()
    return found is not None and found.status in _NEVER


def delete(client: Client, sid: str) -> bool:
    """Delete a recording; False where Twilio has none of that id."""
    deleted: Any = None
    with translated("recording"), unless_gone():
        deleted = client.recordings(sid).delete()
    return deleted is not None


def delete_answers(client: Client, call_sid: str) -> None:
    """Delete the single answers that Twilio still has of a call."""
    found: list[Any] = []
    with translated("recording"), unless_gone():
        found = client.calls(call_sid).recordings.list(limit=_MOST)
    for one in found:
        if one.source == _OF_ONE_ANSWER and one.status not in _NEVER:
            delete(client, str(one.sid))


def stop(client: Client, call_sid: str) -> bool:
    """Stop the recording that runs; False where none does."""
    stopped: Any = None
    with translated("recording"), unless_gone():
        stopped = client.calls(call_sid).recordings(_RUNNING).update(status="stopped")
    return stopped is not None
