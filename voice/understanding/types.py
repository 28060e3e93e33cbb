"""What one utterance meant: slot values, and the words that each one came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """One slot value with its evidence.

    `value` is JSON-ready and spelled as the contract names it. `start` and `end` are character offsets into the
    text as it was heard; understanding exactly `text[start:end]` under the same question gives the value again.
    """

    slot: str
    value: Any
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that one utterance filled or changed.

    `dropped` is what the caller negated or corrected in passing, `unsure` what it may mean: asked about, never stored.
    """

    found: tuple[Found, ...] = ()
    dropped: tuple[Found, ...] = ()
    unsure: tuple[Found, ...] = ()

    @property
    def slots(self) -> dict[str, Any]:
        """Slot to value, at most one value a slot."""
        return {one.slot: one.value for one in self.found}
