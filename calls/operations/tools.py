"""What a provider's own model may have done during a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calls.models import Call
    from voice.events import ToolCall


def run(call: Call, wanted: Sequence[ToolCall], *, now: datetime) -> list[tuple[ToolCall, str]]:
    """Do what is asked for, each once; a line for the model about each."""
    raise NotImplementedError
