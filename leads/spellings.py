"""PURE. The ways in which a person may stand in a record: a number with blanks or escapes, an e-mail, a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import phonenumbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BETWEEN = r"(?:[\s().\-\u00a0\u202f\u2010-\u2015/]|%20|%2D|\\u00a0|\\u2011){0,3}"
_PLUS = r"(?:\+|%2B|%252B|\\u002[bB]|&#43;|&#x2B;|00)?"
# Not within a longer number or an id; a letter before it may be the end of an escape.
_BEGINS = r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=u002[bB]))"
_AT = r"(?:@|%40|%2540|\\u0040|&#64;|\s+at\s+)"
_APART = r"(?:[\s_,+]|%20)+"  # the words of a name
GONE = "[erased]"
"""What takes a person's place in a record that stays."""


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of one person: E.164 numbers, e-mail addresses, names."""

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def without_names(self) -> Whose:
        """The same by what belongs to nobody else."""
        return Whose(self.phones, self.emails)


def pattern_of(whose: Whose) -> re.Pattern[str] | None:
    """Finds any spelling of what is known; None where nothing is."""
    parts = [
        *(_phone(phone) for phone in sorted(whose.phones) if phone),
        *(_email(email) for email in sorted(whose.emails) if email),
        *(_name(name) for name in sorted(whose.names) if name.strip()),
    ]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def glance_of(whose: Whose) -> Callable[[str], bool]:
    """Tells of most texts at once that what is known stands in none of its spellings there; the pattern takes longer.

    It knows numbers by their digits, addresses by what is before the @, and names by their last word.
    """
    digits = [_BETWEEN.join(_parts(phone)[1]) for phone in whose.phones if phone]
    numbers = re.compile("|".join(digits), re.IGNORECASE) if digits else None
    names = [name.split()[-1] for name in whose.names if name.strip()]
    words = {email.partition("@")[0] for email in whose.emails if email} | {*names} | {*map(_escaped, names)}
    lowered = [word.lower() for word in words]

    def may_hold(text: str) -> bool:
        if numbers and numbers.search(text):
            return True
        low = text.lower()
        return any(word in low for word in lowered)

    return may_hold


def _phone(phone: str) -> str:
    code, national = _parts(phone)
    digits = _BETWEEN.join(national)
    if not code:
        return f"{_BEGINS}{_PLUS}{digits}(?![0-9])"
    return rf"{_BEGINS}(?:{_PLUS}{_BETWEEN.join(code)}{_BETWEEN}0?{_BETWEEN}|0{_BETWEEN}|\()?{digits}(?![0-9])"


def _parts(phone: str) -> tuple[str, str]:
    """The country code and the rest; no code where no plan knows the number."""
    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return "", re.sub(r"\D", "", phone)
    return str(parsed.country_code), str(phonenumbers.national_significant_number(parsed))


def _email(email: str) -> str:
    local, _, host = email.partition("@")
    return rf"(?<![\w.+-]){re.escape(local)}{_AT}{re.escape(host)}(?![\w-])" if host else re.escape(email)


def _name(name: str) -> str:
    said = _APART.join(_letters(word) for word in name.split())
    return rf"(?<!\w){said}(?!\w)"


def _letters(word: str) -> str:
    """The word as it is, or as JSON escapes what is no ASCII."""
    escaped = _escaped(word)
    return re.escape(word) if escaped == word else f"(?:{re.escape(word)}|{re.escape(escaped)})"


def _escaped(word: str) -> str:
    return "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in word if ord(one) < 0x10000)


def without(value: Any, pattern: re.Pattern[str]) -> Any:
    """A text, or a value of JSON, with GONE wherever `pattern` finds somebody: in keys and bare numbers, too.

    Of words with their times, over which a number may be spread, none stays.
    """
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, dict):
        return {pattern.sub(GONE, key): without(one, pattern) for key, one in value.items()}
    if isinstance(value, list):
        return [] if pattern.search(spoken_in(value)) else [without(one, pattern) for one in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return GONE if is_number and pattern.search(str(value)) else value


def spoken_in(value: Any) -> str:
    """What is said in a list of words with their times, [text, start, ...] each; "" in anything else."""
    if not isinstance(value, list) or not all(_is_timed(one) for one in value):
        return ""
    return " ".join(word.strip() for word, *_ in value)


def _is_timed(word: Any) -> bool:
    return (
        isinstance(word, list)
        and len(word) > 1
        and isinstance(word[0], str)
        and all(one is None or isinstance(one, int | float) for one in word[1:])
    )


def numbers_in(texts: Iterable[str]) -> frozenset[str]:
    """Those that have the shape of an E.164 number."""
    return frozenset(text for text in texts if re.fullmatch(r"\+[1-9]\d{6,14}", text))
