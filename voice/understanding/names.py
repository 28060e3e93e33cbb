"""The name that a caller gives: said, dictated, spelled letter by letter, or put right ("not Rakesh, Mukesh")."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from voice.understanding.phrases import phrase, word_list
from voice.understanding.text import CLOSING, OPENING, Heard, Mark, Marks, Token
from voice.understanding.yes_no import opens_with

_WORDS_IN_A_NAME = 4
_LONGEST_WORD = 30
_SPELLED = 3  # single letters in a row that spell a name; fewer are initials
_LONGEST_ING = 5  # letters of a name like "Ming"; longer words in -ing are what somebody does
_LETTERS = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]{2,})?|[^\W\d_]['’][^\W\d_]{2,}|[\u0900-\u0963\u0970-\u097f]{2,}")
_LITTLE_WORDS = frozenset(("a", "i"))
_STOP = re.compile(r" [,.;?!](?= )")
_VERB = re.compile(r"\w{2,}(?:iye|iyega|iega|oonga|unga|ungi|enge)")  # "chhodiye", "bataunga"
# "Naam mein kya rakha hai" asks, "bazaar ja rahi thi" tells: neither names anybody.
_NAMES_NOBODY = re.compile(
    r" (?:kya|kyon|kaun|kab|kahan|kaise|kitna|why|what|which|who|when|how)(?= )"
    r"| (?!bol |bola |(?<= baat )kar)\w+ (?:raha|rahi|rahe)(?: (?:hai|hoon|tha|thi|the|ho))?(?= )"
)
_ANOTHERS_CLAUSE = re.compile(r" (?:(?!aap )\w+ ke|\w\w+s|uska) naam(?= )")
_ANOTHERS = re.compile(
    r" (?:(?!his |its |is |this |yes |thats )\w\w+s|builder|project|company|society|agent|dog|father|husband|wife"
    r"|brother|sister"
    r"|(?!aap )\w+ ke|uska|aapka|your)(?: (?:good|full|company|project|firm|shop))? naam(?: \S+){0,3} $"
)
_WISH = re.compile(r" (?:bhk|bedroom|lakh|crore|flat|apartment|villa|plot|bungalow|property)(?= )")
_PERSONAL = ("name", "identity")


def read_name(heard: Heard, asked: str) -> Marks:
    """Slot name, as the caller spells it, with capitals where there are none; `dropped` holds what was put right."""
    for starts in (_stated(heard, asked), _before_speaking(heard, asked), _bare(heard, asked)):
        found = _names_at(heard, starts, asked)
        kept = [mark for mark in found if not _is_denied(heard, mark)]
        if found and not kept:
            kept = [mark for mark in [_name_at(heard, _after_denial(heard, found[-1]), asked)] if mark]
        if kept:
            name = _put_right(heard, kept[-1], asked)
            return Marks((name,), tuple(mark for mark in found if mark != name))
    return Marks()


def _names_at(heard: Heard, starts: list[int], asked: str) -> list[Mark]:
    found: list[Mark] = []
    for start in starts:
        inside = found and start < len(heard.starts) and heard.starts[start] < found[-1].end
        if not inside and (mark := _name_at(heard, start, asked)):
            found.append(mark)
    return found


def _stated(heard: Heard, asked: str) -> list[int]:
    """Token numbers at which a name starts by what stands before it."""
    is_personal = asked in _PERSONAL or (asked == "confirm" and " naam " in heard.line)
    sections = ["name_always"] + ["name_when_asked"] * is_personal
    ends = {
        match.end()
        for section in sections
        for match in phrase(section).finditer(heard.line)
        if not heard.line[: match.start()].endswith(" jai ")  # "jai shri Krishna" greets
        and not _ANOTHERS.search(heard.line[: match.end() + 1])
        and not _NAMES_NOBODY.search(_clause(heard.line, match.start()))
    }
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
    wish = _WISH.search(heard.line)  # "2 BHK in Baner, Pune" goes on with a place
    until = wish.start() if wish else len(heard.line)
    clauses = [len(OPENING), *(match.end() + 1 for match in _STOP.finditer(heard.line, 0, until))]
    starts = [_beyond_lead_in(heard, at) for at in clauses if not _names_nobody(heard.line, at, clauses)]
    # "I told you just now, Jignesh Patel": a later clause counts where the first names nobody.
    return next(([start] for start in starts if _end_of_name(heard, start) > start), [])


def _clause(line: str, at: int) -> str:
    """The clause that the sign at `at` stands in, with a blank at either end."""
    begin = max((match.end() for match in _STOP.finditer(line, 0, at)), default=len(OPENING) - 1)
    after = _STOP.search(line, at)
    return line[begin : after.start() + 1 if after else len(line) - len(CLOSING)]


def _names_nobody(line: str, at: int, clauses: list[int]) -> bool:
    if _NAMES_NOBODY.search(_clause(line, at)) or _ANOTHERS_CLAUSE.search(_clause(line, at)):
        return True
    after = _STOP.search(line, at)  # "Naam? Zoya" asks first
    return bool(
        after and after.group() == " ?" and at != clauses[-1] and after.end() + 1 in clauses[:-1] + clauses[-1:]
    )


def read_name_alone(heard: Heard) -> Marks:
    """Slot name where the first clause is a name and nothing else: "Imran. Can you switch to Hindi?"."""
    stop = _STOP.search(heard.line)
    start = _beyond_lead_in(heard, len(OPENING))
    end = _end_of_name(heard, start) if stop else start
    if stop is None or end == start or end >= len(heard.starts) or heard.starts[end] != stop.start() + 1:
        return Marks()
    mark = _name_at(heard, start, "name")
    return Marks((mark,)) if mark else Marks()


def _beyond_lead_in(heard: Heard, at: int) -> int:
    opening = phrase("before_name").match(heard.line, at)
    begin = opening.end() if opening else at
    return sum(1 for start in heard.starts if start < begin)


def _name_at(heard: Heard, start: int, asked: str) -> Mark | None:
    end = _end_of_name(heard, start)
    if end == start or (asked != "name" and not _ends_clause(heard, end)):
        return None
    if phrase("of_kin").match(heard.line, heard.starts[end] if end < len(heard.starts) else 0):
        return None  # "Manoj ki wife"
    words = _words(heard.tokens[start:end], heard.original)
    if family := phrase("family_name").match(heard.line, heard.starts[end] if end < len(heard.tokens) else 0):
        more = _name_at(heard, sum(1 for at in heard.starts if at < family.end()), asked)
        if more:
            return Mark("name", f"{words} {more.value}", heard.starts[start], more.end)
    return Mark("name", words, heard.starts[start], heard.starts[end - 1] + len(heard.tokens[end - 1].word))


def _words(tokens: tuple[Token, ...], original: str) -> str:
    said = [original[token.start : token.end] for token in tokens]
    said = [
        word
        for word, before in zip(said, ["", *said], strict=False)
        if word.lower() != before.lower() or len(word) == 1
    ]
    if all(len(word) == 1 for word in said):
        return "".join(word for word in said if word.isalpha()).capitalize()
    return " ".join(word.capitalize() if word.islower() or word.isupper() else word for word in said if word != ".")


def _end_of_name(heard: Heard, start: int) -> int:
    letters, spelled_to = _letters_from(heard, start)
    if letters >= _SPELLED and not _is_name(heard, spelled_to):
        return spelled_to
    end = words = 0
    at = start
    while at < len(heard.tokens) and at - start < _WORDS_IN_A_NAME + 2 and words < _WORDS_IN_A_NAME:
        if _is_name(heard, at):
            words += 1
            at += 1
            end = at
        elif _is_initial(heard, at) and (end == 0 or _letters_from(heard, at)[0] < _SPELLED):
            at += 1 + _is_dot(heard, at + 1)
            end = end and at
        else:
            break
    return end or start


def _letters_from(heard: Heard, start: int) -> tuple[int, int]:
    """How many single letters stand in a row, hyphens between them or not, and where they end."""
    count, end = 0, start
    while _is_initial(heard, end):
        count += 1
        end += 1 + (_said(heard, end + 1) == "-" and _is_initial(heard, end + 2))
    return count, end


def _said(heard: Heard, number: int) -> str:
    if number >= len(heard.tokens):
        return ""
    token = heard.tokens[number]
    return heard.original[token.start : token.end]


def _is_dot(heard: Heard, number: int) -> bool:
    return _said(heard, number) == "."


def _is_initial(heard: Heard, number: int) -> bool:
    said = _said(heard, number)
    if len(said) != 1 or not said.isascii() or not said.isalpha():
        return False
    if _said(heard, number + 1) == "/":
        return False  # "w/o Rakesh"
    return said.isupper() or (heard.original.islower() and said not in _LITTLE_WORDS)


def _is_name(heard: Heard, number: int) -> bool:
    said, word = _said(heard, number), heard.tokens[number].word if number < len(heard.tokens) else ""
    if (word.isdecimal() and len(word) == 1) or _VERB.fullmatch(word):
        return False  # "एक मिनट"
    if len(said) > _LONGEST_WORD or not _LETTERS.fullmatch(said) or heard.tokens[number].word in word_list("no_name"):
        return False
    if said.endswith("ing") and len(said) > _LONGEST_ING:
        return False  # "yes, I'm listening"
    return said.lower() not in _common() or (number > 0 and said[0].isupper() and not heard.original.isupper())


def _ends_clause(heard: Heard, end: int) -> bool:
    """True when what follows can follow a name: nothing, a stop, or "speaking"."""
    if end >= len(heard.tokens):
        return True
    return bool(phrase("after_name").match(heard.line, heard.starts[end]))


def _put_right(heard: Heard, name: Mark, asked: str) -> Mark:
    """What a name becomes further on: "Amit, sorry, Sumit", "Rohit. Rohit Malhotra", "Bunty, but write Harvinder"."""
    while asked == "name" and (match := phrase("instead").match(heard.line, name.end + 1)):
        better = _name_at(heard, sum(1 for at in heard.starts if at < match.end()), asked)
        if better is None or not (_is_told(match) or _is_fuller(better, name)):
            break
        name = better
    return _said_fuller(heard, name) if asked in _PERSONAL else name


def _said_fuller(heard: Heard, name: Mark) -> Mark:
    """The fuller name in "Anita this side, Anita Fernandes", and the one in "no, just Fatima likho"."""
    first = name.value.split()[0].lower()
    only = {match.end() + 1 for match in phrase("only_name").finditer(heard.line, name.end)}
    for number, at in enumerate(heard.starts):
        if at < name.end or not (at in only or _said(heard, number).lower() == first):
            continue
        better = _name_at(heard, number, "name")
        if better and not _is_denied(heard, better) and (at in only or _is_fuller(better, name)):
            name = better
    return name


def _is_told(match: re.Match[str]) -> bool:
    """True where words ask for another name, not a mere stop."""
    return any(part.isalpha() for part in match.group().split())


def _is_fuller(better: Mark, name: Mark) -> bool:
    parts, more = name.value.split(), better.value.split()
    return len(more) > len(parts) and bool(set(parts) & set(more))


def _is_denied(heard: Heard, name: Mark) -> bool:
    """True for the first name in "not Rakesh, Mukesh" and "Rakesh nahi, Mukesh"."""
    return bool(
        phrase("name_denied_before").search(heard.line[: name.start] + CLOSING)
        or phrase("name_denied_after").match(heard.line, name.end + 1)
    )


def _after_denial(heard: Heard, name: Mark) -> int:
    """Token number at which the right name may start."""
    inside = [number for number, at in enumerate(heard.starts) if name.start <= at < name.end]
    for number in inside[1:]:
        if heard.tokens[number].word == heard.tokens[number - 1].word:
            return number  # "not Amit Sumit Sumit Bansal"
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
