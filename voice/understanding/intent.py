"""What the caller asks for instead of answering: to be left alone, called later, given a person, told again."""

from __future__ import annotations

from voice.understanding.phrases import phrase
from voice.understanding.text import Heard, Mark, Marks

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
    "callback": "not_callback",
    "language_hi": "either_language",
    "language_en": "either_language",
}


def read_intent(heard: Heard, asked: str) -> Marks:
    """Slot intent: the weightiest one that was asked for."""
    for intent in _ORDER:
        match = phrase(intent).search(heard.line)
        if not match or _is_something_else(intent, heard.line, asked):
            continue
        return Marks((Mark("intent", intent, match.start(), match.end()),))
    if match := phrase("call_not_now").search(heard.line):
        return Marks((Mark("intent", "callback", match.start(), match.end()),))
    return Marks()


def _is_something_else(intent: str, line: str, asked: str) -> bool:
    """True when the words only sound like this intent."""
    if intent == "do_not_call":
        return bool(phrase("call_not_now").search(line)) and not phrase("for_ever").search(line)
    if intent == "callback" and asked in ("timeline", "budget") and not phrase("call_words").search(line):
        return True
    if intent == "not_interested" and asked == "consent":
        return bool(phrase("declined_call").search(line))
    return intent in _UNLESS and bool(phrase(_UNLESS[intent]).search(line))
