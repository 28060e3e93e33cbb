"""What the caller asks for instead of answering: to be left alone, called later, given a person, told again."""

from __future__ import annotations

import re
from itertools import islice

from voice.understanding.numbers import hear
from voice.understanding.phrases import phrase
from voice.understanding.text import CLOSING, OPENING, Heard, Mark, Marks
from voice.understanding.yes_no import opens_with

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
    "not_interested": "in_something_else",
    "repeat": "tells_later",
    "do_not_call": "named_so",
    "wrong_number": "wrong_elsewhere",
    "voicemail": "reached_me",
}

# Said of the call that was offered, and of who will make it.
_ABOUT_THE_OFFER = {
    "callback": "asks_when",
    "who_is_calling": "who_will_call",
    "not_interested": "not_in_a_call",
}

_NEAR = 20  # letters beside a refusal in which "again" or "ever" still belongs to it
_TRIES = 4  # stretches of one utterance looked at for one intent
# After these the hours follow at which not to call; anything else closes the refusal.
_HOURS_FOLLOW = frozenset(
    ["before", "after", "on", "at", "until", "till", "in", "unless", "between", "while", "when", "during", "mein"]
)
_PRICE = re.compile(
    r"(?:(?<=\d)|(?: (?:about|around|under|for|least))? \d+(?:\.\d+)?)(?: (?:to|se|ya|-) \d+(?:\.\d+)?)?"
    r" (?:lakh|crore|thousand|million|rupees|bhk|bedroom)(?= )"
)
_REFUSAL_ENDS = re.compile(r" (?:[.,;!]|but|lekin|instead|only|call|phone|ring|contact)(?= )")


def read_intent(heard: Heard, asked: str) -> Marks:
    """Slot intent: the weightiest one that was asked for."""
    line = heard.line
    for intent in _ORDER:
        for match in islice(phrase(intent).finditer(line), _TRIES):
            if not _is_something_else(intent, match, line, asked):
                return Marks((Mark("intent", _language(intent, line), match.start(), match.end()),))
    refused = phrase("call_not_now").search(line)
    if refused is None or phrase("habit").search(line):
        return Marks()  # "don't keep ringing in the mornings" asks for nothing now
    return Marks((Mark("intent", "callback", *refused.span()),))


def asks_for_source(text: str) -> bool:
    """True where a caller wonders how we came by their number: no intent of the contract, but a question to answer."""
    return bool(phrase("source").search(hear(text).line))


def beyond_refusal(line: str) -> str:
    """A line with the words blanked out that say when not to call: "don't call now, call at 5" asks for 5."""
    match = phrase("call_not_now").search(line)
    if match is None:
        return line
    start = match.start() if phrase("call_words").search(line, 0, match.start()) else 1
    end = match.end()
    if match.group().split()[-1] in _HOURS_FOLLOW:
        ends = _REFUSAL_ENDS.search(line, end)
        end = ends.start() if ends else len(line) - 2
    return line[:start] + "." * (end - start) + line[end:]


def is_excuse(line: str) -> bool:
    """True for "no, I can't take calls at work": it declines, and asks for no other hour."""
    return opens_with(line) is False and not phrase("call_later").search(line)


def _is_beside_the_answer(match: re.Match[str], line: str) -> bool:
    """True for a reason, "yes, because online I don't follow", and a question that answered itself."""
    reason = phrase("reason_word").search(line, 0, match.start())
    return bool(reason and opens_with(line) is not None) or bool(phrase("understood").match(line, len(OPENING) - 2))


def _language(intent: str, line: str) -> str:
    """Who says which language they do not know asks for the other one."""
    if not intent.startswith("language"):
        return intent
    if phrase("no_hindi").search(line):
        return "language_en"
    return "language_hi" if phrase("no_english").search(line) else intent


def _leaves_the_language(line: str) -> bool:
    """True for "Hindi or English, both are fine", and for "my English is weak, but the place is Nagpur"."""
    if phrase("weak_but").search(line):
        return True
    return bool(phrase("either_language").search(line)) and _language("language", line) == "language"


def _around(match: re.Match[str]) -> tuple[int, int]:
    return match.start() - 1, match.end() + _NEAR


def _is_something_else(intent: str, match: re.Match[str], line: str, asked: str) -> bool:
    """True when the words only sound like this intent."""
    if intent in _UNLESS and phrase(_UNLESS[intent]).search(line):
        return True
    if asked == "consent" and _is_about_the_offer(intent, match, line):
        return True
    if intent.startswith("language"):
        return _leaves_the_language(line)
    if intent == "do_not_call":
        return bool(phrase("call_not_now").search(line)) and not phrase("for_ever").search(line)
    if intent == "wrong_number":
        return asked != "identity" and match.group().startswith("no ")  # "no, that's wrong" corrects a detail
    if intent == "callback":
        return _is_no_callback(match, line, asked)
    return intent == "not_interested" and bool(phrase("still_wants").search(line, match.end()))


def _is_about_the_offer(intent: str, match: re.Match[str], line: str) -> bool:
    """True for words that take or decline the call that was offered, and ask for nothing of their own."""
    if intent == "do_not_call":
        # "Please don't call", "your sales team should not call me".
        others = phrase("third_call").search(line[: match.start()] + CLOSING) and not phrase("for_ever").search(line)
        return bool(others) or not phrase("for_good").search(line, *_around(match))
    if intent == "human":
        # "Send the person, let him call", "I want to talk to the sales person".
        return match.group().startswith("send ") or bool(phrase("wants_the_offered").search(line))
    if intent == "repeat":
        return _is_beside_the_answer(match, line)
    if intent == "not_interested" and not phrase("uninterested").search(line):
        return True
    if intent == "callback" and match["unsaid"]:
        return True  # "haan, shaam ko karo" says when the offered call should be
    return intent in _ABOUT_THE_OFFER and bool(phrase(_ABOUT_THE_OFFER[intent]).search(line))


def _is_no_callback(match: re.Match[str], line: str, asked: str) -> bool:
    if _PRICE.match(line, match.end()):
        return True  # "call me about a 3 BHK", "contact me for one at 1.2 crore"
    speaks_of_it = phrase("call_words").search(line) or phrase("plainly_busy").search(line)
    needs_more = asked in ("timeline", "budget") and not speaks_of_it
    return needs_more or bool(phrase("not_callback").search(line))
