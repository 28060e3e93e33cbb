"""Twilio: real telephones. Facts: twilio.com/docs/voice/api/call-resource and docs/api/errors."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from voice.providers import twilio_recordings, twiml
from voice.providers import twiml_documents as documents
from voice.providers.base import HangUp, Prolong, ProviderError
from voice.providers.twilio_errors import PASSING, persistently, translated, unless_gone, unsure
from voice.providers.twilio_reports import is_since, report_of, sid_of
from voice.providers.twiml_network import INSIST, TwimlNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from twilio.http.response import Response

    from voice.events import RecordingNews
    from voice.providers.base import AgentBrief, CallOrder, FetchedRecording, LineAction, LineReport, WebhookRequest

logger = logging.getLogger(__name__)

_CLOCK_SKEW = timedelta(minutes=10)  # between Twilio's clock and ours; `not_among` keeps earlier calls apart
_DETECTION = {"hang_up": "Enable", "leave_message": "DetectMessageEnd"}

# The callee waits for this, but our answer to a second request is the same as to the first.
_ASK_TWICE = "#rc=2&rp=ct,5xx"


class _Transport(TwilioHttpClient):
    """Twilio's own client with a time limit, pointed at another server where one is configured."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        there = urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))
        return super().request(method, there, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Twilio(TwimlNetwork):
    """A Twilio account. The first of `auth_tokens` signs our requests; all are accepted on webhooks."""

    public_base_url: str
    account_sid: str
    auth_tokens: Sequence[str]
    from_number: str
    base_url: str = "https://api.twilio.com"
    timeout_s: float = 10
    name: str = "twilio"
    rings_people: bool = True
    doors: tuple[str, ...] = twiml.DOORS
    calls_per_second: float = 1
    max_lines: int = 0
    cost_per_minute: float = 0.014
    greets: bool = False
    waits_s: tuple[float, ...] = (1, 2, 4)  # before each further try

    def verify(self, request: WebhookRequest) -> bool:
        """Whether Twilio signed this; False where no token is configured."""
        if not self.auth_tokens:
            logger.warning("a Twilio webhook was refused: TWILIO_AUTH_TOKEN is not set, so no signature can be checked")
            return False
        return twiml.is_signed(request, self.auth_tokens)

    def place_call(self, order: CallOrder) -> str:
        """Ask Twilio for a call; its CallSid.

        Twilio knows no idempotency key, so after a fault on its side it is looked whether the call was made.
        """
        since = datetime.now(UTC) - _CLOCK_SKEW
        faults: list[ProviderError] = []
        tries = count()

        def once() -> str:
            made = self._made_meanwhile(order, since=since) if faults else ""
            if made:
                return made
            if next(tries):
                order.ask_again()
            try:
                return self._create(order)
            except ProviderError as error:
                if error.code != "down":
                    raise
                faults.append(error)
                made = self._made_meanwhile(order, since=since)
                if not made:
                    raise
                return made

        return persistently(
            once,
            self.waits_s,
            passing=PASSING | {"down", "unsure"},
            before_wait=lambda code: logger.warning("Twilio did not take call %s (%s)", order.call_id, code),
        )

    def _made_meanwhile(self, order: CallOrder, *, since: datetime) -> str:
        try:
            found = self.look_up(order, "", since=since)
        except ProviderError as error:
            raise unsure() from error
        return found.provider_call_id if found else ""

    def _create(self, order: CallOrder) -> str:
        address = partial(self.address, query=f"?call={order.call_id}")
        with translated():
            call = self._client().calls.create(
                to=order.to,
                from_=self.from_number,
                url=address("voice", more=_ASK_TWICE),
                method="POST",
                fallback_url=address("fallback"),
                fallback_method="POST",
                status_callback=address("status", more=INSIST),
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=order.ring_timeout_s,
                time_limit=order.time_limit_s,
                **_extras(order.agent, address),
            )
            return sid_of(call)

    def send_text(self, to: str, text: str) -> str:
        """Send a text message from our number; its MessageSid."""

        def once() -> str:
            with translated("message"):
                return sid_of(self._client().messages.create(to=to, from_=self.from_number, body=text))

        try:
            return persistently(
                once,
                self.waits_s,
                passing=PASSING,
                before_wait=lambda code: logger.warning("Twilio did not take a text message (%s)", code),
            )
        except ProviderError as error:
            if error.code == "down":  # nobody looks whether it went out, so it is not sent again
                raise unsure("message") from error
            raise

    def act(self, provider_call_id: str, action: LineAction) -> bool:
        """Change the live call; what has ended meanwhile (21220, 404) is left alone, and False."""
        changed: Any = None
        with translated(), unless_gone():
            changed = self._client().calls(provider_call_id).update(**_change(action))
        return changed is not None

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """Ask Twilio by CallSid, or by number and time."""
        found: list[Any] = []
        with translated(), unless_gone():
            calls = self._client().calls
            if provider_call_id:
                return report_of(calls(provider_call_id).fetch())
            found = [
                call
                for call in calls.list(to=order.to, from_=self.from_number, limit=20)
                if call.sid not in order.not_among and is_since(call, since)
            ]
        return report_of(found[0]) if found else None

    def recordings_of(self, provider_call_id: str) -> Sequence[RecordingNews]:
        """What Twilio has recorded of a call."""
        return twilio_recordings.of_call(self._client(), provider_call_id)

    def fetch_recording(
        self,
        provider_call_id: str,  # noqa: ARG002 -- Provider
        provider_recording_id: str,
        *,
        channels: int,
        max_bytes: int,
        into: BinaryIO,
    ) -> FetchedRecording:
        """Download a recording by its RecordingSid; the address that a webhook names is never used."""
        client = self._client()  # raises where the account is not set up
        access = twilio_recordings.Access(self.base_url, self.account_sid, self.auth_tokens[0], self.timeout_s)
        return twilio_recordings.fetch(
            client, access, provider_recording_id, channels=channels, max_bytes=max_bytes, into=into
        )

    def delete_recording(self, provider_call_id: str, provider_recording_id: str) -> bool:  # noqa: ARG002 -- Provider
        """Delete a recording at Twilio."""
        return twilio_recordings.delete(self._client(), provider_recording_id)

    def delete_answers(self, provider_call_id: str) -> None:
        """Delete the answers that Twilio still has of a call."""
        twilio_recordings.delete_answers(self._client(), provider_call_id)

    def stop_recording(self, provider_call_id: str) -> bool:
        """Stop the recording that runs, if one does."""
        return twilio_recordings.stop(self._client(), provider_call_id)

    def _client(self) -> Client:
        if not (self.account_sid and self.auth_tokens and self.from_number):
            raise ProviderError(
                "Twilio is not set up. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER.",
                code="not_configured",
            )
        return Client(self.account_sid, self.auth_tokens[0], http_client=_Transport(self.base_url, self.timeout_s))


def _extras(agent: AgentBrief | None, address: Callable[..., str]) -> dict[str, Any]:
    """Recording and answering-machine detection, where the agent wants them."""
    asked: dict[str, Any] = {}
    if agent and agent.record:
        asked |= {
            "record": True,
            "recording_channels": "dual",
            "trim": "do-not-trim",  # silence cut from the start would shift every second that a word was said at
            "recording_status_callback": address("recording", more=INSIST),
            "recording_status_callback_method": "POST",
            "recording_status_callback_event": ["completed", "absent"],
        }
    if agent and agent.on_machine in _DETECTION:
        asked |= {
            "machine_detection": _DETECTION[agent.on_machine],
            "async_amd": "true",  # a person is greeted at once, not after four seconds of silence
            "async_amd_status_callback": address("amd", more=INSIST),
            "async_amd_status_callback_method": "POST",
        }
    return asked


def _change(action: LineAction) -> dict[str, Any]:
    if isinstance(action, HangUp):
        return {"status": "completed"}
    if isinstance(action, Prolong):
        return {"time_limit": action.time_limit_s}
    return {"twiml": documents.left_message(action)}
