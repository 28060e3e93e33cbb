"""What every rung of the ladder shares: the prompt, the completion, what can go wrong, and the record of a try."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fault(StrEnum):
    """Why a rung gave nothing that can be used."""

    TIMEOUT = "timeout"
    REFUSED = "refused"  # nobody listens at the address, or it has none
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    RETIRED = "retired"
    RATE_LIMITED = "rate_limited"
    REJECTED = "rejected"  # any other 4xx: the request itself is not liked
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    BROKEN = "broken"  # the line closed midway, or the library failed
    GARBAGE = "garbage"
    EMPTY = "empty"
    ENDLESS = "endless"
    CUT_OFF = "cut_off"  # the answer hit max_tokens
    BREAKER_OPEN = "breaker_open"  # not tried
    NO_TIME = "no_time"  # not tried


class RungError(Exception):
    """A rung gave nothing that can be used. `retry_after_s` is what the server asked for, 0 when it did not."""

    def __init__(self, fault: Fault, *, retry_after_s: float = 0) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model. `version` names the wording, `schema` is the JSON Schema that an answer must fit."""

    name: str
    version: str
    system: str
    user: str
    schema: Mapping[str, Any]
    max_tokens: int = 400


@dataclass(frozen=True, slots=True)
class Completion:
    """The answer of a model; tokens are 0 where the server did not count. `is_whole` is False at max_tokens."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """One rung tried, or passed over, for one question; `fault` is "" where it answered."""

    rung: str
    model: str
    prompt: str
    prompt_version: str
    fault: str = ""
    latency_ms: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


class Rung(Protocol):
    """A language model behind an address; `timeout_s` is the longest it may take for one question."""

    @property
    def name(self) -> str:
        """What the rung is called in records: "primary" or "gemini"."""

    @property
    def model(self) -> str:
        """The model's name, from the environment."""

    @property
    def timeout_s(self) -> float:
        """Seconds that one question may take."""

    def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """The model's answer, within `timeout_s` whatever the server does.

        :raises RungError: with the fault, in every other case.
        """
