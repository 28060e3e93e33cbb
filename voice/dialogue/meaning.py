"""What a turn meant to this conversation: understanding, plus what only the conversation knows (keys, names)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from voice.dialogue.questions import CONFIRM, YES_NO
from voice.dialogue.state import slots
from voice.understanding import affirmation, asks_for_source, understand
from voice.understanding.numbers import hear
from voice.understanding.phrases import phrase
from voice.understanding.signals import signal
from voice.understanding.types import Found, Understanding
from voice.understanding.unspoken import is_unspoken

if TYPE_CHECKING:
    from voice.dialogue.state import State
    from voice.events import Utterance
    from voice.understanding import Places

_NOTHING = Understanding()

_YES_NO_KEYS = {"1": True, "2": False}
_BY_KEY: dict[str, dict[bool, Any]] = {
    "identity": {True: "confirmed", False: "wrong_person"},
    "consent": {True: True, False: False},
}
_SAME_NAME = 0.6  # recognisers write Meena as Mina or Minna; Suresh stays well below


@dataclass(frozen=True, slots=True)
class Meaning:
    """`found` holds slots only; `yes` is the plain yes or no in it, None where it holds neither.

    `understood` is the rules' own reading, before the conversation had its say. `advised` and `answer` are what could
    be verified of a language model's advice. `newcomer` tells that whoever speaks may not have heard who is calling.
    """

    found: tuple[Found, ...]
    dropped: tuple[Found, ...]
    intent: str
    callback_at: str | None
    yes: bool | None
    unsure: tuple[Found, ...] = ()
    understood: Understanding = _NOTHING
    signal: str = ""
    advised: tuple[Found, ...] = ()
    answer: str = ""
    newcomer: bool = False

    def value(self, slot: str) -> Any:
        """The value found for `slot` in this turn, or None."""
        return next((one.value for one in self.found if one.slot == slot), None)


_UNREAD = Meaning(found=(), dropped=(), intent="", callback_at=None, yes=None)


def meaning_of(state: State, heard: Utterance, places: Places) -> Meaning:
    """Understand what was heard in answer to the question that `state` has open."""
    asked = state["asked"]
    text = heard.text if heard.text.strip() else heard.digits
    key = _YES_NO_KEYS.get(heard.digits.strip())
    if key is not None and (asked in YES_NO or state["offer"]):
        return _from_key(asked, heard.digits, yes=key)
    if is_unspoken(text):
        return _UNREAD
    understood = understand(text, asked=asked, now=heard.at, places=places)
    found = {one.slot: one for one in understood.found}
    intent, at = found.pop("intent", None), found.pop("callback_at", None)
    if asked == "identity" and "name" in found and not affirmation(text):
        _believe_name(state, found)
    if asked == CONFIRM and not (found or intent) and (refusal := _no_calls_after_all(state, heard, places)):
        found["consent"] = refusal
    if "identity" in found and found["identity"].value == "wrong_person":
        # The name of whoever answered is not the lead's.
        found.pop("name", None)
    return Meaning(
        found=tuple(found.values()),
        dropped=understood.dropped,
        intent=_intent(text, str(intent.value) if intent else ""),
        callback_at=at.value if at else None,
        yes=affirmation(text) if asked == CONFIRM or state["offer"] else None,
        unsure=understood.unsure,
        understood=understood,
        signal=signal(text, asked=asked),
    )


def _intent(text: str, intent: str) -> str:
    """The contract's intent, or "source", for which it has no word, where a caller wonders how we have their number."""
    return "source" if intent in {"", "who_is_calling"} and asks_for_source(text) else intent


def _no_calls_after_all(state: State, heard: Utterance, places: Places) -> Found | None:
    """Consent taken back at the read-back: "fine, but no sales calls"."""
    if not slots(state).get("consent") or not phrase("call_words").search(hear(heard.text).line):
        return None
    read = understand(heard.text, asked="consent", now=heard.at, places=places)
    return next((one for one in read.found if one.slot == "consent" and one.value is False), None)


def _from_key(asked: str, digits: str, *, yes: bool) -> Meaning:
    value = _BY_KEY.get(asked, {}).get(yes)
    found = () if value is None else (Found(slot=asked, value=value, start=0, end=len(digits), words=digits),)
    return Meaning(found=found, dropped=(), intent="", callback_at=None, yes=yes)


def _believe_name(state: State, found: dict[str, Found]) -> None:
    """The lead's own name confirms them; another name, given again when asked again, is another person's."""
    name = found["name"]
    if "identity" in found and found["identity"].value == "wrong_person":
        return
    if _same_name(str(name.value), state["name"]):
        found["identity"] = replace(name, slot="identity", value="confirmed")
    elif state["attempts"].get("identity", 0) > 1:
        found["identity"] = replace(name, slot="identity", value="wrong_person")
    else:
        found.pop("identity", None)
        del found["name"]


def _same_name(said: str, expected: str) -> bool:
    pairs = ((one, other) for one in said.casefold().split() for other in expected.casefold().split())
    return any(SequenceMatcher(None, one, other).ratio() >= _SAME_NAME for one, other in pairs)
