"""What every telephone provider must do for us, in our words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from voice.dialogue import Script
    from voice.events import CallEvent, CallReport, EndReason, LineState, RecordingNews, Reply, ToolCall


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What a provider posted, free of any web framework.

    `url` is the public address as the provider knows it, query included; `door` the last word of its path. Header
    names are lower case. `form` keeps repeated names; `body` is what was posted, byte for byte.
    """

    door: str
    url: str
    query: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def storable(self) -> WebhookRequest:
        """The same without what no database holds; to be asked for only after the signature was checked."""
        return replace(self, query=storable(dict(self.query)), form=storable(dict(self.form)))


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """What to answer, word for word. `kept` is what is stored of it, where it holds secrets and is not stored whole."""

    body: str
    content_type: str
    status: int = 200
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class AgentBrief:
    """What a provider needs to know of the agent who speaks.

    `opening` are the first words of this call, filled in, where the provider says them. `on_machine` is ignore,
    hang_up or leave_message; then
    `voicemail_message` is what to leave, filled in. `assistant_id` is the agent's at the provider, where it has one;
    `brain` is own or vapi; `provider_voice` the provider's name of the voice. `time_limit_s` ends the agent's calls.
    """

    script: Script
    opening: str = ""
    record: bool = False
    on_machine: str = "ignore"
    voicemail_message: str = ""
    assistant_id: str = ""
    brain: str = "own"
    provider_voice: str = ""
    knowledge: str = ""
    time_limit_s: int = 900


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that we want placed. `to` is E.164; `time_limit_s` ends it whatever happens.

    `not_among` are the provider's ids of other calls to this number, which a look-up must not take for this one.
    `agent` is None where nothing is placed, as when a call is looked up. `ask_again` is called right before each
    further try, seconds after the first; what it raises goes through, and nobody is dialled.
    """

    call_id: int
    to: str
    name: str = ""
    ring_timeout_s: int = 30
    time_limit_s: int = 900
    not_among: frozenset[str] = frozenset()
    agent: AgentBrief | None = None
    ask_again: Callable[[], None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True, slots=True)
class LineReport:
    """What a provider says of a call when asked. `end_reason` is set exactly when the line has ended.

    `told` is the conversation, where the provider led it itself. `cost_micros` are millionths of a US dollar.
    """

    provider_call_id: str
    line: LineState
    end_reason: EndReason | None = None
    duration_s: int | None = None
    told: CallReport | None = None
    cost_micros: int | None = None


@dataclass(frozen=True, slots=True)
class FetchedRecording:
    """What was written into the file. `caller_channel` counts from 0, and is a guess; None where there is none."""

    content_type: str
    channels: int
    caller_channel: int | None = None


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a live call."""


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Say this to an answering machine that has beeped, then hang up. `language` is a BCP 47 tag."""

    text: str
    language: str = "en-IN"
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Prolong:
    """Let a live call last this many seconds in all."""

    time_limit_s: int


LineAction = HangUp | LeaveMessage | Prolong


def storable(value: Any) -> Any:
    """The value without what no database holds: NUL, halves of surrogate pairs, and floats that are no number."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return [storable(one) for one in value] if isinstance(value, list | tuple) else value


class Unreadable(Exception):  # noqa: N818 -- says what the request is
    """A verified webhook that does not say which call it is about. `answer` is what its sender reads of that."""

    def __init__(self, message: str, *, answer: WebhookResponse | None = None) -> None:
        super().__init__(message)
        self.answer = answer


class ProviderError(Exception):
    """The provider could not do what we asked; the message is a sentence for staff.

    `code` is stable. `retryable` is False when a second try cannot help (bad number, refused by the account).
    `maybe_done` is True when the request may have arrived (read timeout): do not dial again. `bad_number` is True when
    this number can never be called, `blocked` when its holder must not be.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retryable: bool = False,
        maybe_done: bool = False,
        bad_number: bool = False,
        blocked: bool = False,
    ) -> None:
        super().__init__(message)
        self.bad_number = bad_number
        self.blocked = blocked
        self.code = code
        self.retryable = retryable
        self.maybe_done = maybe_done


class Provider(Protocol):
    """One telephone network. Its file holds only what differs: proof, event map, spelling of replies, requests."""

    name: str
    rings_people: bool  # False only where no person can hear the telephone
    doors: tuple[str, ...]  # the webhooks that it posts to; "fallback" must need nothing but `apology`
    records_turns: bool  # can have what the caller says recorded, answer by answer, for us to hear
    greets: bool  # says the first words itself, and so wants them with the request
    calls_per_second: float  # that it may be asked for; 0 is no limit
    max_lines: int  # calls at once that the account allows; 0 is no limit
    cost_per_minute: float  # US dollars, each begun minute; what a call is taken to cost until the provider says

    def verify(self, request: WebhookRequest) -> bool:
        """Whether the provider itself sent this; False where no secret is configured."""
        ...

    def parse(self, request: WebhookRequest) -> CallEvent:
        """The event in our words.

        :raises Unreadable: when what identifies the call is missing.
        """
        ...

    def kept(self, request: WebhookRequest) -> dict[str, object]:
        """The request as stored: enough to parse it again, without secrets and what nobody needs."""
        ...

    def render(self, reply: Reply, *, call_id: int, turn: int, event: CallEvent | None = None) -> WebhookResponse:
        """The reply as the provider wants it; `turn` is the number that the caller's answer will have.

        `event` is what is answered, for providers that are asked in more than one form.
        """
        ...

    def render_whisper(self, text: str, *, call_id: int) -> WebhookResponse:
        """What a member of staff hears before a caller is put through, with the key to press."""
        ...

    def render_accepted(self, *, accepted: bool) -> WebhookResponse:
        """Put the caller through, or let the member of staff go."""
        ...

    def render_assistant(self, agent: AgentBrief, *, call_id: int) -> WebhookResponse:
        """The assistant that takes a call that came in, or words for the caller, who is let go."""
        ...

    def render_tools(self, results: Sequence[tuple[ToolCall, str]]) -> WebhookResponse:
        """What each tool call came to, in a line for the provider's model."""
        ...

    def acknowledge(self, event: CallEvent | None = None) -> WebhookResponse:
        """The answer to an event that nobody waits for, or for which we have nothing."""
        ...

    def apology(self) -> WebhookResponse:
        """What a caller hears when all else failed; static."""
        ...

    def place_call(self, order: CallOrder) -> str:
        """Ask for a call, and return the provider's id of it.

        :raises ProviderError: see there what follows from each kind.
        """
        ...

    def act(self, provider_call_id: str, action: LineAction) -> bool:
        """Do something to a live call; False where it has ended meanwhile, which is left alone.

        :raises ProviderError: when the provider could not.
        """
        ...

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """What became of a call; by number and time where its id is unknown. None: the provider knows no such call.

        :raises ProviderError: when the provider does not say.
        """
        ...

    def recordings_of(self, provider_call_id: str) -> Sequence[RecordingNews]:
        """What was recorded of a call that is over, ready or not.

        :raises ProviderError: when the provider does not say.
        """
        ...

    def fetch_recording(
        self, provider_call_id: str, provider_recording_id: str, *, channels: int, max_bytes: int, into: BinaryIO
    ) -> FetchedRecording:
        """Write a recording of that many channels into a file, which is empty and can be sought in.

        :raises ProviderError: not_yet, gone, too_large, refused_address, not_audio, unauthorized, not_stored, down, or
            what the provider's requests raise.
        """
        ...

    def delete_recording(self, provider_call_id: str, provider_recording_id: str) -> bool:
        """Delete a recording at the provider; False where it was gone already.

        :raises ProviderError: when the provider did not.
        """
        ...

    def delete_answers(self, provider_call_id: str) -> None:
        """Delete the recordings of single answers that the provider still has of a call.

        :raises ProviderError: when the provider did not.
        """
        ...

    def stop_recording(self, provider_call_id: str) -> bool:
        """Record no more of a live call; False where it has ended, is not recorded, or the provider cannot.

        :raises ProviderError: when the provider could, but did not.
        """
        ...


class Texter(Protocol):
    """Whoever can send a text message."""

    def send_text(self, to: str, text: str) -> str:
        """Send `text` to an E.164 number; the provider's id of the message.

        :raises ProviderError: as for calls.
        """
        ...
