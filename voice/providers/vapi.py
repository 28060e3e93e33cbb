"""Vapi: a provider that leads the conversation itself and reports it. Facts: docs.vapi.ai/api-reference/calls."""

from __future__ import annotations

import hmac
import logging
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

import requests

from voice.events import LineState
from voice.providers import vapi_messages
from voice.providers.base import LineReport, ProviderError, WebhookResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from voice.events import CallEvent, Reply
    from voice.providers.base import CallOrder, WebhookRequest

logger = logging.getLogger(__name__)

_WINDOW_S = 300  # how old a signed webhook may be
_PAGE = 100  # calls that one look-up asks for
_NAME = 40  # characters; a longer name is refused
_SENTENCES = {
    401: "Vapi refused the API key. Set VAPI_API_KEY to the private key of the Vapi account.",
    402: "The Vapi account has no credit left. Add some in Vapi's dashboard.",
    403: "The Vapi account may not do this. Look at its plan and its keys in Vapi's dashboard.",
    404: "Vapi does not know the assistant or the number. Check VAPI_ASSISTANT_ID and VAPI_PHONE_NUMBER_ID.",
}


@dataclass(frozen=True, slots=True)
class Vapi:
    """A Vapi account. `webhook_auth` is bearer, x-vapi-secret or hmac; any of `webhook_secrets` proves a webhook.

    `clock` gives seconds since 1970.
    """

    public_base_url: str
    api_key: str
    assistant_id: str
    phone_number_id: str
    webhook_auth: str
    webhook_secrets: Sequence[str]
    base_url: str = "https://api.vapi.ai"
    timeout_s: float = 10
    clock: Callable[[], float] = time.time
    name: str = "vapi"
    rings_people: bool = True
    doors: tuple[str, ...] = ("call",)
    calls_per_second: float = 0
    max_lines: int = 0
    cost_per_minute: float = 0

    def verify(self, request: WebhookRequest) -> bool:
        """Whether the request carries a secret of ours, or a fresh signature made with one."""
        if not self.webhook_secrets:
            logger.warning("a Vapi webhook was refused: VAPI_WEBHOOK_SECRET is not set, so nothing can prove it")
            return False
        if self.webhook_auth == "hmac":
            return self._is_signed(request)
        if self.webhook_auth == "bearer":
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            return scheme.lower() == "bearer" and _is_any_of(given, self.webhook_secrets)
        return _is_any_of(request.headers.get("x-vapi-secret", ""), self.webhook_secrets)

    def _is_signed(self, request: WebhookRequest) -> bool:
        stamp = request.headers.get("x-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
            return False
        # Vapi does not say whether it counts seconds or milliseconds.
        seconds = int(stamp) / 1000 if len(stamp) > 11 else int(stamp)
        if abs(self.clock() - seconds) > _WINDOW_S:
            return False
        signed = f"{stamp}.".encode() + request.body
        expected = [hmac.digest(secret.encode(), signed, "sha256").hex() for secret in self.webhook_secrets]
        return _is_any_of(request.headers.get("x-signature", "").removeprefix("sha256="), expected)

    def parse(self, request: WebhookRequest) -> CallEvent:
        """The event in our words."""
        return vapi_messages.parse(request.body, provider=self.name)

    def kept(self, request: WebhookRequest) -> dict[str, object]:
        """The request as stored."""
        return {"door": request.door, "query": {}, "form": {}, "headers": {}, "body": vapi_messages.kept(request.body)}

    def render(self, reply: Reply, *, call_id: int, turn: int) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """Nothing: Vapi's own assistant speaks."""
        return self.acknowledge()

    def acknowledge(self) -> WebhookResponse:
        """An empty object."""
        return WebhookResponse("{}", "application/json")

    def apology(self) -> WebhookResponse:
        """Nothing: Vapi's own assistant speaks."""
        return self.acknowledge()

    def place_call(self, order: CallOrder) -> str:
        """Ask Vapi for a call; its id.

        :raises ProviderError: `maybe_done` where the request may have arrived, for Vapi knows no idempotency key.
        """
        self._must_be_set_up()
        made = self._ask("POST", "/call", json=self._call(order))
        if isinstance(made, dict) and made.get("id"):
            return str(made["id"])
        raise _unclear()

    def _call(self, order: CallOrder) -> dict[str, object]:
        return {
            "name": vapi_messages.reference(order.call_id),
            "assistantId": self.assistant_id,
            "phoneNumberId": self.phone_number_id,
            # The call itself carries no metadata; what comes back in every webhook is the customer.
            "customer": {
                "number": order.to,
                **({"name": order.name[:_NAME]} if order.name else {}),
                "externalId": vapi_messages.reference(order.call_id),
            },
            "assistantOverrides": {
                "variableValues": {"lead_name": _as_prompt(order.name)},
                "maxDurationSeconds": order.time_limit_s,
            },
        }

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """Ask Vapi by its id, or by our own among the calls since then."""
        self._must_be_set_up()
        if provider_call_id:
            call = self._ask("GET", f"/call/{quote(provider_call_id, safe='')}", absent=404)
            return _report(call) if call is not None else None
        query = {"phoneNumberId": self.phone_number_id, "createdAtGe": since.isoformat(), "limit": str(_PAGE)}
        calls = self._ask("GET", "/call", params=query)
        if not isinstance(calls, list):
            raise _unclear()
        for call in calls:
            if vapi_messages.our_call_id(call.get("customer") or {}) == order.call_id:
                return _report(call)
        if len(calls) == _PAGE:
            # Absence from a full page proves nothing, and a call that is not there is dialled again.
            raise ProviderError("Vapi has too many calls to tell what became of this one.", code="too_many")
        return None

    def _must_be_set_up(self) -> None:
        if not (self.api_key and self.assistant_id and self.phone_number_id):
            needed = "VAPI_API_KEY, VAPI_ASSISTANT_ID and VAPI_PHONE_NUMBER_ID"
            raise ProviderError(f"Vapi is not set up. Set {needed}.", code="not_configured")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        absent: int = 0,
    ) -> Any:
        """The JSON that Vapi answers; None where it answers with the status `absent`."""
        try:
            response = requests.request(
                method,
                self.base_url + path,
                json=json,
                params=params,
                headers={"Authorization": f"Bearer {self.api_key}"},
                timeout=self.timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            _refuse(error)
        if response.status_code == absent:
            return None
        if not 200 <= response.status_code < 300:
            raise _from_response(response)
        try:
            return response.json()
        except ValueError:
            raise _unclear() from None


def _is_any_of(given: str, secrets: Sequence[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets)


def _as_prompt(name: str) -> str:
    """A name that can be nothing but a name, for it becomes part of the assistant's instructions."""
    return " ".join(re.sub(r"[^\w\s.'-]", " ", name).split())[:_NAME]


def _report(call: dict[str, Any]) -> LineReport:
    line = vapi_messages.line_of(call.get("status"))
    if line is None:
        raise ProviderError("Vapi gave the call a state that is not known here.", code="unknown_state", retryable=True)
    if line is not LineState.ENDED:
        return LineReport(str(call["id"]), line)
    end_reason = vapi_messages.end_reason_of(call.get("endedReason"))
    duration = vapi_messages.duration_of(call)
    return LineReport(str(call["id"]), line, end_reason, duration, vapi_messages.report_of(call))


def _refuse(error: requests.RequestException) -> NoReturn:
    """Translate what went wrong on the way. Only what surely did not arrive may be tried again."""
    unsent = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError)
    if unsent or "NewConnectionError" in repr(error):
        raise ProviderError(
            "Vapi could not be reached. The call is tried again.", code="unreachable", retryable=True
        ) from error
    raise ProviderError(
        "Vapi did not answer in time, so it may or may not have placed the call.", code="no_answer", maybe_done=True
    ) from error


def _unclear() -> ProviderError:
    return ProviderError(
        "Vapi's answer could not be read, so it may or may not have placed the call.", code="unclear", maybe_done=True
    )


def _from_response(response: requests.Response) -> ProviderError:
    status, said = response.status_code, _said(response)
    if status == 429 or "concurrency" in said.lower():
        return ProviderError(
            "Vapi's limit of calls at once is reached. The call is tried again.", code="busy", retryable=True
        )
    if status == 503:
        return ProviderError("Vapi is down. The call is tried again.", code="down", retryable=True)
    if status >= 500:
        return ProviderError(
            "Vapi failed while it was asked, so it may or may not have placed the call.",
            code="server_error",
            maybe_done=True,
        )
    if status == 400 and "customer.number" in said:
        return ProviderError("Vapi cannot call this number. Check it and correct the lead.", code="bad_number")
    sentence = _SENTENCES.get(status, f"Vapi refused the call (error {status}). Look at the call in Vapi's dashboard.")
    return ProviderError(sentence, code=f"vapi_{status}")


def _said(response: requests.Response) -> str:
    """Vapi's own words, a text or a list of them; they may repeat a number, so they are not passed on."""
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""
