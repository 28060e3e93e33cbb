"""Vapi: a provider whose assistant hears and speaks. Facts: docs.vapi.ai/api-reference/calls."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from voice.events import EventKind, LineState
from voice.providers import (
    vapi_assistant,
    vapi_callers,
    vapi_llm,
    vapi_messages,
    vapi_proof,
    vapi_requests,
    vapi_tools,
)
from voice.providers.base import HangUp, Prolong, ProviderError, WebhookResponse
from voice.providers.vapi_api import Api, unclear
from voice.providers.vapi_ends import LINES_BUSY
from voice.providers.vapi_recordings import VapiRecordings
from voice.providers.vapi_reports import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voice.events import CallEvent, Reply, ToolCall
    from voice.providers.base import AgentBrief, CallOrder, LineAction, LineReport, WebhookRequest

logger = logging.getLogger(__name__)

_PAGE = 1000  # calls that one look-up asks for; the most that Vapi gives
_CLOCK_SKEW = timedelta(minutes=10)  # between Vapi's clock and ours
_REFUSALS: dict[str, dict[str, object]] = {
    # Whom to call, and when, is decided here; a campaign at Vapi would go past the gate.
    "campaign.predial": {"eligible": False},
    "handoff-destination-request": {"error": "There is nobody else to hand over to. Go on yourself."},
    "knowledge-base-request": {"documents": []},
}
_CLOSED = "Sorry, nobody can take your call at the moment. Please call again later."


@dataclass(frozen=True, slots=True)
class Vapi(VapiRecordings):
    """A Vapi account. `webhook_auth` is bearer, x-vapi-secret or hmac; any of `webhook_secrets` proves a webhook.

    `assistant_id` is the assistant of agents that have none of their own. `credential_id` names what Vapi proves itself
    with, where it is kept there; `public_key` proves orders to live calls. `clock` gives seconds since 1970; `waits_s`
    are the pauses before each further try of a request.
    """

    public_base_url: str
    api_key: str
    assistant_id: str
    phone_number_id: str
    webhook_auth: str
    webhook_secrets: Sequence[str]
    base_url: str = "https://api.vapi.ai"
    timeout_s: float = 10
    credential_id: str = ""
    public_key: str = ""
    model: str = "openai/gpt-4.1-mini"
    clock: Callable[[], float] = time.time
    waits_s: Sequence[float] = (1, 2, 4)
    name: str = "vapi"
    rings_people: bool = True
    doors: tuple[str, ...] = ("call", "llm")
    calls_per_second: float = 0
    max_lines: int = 10
    cost_per_minute: float = 0.10
    records_turns: bool = False
    greets: bool = True

    def verify(self, request: WebhookRequest) -> bool:
        """Whether the request carries a secret of ours, or a fresh signature made with one."""
        if not self.webhook_secrets:
            logger.warning("a Vapi webhook was refused: VAPI_WEBHOOK_SECRET is not set, so nothing can prove it")
            return False
        secrets = self.webhook_secrets
        if request.door == "llm":
            # Vapi signs no requests to a model; its headers are the assistant's, whatever proves the webhooks.
            return vapi_proof.has_bearer(request, secrets) or vapi_proof.has_secret(request, secrets)
        if self.webhook_auth == "hmac":
            return vapi_proof.is_signed(request, secrets, at=self.clock())
        proven = vapi_proof.has_bearer if self.webhook_auth == "bearer" else vapi_proof.has_secret
        return proven(request, secrets)

    def parse(self, request: WebhookRequest) -> CallEvent:
        """The event in our words."""
        if request.door == "llm":
            return vapi_llm.parse(request.body, provider=self.name)
        return vapi_messages.parse(request.body, provider=self.name)

    def kept(self, request: WebhookRequest) -> dict[str, object]:
        """The request as stored."""
        slim = vapi_llm.kept(request.body) if request.door == "llm" else vapi_messages.kept(request.body)
        return {"door": request.door, "query": {}, "form": {}, "headers": {}, "body": slim}

    def render(self, reply: Reply, *, call_id: int, turn: int, event: CallEvent | None = None) -> WebhookResponse:
        """The next words, where our dialogue is the assistant's model; nothing where Vapi's own assistant speaks."""
        if event is None or event.kind is not EventKind.HEARD:
            return self.acknowledge()
        return vapi_llm.render(reply, call_id=call_id, turn=turn, event=event, at=int(self.clock()))

    def render_whisper(self, text: str, *, call_id: int) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """Nothing: the whisper went with the transfer, and Vapi says it."""
        return self.acknowledge()

    def render_accepted(self, *, accepted: bool) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """Nothing: Vapi puts the caller through."""
        return self.acknowledge()

    def render_assistant(self, agent: AgentBrief, *, call_id: int) -> WebhookResponse:
        """The assistant that takes a call that came in, or words for the caller, who is let go."""
        own = vapi_requests.overrides(call_id)
        try:
            door = self._door_for(agent)
        except ProviderError as error:
            logger.error("nobody can answer call %s: %s", call_id, error)  # noqa: TRY400 -- the sentence says it all
            return _as_json({"error": _CLOSED})
        speaker = partial(vapi_requests.speaker, agent, own=own, assistant_id=self.assistant_id)
        # With the assistant goes what proves Vapi here.
        known = _as_json(speaker(door=door and replace(door, headers={}, llm_headers={})))
        return replace(_as_json(speaker(door=door)), kept=known.body)

    def render_tools(self, results: Sequence[tuple[ToolCall, str]]) -> WebhookResponse:
        """One line for each tool call."""
        return vapi_tools.render(results)

    def acknowledge(self, event: CallEvent | None = None) -> WebhookResponse:
        """An empty object; a refusal for what Vapi wants decided and we do not do."""
        return _as_json(_REFUSALS.get(event.extra.get("asks", ""), {}) if event else {})

    def apology(self) -> WebhookResponse:
        """That there is no such call here, as whoever asks for a completion reads it."""
        refused = vapi_llm.refusal("there is no such call here", "unknown_call", status=404)
        return refused.answer or self.acknowledge()

    def place_call(self, order: CallOrder) -> str:
        """Ask Vapi for a call; its id.

        :raises ProviderError: `maybe_done` where the request may have arrived, for Vapi knows no idempotency key.
        """
        self._must_be_set_up(order.agent)
        since = datetime.fromtimestamp(self.clock(), tz=UTC) - _CLOCK_SKEW

        def made() -> str | None:
            found = self.look_up(order, "", since=since)
            return found.provider_call_id if found else None

        call = vapi_requests.call_of(
            order,
            self._door_for(order.agent),
            phone_number_id=self.phone_number_id,
            assistant_id=self.assistant_id,
        )
        return self._api().place(call, look_up=made, ask_again=order.ask_again)

    def _door_for(self, agent: AgentBrief | None) -> vapi_assistant.Door | None:
        """The door, where an assistant has to be made."""
        has_one = agent is None or bool(agent.assistant_id or self.assistant_id)
        return None if has_one else self.door()

    def door(self) -> vapi_assistant.Door:
        """Where and how Vapi reaches us.

        :raises ProviderError: when Vapi could not prove itself.
        """
        if not self.webhook_secrets:
            raise ProviderError("Vapi could not prove itself here. Set VAPI_WEBHOOK_SECRET.", code="not_configured")
        if self.webhook_auth == "hmac" and not self.credential_id:
            sentence = "Vapi cannot sign without a credential. Make one in its dashboard and set VAPI_CREDENTIAL_ID."
            raise ProviderError(sentence, code="not_configured")
        secret = self.webhook_secrets[0]
        bearer = self.webhook_auth == "bearer"
        return vapi_assistant.Door(
            base_url=self.public_base_url,
            headers={"Authorization": f"Bearer {secret}"} if bearer else {"X-Vapi-Secret": secret},
            credential_id=self.credential_id,
            llm_headers={"X-Vapi-Secret": secret},
            model=self.model,
            is_controlled=bool(self.public_key),
        )

    def assistant(self, assistant_id: str) -> dict[str, Any] | None:
        """An assistant as Vapi has it; None where it was deleted there.

        :raises ProviderError: when Vapi does not say.
        """
        found = self._api().ask("GET", f"/assistant/{quote(assistant_id, safe='')}", absent=404)
        return found if isinstance(found, dict) else None

    def save_assistant(self, assistant_id: str, wanted: dict[str, object]) -> str:
        """Make an assistant, or change the one of this id; its id.

        :raises ProviderError: when Vapi refuses.
        """
        method, path = (
            ("PATCH", f"/assistant/{quote(assistant_id, safe='')}") if assistant_id else ("POST", "/assistant")
        )
        saved = self._api().ask(method, path, json=wanted)
        if not isinstance(saved, dict) or not saved.get("id"):
            raise ProviderError("Vapi did not say which assistant it saved. Run it again.", code="unclear")
        return str(saved["id"])

    def act(self, provider_call_id: str, action: LineAction) -> bool:
        """End a live call, or leave a message on it and end it; False for a call that is over, which is left alone.

        :raises ProviderError: when Vapi could not.
        """
        if isinstance(action, Prolong):
            raise ProviderError("Vapi cannot lengthen a call that has begun.", code="not_possible")
        call = self._api().live(provider_call_id)
        if call is None or vapi_messages.line_of(call.get("status")) is LineState.ENDED:
            return False
        url = as_object(call.get("monitor")).get("controlUrl")
        if not url:
            raise ProviderError("Vapi gives no way to steer this call.", code="no_control")
        if isinstance(action, HangUp):
            return self._api().control(str(url), {"type": "end-call"})
        return self._api().control(str(url), {"type": "say", "content": action.text, "endCallAfterSpoken": True})

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """Ask Vapi by its id, or by our own among the calls since then."""
        if not (self.api_key and self.phone_number_id):
            raise self._not_set_up()
        if provider_call_id:
            call = self._api().live(provider_call_id)
            return vapi_messages.line_report(call) if call is not None else None
        query = {"phoneNumberId": self.phone_number_id, "createdAtGe": since.isoformat(), "limit": str(_PAGE)}
        calls = self._api().ask("GET", "/call", params=query)
        if not isinstance(calls, list):
            raise unclear()
        for call in calls:
            is_ours = vapi_callers.our_call_id(as_object(call.get("customer"))) == order.call_id
            # One that found no line is over, and was put back here to be asked for again.
            if is_ours and call.get("endedReason") != LINES_BUSY:
                return vapi_messages.line_report(call)
        if len(calls) == _PAGE:
            # Absence from a full page proves nothing, and a call that is not there is dialled again.
            raise ProviderError("Vapi has too many calls to tell what became of this one.", code="too_many")
        return None

    def _api(self) -> Api:
        if not self.api_key:
            raise self._not_set_up()
        return Api(self.base_url, self.api_key, self.public_key, self.timeout_s, self.waits_s)

    def _must_be_set_up(self, agent: AgentBrief | None) -> None:
        if not (self.api_key and self.phone_number_id) or (agent is None and not self.assistant_id):
            raise self._not_set_up()

    def _not_set_up(self) -> ProviderError:
        sentence = "Vapi is not set up. Set VAPI_API_KEY and VAPI_PHONE_NUMBER_ID, then run manage.py vapi sync."
        return ProviderError(sentence, code="not_configured")


def _as_json(answer: object) -> WebhookResponse:
    return WebhookResponse(json.dumps(answer, ensure_ascii=False), "application/json")
