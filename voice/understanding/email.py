"""An e-mail address, written or spelled aloud: "meena dot k at the rate gmail dot com"."""

from __future__ import annotations

import re

from voice.understanding.numbers import value_of
from voice.understanding.phrases import word_list
from voice.understanding.text import Piece, pieces

_WRITTEN = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63} ?@ ?(?:[a-z0-9-]{1,63} ?\. ?){1,4}[a-z]{2,24}")
_VALID = re.compile(
    r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,24}"
)
_SIGNS = {
    "dot": ".", "point": ".", "period": ".", ".": ".", "डॉट": ".", "डाट": ".", "dott": ".", "underscore": "_", "_": "_",
    "अंडरस्कोर": "_", "hyphen": "-", "dash": "-", "minus": "-", "-": "-", "हाइफन": "-", "plus": "+", "+": "+", "@": "@",
    "at": "@", "attherate": "@", "एट": "@", "ऐट": "@", "अट": "@", "एटदरेट": "@",
}  # fmt: skip
_AT_TAIL = (
    ("the", "rate", "of"),
    ("the", "rate"),
    ("rate", "of"),
    ("rate",),
    ("द", "रेट"),
    ("दी", "रेट"),
    ("symbol",),
    ("sign",),
)
_SPELLED = {
    "जीमेल": "gmail",
    "याहू": "yahoo",
    "कॉम": "com",
    "काम": "com",
    "इन": "in",
    "आउटलुक": "outlook",
    "calm": "com",
    "kom": "com",
    "jeemail": "gmail",
    "jimail": "gmail",
}
# A spoken "at" joins an address only before an ending that addresses have: "at most one point one" is none.
_ENDINGS = frozenset(
    [
        "com",
        "in",
        "org",
        "net",
        "co",
        "edu",
        "gov",
        "info",
        "io",
        "biz",
        "me",
        "ai",
        "uk",
        "us",
        "ae",
        "au",
        "ca",
        "sg",
        "live",
        "pro",
        "online",
        "tech",
        "app",
        "dev",
        "xyz",
        "nic",
        "ac",
    ]
)
_FILLERS = frozenset(
    (
        "all",
        "small",
        "lowercase",
        "lower",
        "case",
        "capital",
        "letters",
        "letter",
        "space",
        "then",
        "and",
        "one",
        "word",
        "no",
    )
)
_PROVIDERS = frozenset(("gmail", "yahoo", "hotmail", "outlook", "rediffmail", "icloud"))
_DOMAIN_JOINS = {
    ("g", "mail"): "gmail",
    ("gee", "mail"): "gmail",
    ("ji", "mail"): "gmail",
    ("rediff", "mail"): "rediffmail",
    ("hot", "mail"): "hotmail",
    ("out", "look"): "outlook",
    ("i", "cloud"): "icloud",
    ("proton", "mail"): "protonmail",
}


def read_email(text: str) -> list[tuple[str, int, int]]:
    """Addresses in order, in lower case, with their stretches of `text`."""
    split = pieces(text)
    if not any(_SIGNS.get(piece.raw) == "@" for piece in split):
        return []
    found = []
    for at, piece in enumerate(split):
        if _SIGNS.get(piece.raw) == "@" and (address := _around(split, at)):
            found.append(address)
    return found


def _around(split: list[Piece], at: int) -> tuple[str, int, int] | None:
    """The address whose at-sign stands at `at`."""
    domain, end = _domain(split, _after_at(split, at))
    if not domain:
        return None
    if split[at].raw != "@" and domain.rsplit(".", 1)[1] not in _ENDINGS:
        return None
    local, start = _local(split, at)
    address = f"{local}@{domain}"
    return (address, split[start].start, split[end - 1].end) if local and _VALID.fullmatch(address) else None


def _after_at(split: list[Piece], at: int) -> int:
    end = at + 1
    for tail in _AT_TAIL:
        if tuple(piece.raw for piece in split[at + 1 : at + 1 + len(tail)]) == tail:
            end = at + 1 + len(tail)
            break
    return end + (end < len(split) and split[end].raw == ",")  # a pause in dictation


def _domain(split: list[Piece], at: int) -> tuple[str, int]:
    """Labels joined by dots, and where they end; empty without a dot."""
    labels: list[str] = []
    end = at
    while at < len(split) and len(labels) < 5:
        label, used = _label(split, at)
        if not label:
            break
        labels.append(label)
        end = at = at + used
        if at >= len(split) or _SIGNS.get(split[at].raw) != ".":
            break
        at += 1
    return (".".join(labels), end) if len(labels) > 1 else ("", end)


def _label(split: list[Piece], at: int) -> tuple[str, int]:
    pair = tuple(piece.raw for piece in split[at : at + 2])
    if pair in _DOMAIN_JOINS:
        return _DOMAIN_JOINS[(pair[0], pair[1])], 2
    raw = split[at].raw
    if len(raw) == 1 and raw.isalpha():
        used = 0
        while at + used < len(split) and len(split[at + used].raw) == 1 and split[at + used].raw.isalpha():
            used += 1
        return "".join(piece.raw for piece in split[at : at + used]), used
    raw = _SPELLED.get(raw, raw)
    if (hyphened := _hyphened(split, at)) > 1:
        return "".join(_SIGNS.get(piece.raw, piece.raw) for piece in split[at : at + hyphened]), hyphened
    if (more := _words_before_dot(split, at)) > 1:
        return "".join(_SIGNS.get(piece.raw, piece.raw) for piece in split[at : at + more]), more
    return (raw, 1) if re.fullmatch(r"[a-z0-9-]+", raw) else ("", 0)


def _hyphened(split: list[Piece], at: int) -> int:
    """How many pieces make the label at `at` when it is said with hyphens: "patel hyphen and hyphen sons dot com"."""
    used = 1
    while at + used + 1 < len(split) and _SIGNS.get(split[at + used].raw) == "-":
        if not re.fullmatch(r"[a-z0-9]+", split[at + used + 1].raw):
            break
        used += 2
    return used


def _words_before_dot(split: list[Piece], at: int) -> int:
    """How many words make the label at `at` when it is said in pieces: "sharma builders dot com"."""
    for used in (1, 2, 3):
        if not all(re.fullmatch(r"[a-z]{2,}", piece.raw) for piece in split[at : at + used]):
            return 0
        if at + used < len(split) and _SIGNS.get(split[at + used].raw) == ".":
            return used
    return 0


def _local(split: list[Piece], at: int) -> tuple[str, int]:
    """What stands before the at-sign, back to the first word that is no part of an address."""
    at -= at > 0 and split[at - 1].raw == ","
    start = at
    while start > 0 and at - start < 40 and _is_local(split, start - 1, at):
        start -= 1
    while start < at and split[start].raw in (".", "-"):
        start += 1
    return _joined(split[start:at]), start


def _is_local(split: list[Piece], index: int, at: int) -> bool:
    raw = split[index].raw
    if raw in word_list("not_address"):
        return _is_spelled_on(split, index)  # "no dot interest at hotmail dot com"
    if raw in _PROVIDERS and split[index + 1].raw == "." and index + 1 < at:
        return False  # "not Yahoo, Gmail. ritu.b@gmail.com"
    return (raw in _SIGNS and _SIGNS[raw] != "@") or (
        bool(re.fullmatch(r"[^\W_]+|[\u0900-\u097f]+", raw)) and index < at
    )


def _is_spelled_on(split: list[Piece], index: int) -> bool:
    """True for a word that a spoken sign follows: only an address goes on like that."""
    after = split[index + 1].raw if index + 1 < len(split) else ""
    return after.isalpha() and _SIGNS.get(after, "@") != "@"


def _joined(words: list[Piece]) -> str:
    out, at = "", 0
    while at < len(words):
        raw = words[at].raw
        times = {"double": 2, "triple": 3}.get(raw)
        if times and at + 1 < len(words):
            out += _letter(words[at + 1].raw) * times
            at += 2
        elif (
            len(raw) == 1 and at + 2 < len(words) and words[at + 1].raw in ("for", "as") and len(words[at + 2].raw) > 2
        ):
            out += raw
            at += 3
        elif raw in ("under",) and at + 1 < len(words) and words[at + 1].raw == "score":
            out += "_"
            at += 2
        else:
            out += "" if _is_filler(words, at) else _tens(words, at)
            at += 2 if _is_compound(words, at) else 1
    return out


def _is_filler(words: list[Piece], at: int) -> bool:
    raw = words[at].raw
    if raw not in _FILLERS or raw == "one":
        return False
    return not (raw == "no" and at + 1 < len(words) and _SIGNS.get(words[at + 1].raw))


def _letter(raw: str) -> str:
    if raw.isdecimal():
        return raw
    value = value_of(raw, english=True)
    return _SIGNS.get(raw) or (str(value) if value is not None else _SPELLED.get(raw, raw))


def _is_compound(words: list[Piece], at: int) -> bool:
    if at + 1 >= len(words):
        return False
    tens, ones = value_of(words[at].raw, english=True), value_of(words[at + 1].raw, english=True)
    return (
        tens in range(20, 100, 10)
        and words[at].raw.endswith("ty")
        and ones in range(1, 10)
        and words[at + 1].raw.isalpha()
    )


def _tens(words: list[Piece], at: int) -> str:
    if _is_compound(words, at):
        return str((value_of(words[at].raw, english=True) or 0) + (value_of(words[at + 1].raw, english=True) or 0))
    return _letter(words[at].raw)
