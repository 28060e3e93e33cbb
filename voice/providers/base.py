"""What every telephone provider must do for us, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from voice.events import CallEvent, CallReport, EndReason, LineState, Reply


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
    """What to answer, word for word."""

    body: str
    content_type: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that we want placed. `to` is E.164; `time_limit_s` ends it whatever happens.

    `not_among` are the provider's ids of other calls to this number, which a look-up must not take for this one.
    """

    call_id: int
    to: str
    name: str = ""
    ring_timeout_s: int = 30
    time_limit_s: int = 900
    not_among: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LineReport:
    """What a provider says of a call when asked. `end_reason` is set exactly when the line has ended.

    `told` is the conversation, where the provider led it itself.
    """

    provider_call_id: str
    line: LineState
    end_reason: EndReason | None = None
    duration_s: int | None = None
    told: CallReport | None = None


def storable(value: Any) -> Any:
    """The value without the characters that no database holds: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, list | tuple) else value


class Unreadable(Exception):  # noqa: N818 -- says what the request is
    """A verified webhook that does not say which call it is about."""


class ProviderError(Exception):
    """The provider could not do what we asked; the message is a sentence for staff.

    `code` is stable. `retryable` is False when a second try cannot help (bad number, refused by the account).
    `maybe_done` is True when the request may have arrived (read timeout): do not dial again.
    """

    def __init__(self, message: str, *, code: str, retryable: bool = False, maybe_done: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.maybe_done = maybe_done


class Provider(Protocol):
    """One telephone network. Its file holds only what differs: proof, event map, spelling of replies, requests."""

    name: str
    rings_people: bool  # False only where no person can hear the telephone
    doors: tuple[str, ...]  # the webhooks that it posts to; "fallback" must need nothing but `apology`

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

    def render(self, reply: Reply, *, call_id: int, turn: int) -> WebhookResponse:
        """The reply as the provider wants it; `turn` is the number that the caller's answer will have."""
        ...

    def acknowledge(self) -> WebhookResponse:
        """The answer to an event that nobody waits for."""
        ...

    def apology(self) -> WebhookResponse:
        """What a caller hears when all else failed; static."""
        ...

    def place_call(self, order: CallOrder) -> str:
        """Ask for a call, and return the provider's id of it.

        :raises ProviderError: see there what follows from each kind.
        """
        ...

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:
        """What became of a call; by number and time where its id is unknown. None: the provider knows no such call.

        :raises ProviderError: when the provider does not say.
        """
        ...
