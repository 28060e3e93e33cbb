"""What the caller asks for instead of answering: to be left alone, called later, given a person, told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.understanding.phrases import phrase
from voice.understanding.text import Heard, Mark, Marks

if TYPE_CHECKING:
    import re

FINAL = frozenset(("do_not_call", "wrong_number", "not_interested", "already_bought", "voicemail"))

# The weightiest first: what must not be missed, then what ends a call, then what delays it.
_ORDER = (
    "voicemail",
    "do_not_call",
    "wrong_number",
    "already_bought",
    "are_you_a_bot",
    "human",
    "language_hi",
    "language_en",
    "who_is_calling",
    "not_interested",
    "callback",
    "repeat",
)
_UNLESS = {
    "already_bought": "not_bought",
    "human": "spoke_before",
    "language_hi": "either_language",
    "language_en": "either_language",
}


def read_intent(heard: Heard, asked: str) -> Marks:
    """Slot intent: the weightiest one that was asked for."""
    line = heard.line
    for intent in _ORDER:
        match = phrase(intent).search(line)
        if match and not _is_something_else(intent, match, line, asked):
            return Marks((Mark("intent", _language(intent, line), match.start(), match.end()),))
    if match := phrase("call_not_now").search(line):
        return Marks((Mark("intent", "callback", match.start(), match.end()),))
    return Marks()


def _language(intent: str, line: str) -> str:
    """Who says which language they do not know asks for the other one."""
    if not intent.startswith("language"):
        return intent
    if phrase("no_hindi").search(line):
        return "language_en"
    return "language_hi" if phrase("no_english").search(line) else intent


def _is_something_else(intent: str, match: re.Match[str], line: str, asked: str) -> bool:
    """True when the words only sound like this intent."""
    if intent == "do_not_call" and asked == "consent" and phrase("weak_refusal").search(line):
        return True
    if intent == "do_not_call":
        return bool(phrase("call_not_now").search(line)) and not phrase("for_ever").search(line)
    if intent == "callback":
        needs_more = asked in ("timeline", "budget") and not phrase("call_words").search(line)
        return needs_more or bool(phrase("not_callback").search(line))
    if intent == "not_interested":
        declines_call = asked == "consent" and not phrase("uninterested").search(line)
        return declines_call or bool(phrase("still_wants").search(line, match.end()))
    return intent in _UNLESS and bool(phrase(_UNLESS[intent]).search(line))
