"""Who answered: the lead, or somebody else; and the name that they give."""

from __future__ import annotations

import re

from voice.understanding.phrases import phrase, word_list
from voice.understanding.text import OPENING, Heard, Mark, Marks
from voice.understanding.yes_no import affirms, opens_with

_WORDS_IN_A_NAME = 3
_LONGEST_ING = 5  # letters of a name like "Ming"; longer words in -ing are what somebody does


def read_identity(heard: Heard, asked: str, intent: str, name: Mark | None) -> Marks:
    """Slot identity; `intent` and `name` are what was asked for and given in the same breath."""
    who = _who(heard.line, intent, name) if asked == "identity" else ""
    return Marks((Mark("identity", who, 0, len(heard.line)),)) if who else Marks()


def _who(line: str, intent: str, name: Mark | None) -> str:
    if phrase("third_person").search(line):
        return "wrong_person"
    opening = opens_with(line)
    if intent in ("who_is_calling", "repeat"):
        return "confirmed" if phrase("opens_as_myself").match(line, len(OPENING)) else ""
    if intent:
        return "confirmed" if opening else ""
    if opening is False or phrase("somebody_else").search(line):
        return "wrong_person"
    if opening or name or phrase("myself").search(line) or affirms(line):
        return "confirmed"
    return ""


def read_name(heard: Heard, asked: str) -> Marks:
    """Slot name, as the caller spells it, with capitals where there are none."""
    found = [mark for start in _starts(heard, asked) if (mark := _name_at(heard, start, asked))]
    if not found:
        found = [mark for start in _before_speaking(heard, asked) if (mark := _name_at(heard, start, asked))]
    return Marks((found[-1],), tuple(found[:-1])) if found else Marks()


def _starts(heard: Heard, asked: str) -> list[int]:
    """Token numbers at which a name may start."""
    sections = ["name_always"] + ["name_when_asked"] * (asked in ("name", "identity"))
    ends = [match.end() for section in sections for match in phrase(section).finditer(heard.line)]
    starts = sorted({number for number, at in enumerate(heard.starts) if at - 1 in ends})
    if starts or asked != "name":
        return starts
    return [] if opens_with(heard.line) is False else [_first_word(heard)]


def _before_speaking(heard: Heard, asked: str) -> list[int]:
    """The name in "Rahul speaking" and "Rahul Sharma bol raha hoon"."""
    match = phrase("speaking").search(heard.line) if asked == "identity" else None
    if not match:
        return []
    last = sum(1 for at in heard.starts if at < match.start()) - 1
    first = last
    while first > 0 and last - first < _WORDS_IN_A_NAME - 1 and _is_name(heard, first - 1):
        first -= 1
    nobody = match.group() == "here" and phrase("somebody_else").search(heard.line)
    return [first] if last >= 0 and not nobody and _is_name(heard, first) else []


def _first_word(heard: Heard) -> int:
    """The first token that is not a greeting, an agreement or a title."""
    for number, token in enumerate(heard.tokens):
        if token.word not in word_list("before_name"):
            return number
    return 0


def _name_at(heard: Heard, start: int, asked: str) -> Mark | None:
    end = start
    while end < len(heard.tokens) and end - start < _WORDS_IN_A_NAME and _is_name(heard, end):
        end += 1
    if end == start or (asked != "name" and not _ends_clause(heard, end)):
        return None
    words = [heard.original[token.start : token.end] for token in heard.tokens[start:end]]
    return Mark(
        "name",
        " ".join(word.capitalize() if word.islower() or word.isupper() else word for word in words),
        heard.starts[start],
        heard.starts[end - 1] + len(heard.tokens[end - 1].word),
    )


def _is_name(heard: Heard, number: int) -> bool:
    token = heard.tokens[number]
    said = heard.original[token.start : token.end]
    letters = re.fullmatch(r"[^\W\d_]{2,}(?:['’][^\W\d_]{2,})?|[\u0900-\u0963\u0970-\u097f]{2,}", said)
    if said.endswith("ing") and len(said) > _LONGEST_ING:
        return False  # "yes, I'm listening"
    return bool(letters) and token.word not in word_list("no_name")


def _ends_clause(heard: Heard, end: int) -> bool:
    """True when what follows can follow a name: nothing, a stop, or "speaking"."""
    if end >= len(heard.tokens):
        return True
    return bool(phrase("after_name").match(heard.line, heard.starts[end]))
