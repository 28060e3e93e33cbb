"""Language models as a ladder: the primary, then Gemini, then none, all under one deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voice.llm.advising import Advised, advise
from voice.llm.base import Attempt
from voice.llm.gemini import Gemini
from voice.llm.ladder import LIVE_BUDGET_S, RULES, Ladder
from voice.llm.openai_compatible import OpenAiCompatible
from voice.llm.summaries import Point, Summarised, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.llm.base import Rung

__all__ = [
    "LIVE_BUDGET_S",
    "RULES",
    "Advised",
    "Attempt",
    "Ladder",
    "Point",
    "Summarised",
    "advise",
    "build",
    "summarise",
]


def build(options: Mapping[str, Mapping[str, Any]]) -> Ladder:
    """The ladder of an installation: "primary" needs a model, "gemini" a key and a model; without, no rung."""
    primary, gemini = options.get("primary", {}), options.get("gemini", {})
    rungs: list[Rung] = []
    if primary.get("model"):
        rungs.append(OpenAiCompatible(**primary))
    if gemini.get("api_key") and gemini.get("model"):
        rungs.append(Gemini(**gemini))
    return Ladder(tuple(rungs))
