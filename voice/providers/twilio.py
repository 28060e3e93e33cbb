"""Twilio: real telephones. Facts: twilio.com/docs/voice/api/call-resource and docs/api/errors."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from voice.providers import twiml, twiml_documents
from voice.providers.base import HangUp, LineReport, ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twilio.http.response import Response

    from voice.events import CallEvent, Reply, ToolCall
    from voice.providers.base import AgentBrief, CallOrder, LineAction, WebhookRequest, WebhookResponse

logger = logging.getLogger(__name__)

# Codes whose cure differs from "check the number": docs/api/errors
_SENTENCES = {
    20003: "Twilio refused the account's credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
    20008: "Twilio's test credentials cannot do this. Use the account's live credentials.",
    10001: "The Twilio account is not active. Reactivate it in the Twilio console.",
    10004: "Twilio's limit of calls at once is reached. The call is tried again.",
    21205: "Twilio refused PUBLIC_BASE_URL as an address. Set it to the public https address of this server.",
    21210: "TWILIO_FROM_NUMBER is not a number of this Twilio account. Set it to one that is.",
    21212: "TWILIO_FROM_NUMBER is not a valid number. Set it to a number of the Twilio account, like +14155550100.",
    21213: "TWILIO_FROM_NUMBER is missing. Set it to a number of the Twilio account.",
    21203: "The Twilio account may not call this country. Allow it under Voice, Geographic Permissions.",
    21215: "The Twilio account may not call this country. Allow it under Voice, Geographic Permissions.",
    21216: "Twilio blocks calls to this number.",
    21219: "A Twilio trial account may call only verified numbers. Verify this number or upgrade the account.",
}
_CLOCK_SKEW = timedelta(minutes=10)  # between Twilio's clock and ours; `not_among` keeps earlier calls apart
_BAD_NUMBER = {21201, 21211, 21214, 21217}


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
class Twilio:
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
    calls_per_second: float = 0
    max_lines: int = 0
    cost_per_minute: float = 0

    def verify(self, request: WebhookRequest) -> bool:
        """Whether Twilio signed this; False where no token is configured."""
        if not self.auth_tokens:
            logger.warning("a Twilio webhook was refused: TWILIO_AUTH_TOKEN is not set, so no signature can be checked")
            return False
        return twiml.is_signed(request, self.auth_tokens)

    def parse(self, request: WebhookRequest) -> CallEvent:
        """The event in our words."""
        return twiml.parse(request, provider=self.name)

    def kept(self, request: WebhookRequest) -> dict[str, object]:
        """The request as stored."""
        return twiml.kept(request)

    def render(self, reply: Reply, *, call_id: int, turn: int) -> WebhookResponse:
        """The reply as TwiML."""
        if reply.transfer:
            return twiml_documents.put_through(
                reply,
                reply.transfer,
                caller_id=self.from_number,
                action=self._address("transferred", f"?call={call_id}&turn={turn}"),
                whisper=self._address("whisper", f"?call={call_id}"),
            )
        return twiml_documents.render(reply, action=self._address("process", f"?call={call_id}&turn={turn}"))

    def render_whisper(self, text: str, *, call_id: int) -> WebhookResponse:
        """The whisper as TwiML."""
        return twiml_documents.whisper(text, action=self._address("accepted", f"?call={call_id}"))

    def render_accepted(self, *, accepted: bool) -> WebhookResponse:
        """An empty document bridges the two."""
        return twiml_documents.accepted(accepted=accepted)

    def render_assistant(self, agent: AgentBrief | None, *, call_id: int) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """Twilio has no assistants, and asks for none."""
        return twiml_documents.apology()

    def render_tools(self, results: Sequence[tuple[ToolCall, str]]) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """Twilio has no tools, and asks for none."""
        return twiml_documents.acknowledge()

    def acknowledge(self) -> WebhookResponse:
        """An empty TwiML document."""
        return twiml_documents.acknowledge()

    def apology(self) -> WebhookResponse:
        """A static apology."""
        return twiml_documents.apology()

    def place_call(self, order: CallOrder) -> str:
        """Ask Twilio for a call; its CallSid.

        :raises ProviderError: `maybe_done` where the request may have arrived, for Twilio knows no idempotency key.
        """
        asked_at = datetime.now(UTC) - _CLOCK_SKEW
        try:
            return self._create(order)
        except ProviderError as error:
            if error.code not in {"server_error", "down"}:
                raise
            return self._after_fault(order, error, since=asked_at)

    def _after_fault(self, order: CallOrder, error: ProviderError, *, since: datetime) -> str:
        """A fault at Twilio leaves open whether the call was made, so look before anybody dials again."""
        try:
            found = self.look_up(order, "", since=since)
        except ProviderError:
            raise error from None
        if found:
            return found.provider_call_id
        raise ProviderError("Twilio failed. The call is tried again.", code="down", retryable=True) from error

    def _create(self, order: CallOrder) -> str:
        try:
            call = self._client().calls.create(
                to=order.to,
                from_=self.from_number,
                url=self._address("voice", f"?call={order.call_id}"),
                method="POST",
                fallback_url=self._address("fallback"),
                fallback_method="POST",
                status_callback=self._address("status", f"?call={order.call_id}"),
                status_callback_method="POST",
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                timeout=order.ring_timeout_s,
                time_limit=order.time_limit_s,
            )
        except (TwilioException, requests.RequestException) as error:
            _refuse(error)
        return str(call.sid)

    def act(self, provider_call_id: str, action: LineAction) -> None:
        """Change the live call; what has ended meanwhile (21220, 404) is left alone."""
        change = (
            {"status": "completed"} if isinstance(action, HangUp) else {"twiml": twiml_documents.left_message(action)}
        )
        try:
            self._client().calls(provider_call_id).update(**change)
        except TwilioRestException as error:
            if error.code != 21220 and error.status != 404:
                _refuse(error)
        except (TwilioException, requests.RequestException) as error:
            _refuse(error)

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """Ask Twilio by CallSid, or by number and time."""
        try:
            calls = self._client().calls
            if provider_call_id:
                return _report(calls(provider_call_id).fetch())
            found = [
                call
                for call in calls.list(to=order.to, from_=self.from_number, limit=20)
                if call.sid not in order.not_among and _is_since(call, since)
            ]
        except TwilioRestException as error:
            if error.status == 404:
                return None
            _refuse(error)
        except (TwilioException, requests.RequestException) as error:
            _refuse(error)
        return _report(found[0]) if found else None

    def _client(self) -> Client:
        if not (self.account_sid and self.auth_tokens and self.from_number):
            raise ProviderError(
                "Twilio is not set up. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM_NUMBER.",
                code="not_configured",
            )
        return Client(self.account_sid, self.auth_tokens[0], http_client=_Transport(self.base_url, self.timeout_s))

    def _address(self, door: str, query: str = "") -> str:
        return f"{self.public_base_url}/webhooks/{self.name}/{door}{query}"


def _is_since(call: Any, since: datetime) -> bool:
    # A call that still waits at Twilio has no start time, so its creation decides; it may lack that, too.
    return call.date_created is None or call.date_created >= since


def _report(call: Any) -> LineReport | None:
    line = twiml.line_of(call.status)
    if line is None:
        raise ProviderError(
            "Twilio gave the call a state that is not known here.", code="unknown_state", retryable=True
        )
    duration = int(call.duration) if call.duration else None
    return LineReport(call.sid, line, twiml.end_reason_of(call.status), duration)


def _refuse(error: TwilioException | requests.RequestException) -> NoReturn:
    """Translate what went wrong. Only what surely did not arrive may be tried again."""
    if isinstance(error, TwilioRestException):
        raise _from_rest(error) from error
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or _never_connected(error):
        raise ProviderError(
            "Twilio could not be reached. The call is tried again.", code="unreachable", retryable=True
        ) from error
    raise ProviderError(
        "Twilio did not answer in time, so it may or may not have placed the call.", code="no_answer", maybe_done=True
    ) from error


def _never_connected(error: Exception) -> bool:
    return isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error)


def _from_rest(error: TwilioRestException) -> ProviderError:
    code = error.code or 0
    if error.status == 429 or code in {20429, 10004}:
        return ProviderError(
            _SENTENCES.get(code, "Twilio is busy. The call is tried again."), code="busy", retryable=True
        )
    if error.status == 503:
        return ProviderError("Twilio is down. The call is tried again.", code="down", retryable=True)
    if error.status >= 500:
        return ProviderError(
            "Twilio failed while it was asked, so it may or may not have placed the call.",
            code="server_error",
            maybe_done=True,
        )
    if code in _BAD_NUMBER:
        return ProviderError("Twilio cannot call this number. Check it and correct the lead.", code="bad_number")
    sentence = _SENTENCES.get(code, f"Twilio refused the call (error {code or error.status}).")
    return ProviderError(sentence, code=f"twilio_{code or error.status}")
