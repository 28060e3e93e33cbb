"""What goes wrong with a call, and who picks up: drawn by lot, and the same again for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class Fault(StrEnum):
    """What becomes of the request that asks for a call. AFTER: the call is made all the same."""

    NONE = "none"
    BUSY = "429"
    ERROR_BEFORE = "5xx before"
    ERROR_AFTER = "5xx after"
    SILENT_BEFORE = "no answer before"
    SILENT_AFTER = "no answer after"
    RESET_BEFORE = "reset before"
    RESET_AFTER = "reset after"

    @property
    def accepts(self) -> bool:
        """Whether a call is made."""
        return self in {Fault.NONE, Fault.ERROR_AFTER, Fault.SILENT_AFTER, Fault.RESET_AFTER}


class Callee(StrEnum):
    """Who is rung."""

    TALKS = "talks"
    HANGS_UP = "hangs up"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"


class Post(StrEnum):
    """How webhooks arrive."""

    PLAIN = "plain"
    EARLY = "before the response"
    TWICE = "twice"
    REORDERED = "reordered"
    LATE = "late"
    LOST = "lost"
    LAST_LOST = "last one lost"


FAULTS: Mapping[Fault, int] = {
    Fault.NONE: 72, Fault.BUSY: 6, Fault.ERROR_BEFORE: 5, Fault.ERROR_AFTER: 4, Fault.SILENT_BEFORE: 2,
    Fault.SILENT_AFTER: 4, Fault.RESET_BEFORE: 3, Fault.RESET_AFTER: 4,
}  # fmt: skip
CALLEES: Mapping[Callee, int] = {
    Callee.TALKS: 40, Callee.HANGS_UP: 15, Callee.BUSY: 18, Callee.NO_ANSWER: 20, Callee.FAILED: 7,
}  # fmt: skip
POSTS: Mapping[Post, int] = {
    Post.PLAIN: 58, Post.EARLY: 10, Post.TWICE: 10, Post.REORDERED: 8, Post.LATE: 6, Post.LOST: 4, Post.LAST_LOST: 4,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How often what happens, as weights. Times in seconds: `step_s` between two events of a call.

    From the request after `faulty_asks` for the same call on, nothing goes wrong: so no call waits for minutes for a
    provider that seems down.
    """

    seed: int = 1
    faults: Mapping[Fault, int] = field(default_factory=lambda: FAULTS)
    callees: Mapping[Callee, int] = field(default_factory=lambda: CALLEES)
    posts: Mapping[Post, int] = field(default_factory=lambda: POSTS)
    faulty_asks: int = 3
    step_s: float = 0.05
    late_s: float = 3.0
    silent_s: float = 4.0

    def fault(self, call: str, ask: int) -> Fault:
        """What becomes of the `ask`-th request for a call of ours."""
        return self._draw(self.faults, f"fault {call} {ask}") if ask <= self.faulty_asks else Fault.NONE

    def callee(self, call: str) -> Callee:
        """Who is rung by it."""
        return self._draw(self.callees, f"callee {call}")

    def post(self, call: str) -> Post:
        """How its webhooks arrive."""
        return self._draw(self.posts, f"post {call}")

    def _draw(self, weights: Mapping[T, int], what: str) -> T:
        lot = random.Random(f"{self.seed} {what}")
        return lot.choices(list(weights), list(weights.values()))[0]


FRIENDLY = Plan(faults={Fault.NONE: 1}, posts={Post.PLAIN: 1})
"""Nothing goes wrong."""
