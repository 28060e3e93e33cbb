"""What of a language model's advice may be believed: quotes that were said, figures and places that were heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voice.dialogue.figures import figures, without_units
from voice.dialogue.knowledge import sentences_with
from voice.dialogue.naming import is_named
from voice.dialogue.offer import ASKED_BY
from voice.dialogue.questions import CALLBACK, CONFIRM, FILLS
from voice.dialogue.quotes import find_quote
from voice.dialogue.script import QUESTIONS
from voice.dialogue.telling import may_mean
from voice.understanding import Found, Places, understand
from voice.understanding.text import MAX_CHARS

if TYPE_CHECKING:
    from datetime import datetime

    from voice.dialogue.advice import Advice, Suggestion
    from voice.dialogue.state import State
    from voice.understanding import Understanding

_LONGEST_PLAIN = 300  # characters; what is longer rephrases nothing
_NEVER = frozenset({"identity", "consent"})  # who somebody is, and what they agreed to, is for the rules alone
_INTENTS = frozenset(
    {"human", "callback", "not_interested", "already_bought", "repeat", "who_is_calling", "are_you_a_bot"}
)
_KINDS = frozenset({"category", "property_type", "purpose"})
_CLOSES = frozenset({"not_interested", "already_bought"})  # nobody is sent away for one word, or beside an answer


@dataclass(frozen=True, slots=True)
class Refused:
    """A value for staff to look at: what the rules made of the words (None: nothing), and what the model did."""

    slot: str
    words: str
    rule: Any
    model: Any


@dataclass(frozen=True, slots=True)
class Verified:
    """The part of an advice that the caller's own words, or the agent's knowledge, bear out.

    `offered` is what no words can bear out, because it names a kind of thing: for the caller to agree to.
    """

    found: tuple[Found, ...] = ()
    offered: tuple[Found, ...] = ()
    intent: str = ""
    callback_at: str | None = None
    answer: str = ""
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One utterance and all that an advice on it is weighed against."""

    state: State
    text: str
    understood: Understanding
    now: datetime
    places: Places


def verify(
    state: State,
    text: str,
    understood: Understanding,
    advice: Advice,
    *,
    now: datetime,
    places: Places,
    knowledge: str,
) -> Verified:
    """Check an advice on `text`, which the rules read as `understood` when `state` had its question open.

    `now` is aware, in the caller's zone; `knowledge` is what staff wrote for answers to open questions.
    """
    case = _Case(state, text[:MAX_CHARS], understood, now, places)
    found: dict[str, Found] = {}
    refused: list[Refused] = []
    for suggestion in advice.suggestions:
        believed, doubted = _weigh(case, suggestion)
        found = {one.slot: one for one in believed} | found
        refused += doubted
    intent = _intent(case, advice)
    return Verified(
        found=tuple(one for slot, one in found.items() if slot not in _KINDS),
        offered=tuple(one for slot, one in found.items() if slot in _KINDS and ASKED_BY[slot] == state["asked"]),
        intent=intent,
        callback_at=_promised(case) if intent == "callback" else None,
        answer=sentences_with(knowledge, advice.answer_quote) if advice.answer.strip() else "",
        refused=tuple(refused),
    )


def _weigh(case: _Case, suggestion: Suggestion) -> tuple[list[Found], list[Refused]]:
    """What a suggestion brings, and what staff should look at instead; both empty where it says nothing."""
    asked = suggestion.question
    span = find_quote(case.text, suggestion.quote)
    if asked not in QUESTIONS or asked in _NEVER or span is None or len(suggestion.plain) > _LONGEST_PLAIN:
        return [], []
    read = understand(suggestion.plain, asked=asked, now=case.now, places=case.places)
    values = [one for one in read.found if one.slot in FILLS.get(asked, (asked,))]
    if "intent" in read.slots:
        return [], []
    if asked == "timeline" and not figures(suggestion.plain, asked):
        return [], _differing(values, case.text[slice(*span)], {})  # "at once" without a figure is read off any words
    words = case.text[slice(*span)]
    rules = _rules_say(case, asked)
    unsure = {one.slot: one.value for one in case.understood.unsure if one.slot in FILLS.get(asked, (asked,))}
    agreed = all(unsure.get(one.slot) == one.value for one in values)
    if rules or not (agreed if unsure else _is_borne_out(case, suggestion, values, span)):
        return [], _differing(values, words, rules or unsure)
    return [Found(one.slot, one.value, *span, words) for one in values], []


def _rules_say(case: _Case, asked: str) -> dict[str, Any]:
    """The values that no model replaces: the rules' own of this utterance, and those that nobody asked about again."""
    slots = FILLS.get(asked, (asked,))
    read = {one.slot: one.value for one in case.understood.found if one.slot in slots}
    if read or case.state["asked"] in {asked, CONFIRM}:
        return read
    return {slot: one["value"] for slot, one in case.state["slots"].items() if slot in slots}


def _differing(values: list[Found], words: str, rules: dict[str, Any]) -> list[Refused]:
    return [
        Refused(one.slot, words, rules.get(one.slot), one.value) for one in values if rules.get(one.slot) != one.value
    ]


def _is_borne_out(case: _Case, suggestion: Suggestion, values: list[Found], span: tuple[int, int]) -> bool:
    """Whether the quote holds every figure, place and name of the plain words, and none that the caller took back."""
    dropped = [(one.slot, one.value) for one in case.understood.dropped]
    if any((one.slot, one.value) in dropped for one in values):
        return False
    words = case.text[slice(*span)]
    return _are_heard(case, suggestion, values, span) and all(
        is_named(one, words, text=case.text, places=case.places) for one in values
    )


def _are_heard(case: _Case, suggestion: Suggestion, values: list[Found], span: tuple[int, int]) -> bool:
    """Whether each figure was said with its unit, or with none where the rules would take the same for granted."""
    asked = suggestion.question
    if asked in {"phone", "email"}:
        return True  # spelled digit by digit, and compared so
    heard = [one for one in figures(case.text, asked) if span[0] <= one.start and one.end <= span[1]]
    heard += [one for one in figures(case.text, case.state["asked"]) if span[0] <= one.start and one.end <= span[1]]
    said = {one.counts for one in heard}
    plain = figures(suggestion.plain, asked)
    assumed = {one.figure for one in plain if one.counts not in said}
    if not assumed:
        return True
    # "One for my parents" counts nothing.
    bare = {one.figure for one in heard if not one.unit and not (one.spelled and one.figure == "1")}
    if not assumed <= bare:
        return False
    read = understand(without_units(suggestion.plain, asked, assumed), asked=asked, now=case.now, places=case.places)
    return all(read.slots.get(one.slot) == one.value for one in values)


def _intent(case: _Case, advice: Advice) -> str:
    """An intent that the rules did not see, where the quote holds a word that can mean it.

    Words that the rules understood otherwise close no call.
    """
    quote = find_quote(case.text, advice.intent_quote)
    if advice.intent not in _INTENTS or quote is None or "intent" in case.understood.slots:
        return ""
    if advice.intent in _CLOSES and (case.understood.found or len(advice.intent_quote.split()) < 2):
        return ""
    return advice.intent if may_mean(advice.intent, advice.intent_quote) else ""


def _promised(case: _Case) -> str | None:
    """The time that goes with a call-back that only the model heard, as the rules read it."""
    at = understand(case.text, asked=CALLBACK, now=case.now, places=case.places).slots.get("callback_at")
    return str(at) if at else None
