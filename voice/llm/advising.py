"""Asks the ladder what a caller meant; nothing of the advice is believed before the dialogue has verified it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voice import prompts
from voice.dialogue.advice import Advice, Suggestion
from voice.dialogue.script import QUESTIONS
from voice.llm.base import Prompt
from voice.llm.ladder import RULES

if TYPE_CHECKING:
    from voice.dialogue.advice import Doubt
    from voice.llm.base import Attempt
    from voice.llm.ladder import Ladder

NEVER_ASKED_OF_A_MODEL = frozenset({"identity", "name", "phone", "email", "consent"})
ASKED = tuple(asked for asked in QUESTIONS if asked not in NEVER_ASKED_OF_A_MODEL)
INTENTS = ("human", "callback", "not_interested", "already_bought", "repeat", "who_is_calling", "are_you_a_bot")
MOST_HEARD = 2_000  # characters; nobody says more in one breath

_SUGGESTION = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "enum": list(ASKED)},
        "quote": {"type": "string"},
        "plain": {"type": "string"},
    },
    "required": ["question", "quote", "plain"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "suggestions": {"type": "array", "items": _SUGGESTION, "maxItems": 8},
        "intent": {"type": "string", "enum": ["", *INTENTS]},
        "intent_quote": {"type": "string"},
        "answer": {"type": "string"},
        "answer_quote": {"type": "string"},
    },
    "required": ["suggestions", "intent", "intent_quote", "answer", "answer_quote"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Advised:
    """`advice` is None exactly when `rung` is "rules": no model gave an answer that fits."""

    advice: Advice | None
    rung: str
    attempts: tuple[Attempt, ...] = ()


def advise(ladder: Ladder, doubt: Doubt, *, knowledge: str, brokerage: str, budget_s: float) -> Advised:
    """What a model makes of the doubt, within `budget_s` seconds; never raises for what a server does.

    A question is not put to a model where there is no knowledge to answer it from.
    """
    if not ladder.rungs or (doubt.kind == "question" and not knowledge.strip()):
        return Advised(None, RULES)
    answer = ladder.ask(prompt_of(doubt, knowledge=knowledge, brokerage=brokerage), budget_s=budget_s, read=_advice)
    if answer.value is None:
        return Advised(None, RULES, answer.attempts)
    return Advised(Advice(rung=answer.rung, **answer.value), answer.rung, answer.attempts)


def prompt_of(doubt: Doubt, *, knowledge: str, brokerage: str) -> Prompt:
    """The prompt for a doubt; what the caller said travels as a JSON string."""
    text = prompts.filled(
        "understand",
        brokerage=brokerage,
        knowledge=knowledge.strip() or "(none)",
        questions=", ".join(ASKED),
        asked=doubt.asked,
        language=doubt.language,
        known=_json(dict(doubt.known)),
        unsure=_json([{"question": one.slot, "words": one.words, "maybe": one.value} for one in doubt.unsure]),
        text=_json(doubt.text[:MOST_HEARD]),
    )
    return Prompt(text.name, text.version, text.system, text.user, SCHEMA)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _advice(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "suggestions": tuple(Suggestion(**one) for one in found["suggestions"])}
