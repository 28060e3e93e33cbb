"""The ladder: the best model first, then the next, then nothing; the rules answer then."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from voice.llm.base import Attempt, Completion, Fault, RungError
from voice.llm.breaker import Breaker
from voice.llm.reading import read as read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice.llm.base import Prompt, Rung

logger = logging.getLogger(__name__)

RULES = "rules"
"""The rung that is always there: no model at all."""

LIVE_BUDGET_S = 7.5
"""Seconds for all rungs of a live turn, so that it stays under 8 s with all that rules and database need."""

LEAST_S = 0.3
"""Seconds under which asking a model is not worth the while."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a question gave: `value` is None exactly when `rung` is RULES."""

    value: T | None
    rung: str
    attempts: tuple[Attempt, ...] = ()


@dataclass(slots=True)
class Ladder:
    """Rungs in the order that they are tried, with a breaker each. Share one between threads: breakers remember.

    `clock` gives seconds and only goes forward.
    """

    rungs: tuple[Rung, ...] = ()
    clock: Callable[[], float] = time.monotonic
    _breakers: tuple[Breaker, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._breakers = tuple(Breaker() for _ in self.rungs)

    def ask(
        self, prompt: Prompt, *, budget_s: float, read: Callable[[Any], T], timeout_s: float | None = None
    ) -> Answer[T]:
        """The first rung's answer that fits, within `budget_s` seconds over all rungs; never raises RungError.

        `read` turns the JSON, valid against the prompt's schema, into a value, or raises ValueError to refuse it.
        `timeout_s` stands in for the rungs' own.
        """
        ends_at = self.clock() + budget_s
        attempts: list[Attempt] = []
        for rung, breaker in zip(self.rungs, self._breakers, strict=True):
            left_s = min(timeout_s or rung.timeout_s, ends_at - self.clock())
            value, attempt = self._try(rung, breaker, prompt, left_s, read)
            attempts.append(attempt)
            if value is not None:
                return Answer(value, rung.name, tuple(attempts))
        return Answer(None, RULES, tuple(attempts))

    def _try(
        self, rung: Rung, breaker: Breaker, prompt: Prompt, left_s: float, read: Callable[[Any], T]
    ) -> tuple[T | None, Attempt]:
        if left_s < LEAST_S:
            return None, _attempt(rung, prompt, fault=Fault.NO_TIME)
        began = self.clock()
        if not breaker.allows(began):
            return None, _attempt(rung, prompt, fault=Fault.BREAKER_OPEN)
        completion = Completion("")
        try:
            completion = rung.complete(prompt, left_s)
            value = _value(completion, prompt, read)
        except RungError as error:
            breaker.failed(self.clock(), retry_after_s=error.retry_after_s)
            latency_ms = round((self.clock() - began) * 1000)
            logger.warning("Language model rung %s failed: %s after %d ms.", rung.name, error.fault, latency_ms)
            return None, _attempt(rung, prompt, completion, fault=error.fault, latency_ms=latency_ms)
        breaker.answered()
        return value, _attempt(rung, prompt, completion, latency_ms=round((self.clock() - began) * 1000))


def _value(completion: Completion, prompt: Prompt, read: Callable[[Any], T]) -> T:
    if not completion.is_whole:
        raise RungError(Fault.CUT_OFF)
    try:
        return read(read_json(completion.text, prompt.schema))
    except ValueError:
        raise RungError(Fault.GARBAGE) from None


def _attempt(
    rung: Rung,
    prompt: Prompt,
    completion: Completion | None = None,
    *,
    fault: Fault | None = None,
    latency_ms: int = 0,
) -> Attempt:
    return Attempt(
        rung=rung.name,
        model=rung.model,
        prompt=prompt.name,
        prompt_version=prompt.version,
        fault=fault.value if fault else "",
        latency_ms=latency_ms,
        tokens_in=completion.tokens_in if completion else 0,
        tokens_out=completion.tokens_out if completion else 0,
    )
