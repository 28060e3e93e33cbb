"""The name that a caller gives: said, dictated, spelled letter by letter, or put right ("not Rakesh, Mukesh")."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files

from voice.understanding.phrases import phrase, word_list
from voice.understanding.text import CLOSING, OPENING, Heard, Mark, Marks, Token, heard_of
from voice.understanding.yes_no import opens_with

_WORDS_IN_A_NAME = 4
_SPELLED = 3  # single letters in a row that spell a name; fewer are initials
_LONGEST_ING = 5  # letters of a name like "Ming"; longer words in -ing are what somebody does
_LETTERS = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]{2,})?|[\u0900-\u0963\u0970-\u097f]{2,}")
_PERSONAL = ("name", "identity")


def read_name(heard: Heard, asked: str) -> Marks:
    """Slot name, as the caller spells it, with capitals where there are none; `dropped` holds what was put right."""
    for starts in (_stated(heard, asked), _before_speaking(heard, asked), _bare(heard, asked)):
        found = _names_at(heard, starts, asked)
        kept = [mark for mark in found if not _is_denied(heard, mark)]
        if found and not kept:
            kept = [mark for mark in [_name_at(heard, _after_denial(heard, found[-1]), asked)] if mark]
        if kept:
            return Marks((kept[-1],), tuple(mark for mark in found if mark != kept[-1]))
    return Marks()


def _names_at(heard: Heard, starts: list[int], asked: str) -> list[Mark]:
    found: list[Mark] = []
    for start in starts:
        inside = found and start < len(heard.starts) and heard.starts[start] < found[-1].end
        if not inside and (mark := _name_at(heard, start, asked)):
            found.append(mark)
    return found


def beyond_name(heard: Heard, name: Mark) -> Heard | None:
    """What follows the answer to the question for a name, the name blanked out; None where nothing else is told."""
    tokens = [
        replace(token, word="." * len(token.word)) if at < name.end or _is_initial(heard, number) else token
        for number, (token, at) in enumerate(zip(heard.tokens, heard.starts, strict=True))
    ]
    rest = heard_of(heard.original, tokens)
    return rest if phrase("wishes").search(rest.line) else None


def _stated(heard: Heard, asked: str) -> list[int]:
    """Token numbers at which a name starts by what stands before it."""
    sections = ["name_always"] + ["name_when_asked"] * (asked in _PERSONAL)
    ends = {match.end() for section in sections for match in phrase(section).finditer(heard.line)}
    return [number for number, at in enumerate(heard.starts) if at - 1 in ends]


def _before_speaking(heard: Heard, asked: str) -> list[int]:
    """The name in "Rahul speaking" and "Rahul Sharma bol raha hoon"."""
    match = phrase("speaking").search(heard.line) if asked == "identity" else None
    if not match:
        return []
    last = first = sum(1 for at in heard.starts if at < match.start()) - 1
    while first > 0 and last - first < _WORDS_IN_A_NAME - 1 and _is_name(heard, first - 1):
        first -= 1
    nobody = match.group() == "here" and phrase("somebody_else").search(heard.line)
    return [first] if last >= 0 and not nobody and _is_name(heard, first) else []


def _bare(heard: Heard, asked: str) -> list[int]:
    """The first word of an answer that is no greeting, agreement, title, or order to write down."""
    if asked != "name" or (opens_with(heard.line) is False and not phrase("denied_name").search(heard.line)):
        return []
    opening = phrase("before_name").match(heard.line, len(OPENING))
    at = opening.end() if opening else 0
    return [next((number for number, start in enumerate(heard.starts) if start > at), len(heard.tokens))]


def _name_at(heard: Heard, start: int, asked: str) -> Mark | None:
    end = _end_of_name(heard, start)
    if end == start or (asked != "name" and not _ends_clause(heard, end)):
        return None
    words = _words(heard.tokens[start:end], heard.original)
    if family := phrase("family_name").match(heard.line, heard.starts[end] if end < len(heard.tokens) else 0):
        more = _name_at(heard, sum(1 for at in heard.starts if at < family.end()), asked)
        if more:
            return Mark("name", f"{words} {more.value}", heard.starts[start], more.end)
    return Mark("name", words, heard.starts[start], heard.starts[end - 1] + len(heard.tokens[end - 1].word))


def _words(tokens: tuple[Token, ...], original: str) -> str:
    said = [original[token.start : token.end] for token in tokens]
    if all(len(word) == 1 for word in said):
        return "".join(said).capitalize()
    return " ".join(word.capitalize() if word.islower() or word.isupper() else word for word in said if word != ".")


def _end_of_name(heard: Heard, start: int) -> int:
    letters = _letters_from(heard, start)
    if letters >= _SPELLED and not _is_name(heard, start + letters):
        return start + letters
    end = words = 0
    at = start
    while at < len(heard.tokens) and at - start < _WORDS_IN_A_NAME + 2 and words < _WORDS_IN_A_NAME:
        if _is_name(heard, at):
            words += 1
            at += 1
            end = at
        elif _is_initial(heard, at) and (end == 0 or _letters_from(heard, at) < _SPELLED):
            at += 1 + _is_dot(heard, at + 1)
            end = end and at
        else:
            break
    return end or start


def _letters_from(heard: Heard, start: int) -> int:
    """How many single letters stand in a row."""
    at = start
    while at < len(heard.tokens) and _is_initial(heard, at):
        at += 1
    return at - start


def _said(heard: Heard, number: int) -> str:
    if number >= len(heard.tokens):
        return ""
    token = heard.tokens[number]
    return heard.original[token.start : token.end]


def _is_dot(heard: Heard, number: int) -> bool:
    return _said(heard, number) == "."


def _is_initial(heard: Heard, number: int) -> bool:
    said = _said(heard, number)
    return len(said) == 1 and said.isascii() and said.isalpha() and (said.isupper() or heard.original.islower())


def _is_name(heard: Heard, number: int) -> bool:
    said = _said(heard, number)
    if not _LETTERS.fullmatch(said) or heard.tokens[number].word in word_list("no_name"):
        return False
    if said.endswith("ing") and len(said) > _LONGEST_ING:
        return False  # "yes, I'm listening"
    return said.lower() not in _common() or (number > 0 and said[0].isupper() and not heard.original.isupper())


def _ends_clause(heard: Heard, end: int) -> bool:
    """True when what follows can follow a name: nothing, a stop, or "speaking"."""
    if end >= len(heard.tokens):
        return True
    return bool(phrase("after_name").match(heard.line, heard.starts[end]))


def _is_denied(heard: Heard, name: Mark) -> bool:
    """True for the first name in "not Rakesh, Mukesh" and "Rakesh nahi, Mukesh"."""
    return bool(
        phrase("name_denied_before").search(heard.line[: name.start] + CLOSING)
        or phrase("name_denied_after").match(heard.line, name.end + 1)
    )


def _after_denial(heard: Heard, name: Mark) -> int:
    """Token number at which the right name may start."""
    match = phrase("name_denied_after").match(heard.line, name.end + 1)
    at = match.end() if match else name.end
    if lead := phrase("right_name").match(heard.line, at + 1):
        at = lead.end()
    return sum(1 for start in heard.starts if start < at)


@cache
def _common() -> frozenset[str]:
    """Words that callers say and that name nobody."""
    text = files("voice.understanding").joinpath("data", "common.txt").read_text("utf-8").partition("# First names")[0]
    words = {word for line in text.splitlines() if not line.startswith("#") for word in line.split()}
    return frozenset(words - word_list("names_too"))
