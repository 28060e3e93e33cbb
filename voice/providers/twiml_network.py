"""What any network that speaks Twilio's dialect has in common: Twilio's own, and the pretend one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.providers import twiml
from voice.providers import twiml_documents as documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.events import CallEvent, Reply, ToolCall
    from voice.providers.base import AgentBrief, WebhookRequest, WebhookResponse


# Nobody waits for these, and what they tell comes once: docs/usage/webhooks/webhooks-connection-overrides
INSIST = "#rc=5&rp=ct,rt,5xx"


class TwimlNetwork:
    """Forms in, documents out. Whoever inherits says what it is called, where we are, and from which number we call."""

    __slots__ = ()

    public_base_url: str
    name: str
    from_number: str  # what those who are called see
    records_turns: bool = True

    def address(self, door: str, query: str = "", *, more: str = "") -> str:
        """The public address of one of our doors; `more` is how insistently it is to be asked."""
        return f"{self.public_base_url}/webhooks/{self.name}/{door}{query}{more}"

    def parse(self, request: WebhookRequest) -> CallEvent:
        """The event in our words."""
        return twiml.parse(request, provider=self.name)

    def kept(self, request: WebhookRequest) -> dict[str, object]:
        """The request as stored."""
        return twiml.kept(request)

    def render(self, reply: Reply, *, call_id: int, turn: int, event: CallEvent | None = None) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """The reply as TwiML."""
        announce = self.address("recording", f"?call={call_id}", more=INSIST)
        if reply.transfer:
            return documents.put_through(
                reply,
                reply.transfer,
                caller_id=self.from_number,
                action=self.address("transferred", f"?call={call_id}&turn={turn}"),
                whisper=self.address("whisper", f"?call={call_id}"),
                announce=announce,
            )
        query = f"?call={call_id}&turn={turn}"
        if reply.wait:
            return documents.hold(self.address("process", f"{query}&wait={reply.wait}"))
        return documents.render(reply, action=self.address("process", query), announce=announce)

    def render_whisper(self, text: str, *, call_id: int) -> WebhookResponse:
        """The whisper as TwiML."""
        return documents.whisper(text, action=self.address("accepted", f"?call={call_id}"))

    def render_accepted(self, *, accepted: bool) -> WebhookResponse:
        """An empty document bridges the two."""
        return documents.accepted(accepted=accepted)

    def render_assistant(self, agent: AgentBrief, *, call_id: int) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """There are no assistants here, and nobody asks for one."""
        return documents.apology()

    def render_tools(self, results: Sequence[tuple[ToolCall, str]]) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """There are no tools here, and nobody asks for one."""
        return documents.acknowledge()

    def acknowledge(self, event: CallEvent | None = None) -> WebhookResponse:  # noqa: ARG002 -- Provider
        """An empty TwiML document."""
        return documents.acknowledge()

    def apology(self) -> WebhookResponse:
        """A static apology."""
        return documents.apology()
