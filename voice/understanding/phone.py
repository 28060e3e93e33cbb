"""A telephone number asked of a caller who withholds theirs, typed or said digit by digit."""

from __future__ import annotations

import phonenumbers

from voice.understanding.numbers import value_of
from voice.understanding.text import Piece, pieces

_REPEATS = {"double": 2, "triple": 3, "डबल": 2, "ट्रिपल": 3}
_ZERO = frozenset(("oh", "o", "nought"))
_MIN, _MAX = 8, 15  # digits of a number worth trying


def read_phone(text: str) -> tuple[str, int, int] | None:
    """The last valid number in E.164 (India unless it says otherwise), with its stretch of `text`."""
    found = None
    run: list[tuple[str, Piece]] = []
    split = pieces(text)
    at = 0
    while at <= len(split):
        digits, used = _digits(split, at) if at < len(split) else ("", 1)
        if digits:
            run.append((digits, split[at]))
            run += [("", split[at + more]) for more in range(1, used)]
        elif at == len(split) or split[at].raw not in ("-", ".", ",", "(", ")", "then", "and"):
            found = _number(run) or found
            run = []
        at += used
    return found


def _digits(split: list[Piece], at: int) -> tuple[str, int]:
    """Digits said by the piece at `at`, and how many pieces they take."""
    raw = split[at].raw
    if raw in ("+", "plus"):
        return "+", 1
    if raw in _REPEATS and at + 1 < len(split):
        digit = _one(split[at + 1].raw)
        return (digit * _REPEATS[raw], 2) if len(digit) == 1 else ("", 1)
    tens = value_of(raw)
    if tens in range(20, 100, 10) and raw.endswith("ty") and at + 1 < len(split):
        ones = value_of(split[at + 1].raw)
        if ones in range(1, 10) and split[at + 1].raw.isalpha():
            return str((tens or 0) + (ones or 0)), 2
    return _one(raw), 1


def _one(raw: str) -> str:
    if raw.isascii() and raw.replace(",", "").isdecimal():
        return raw.replace(",", "")
    if raw in _ZERO:
        return "0"
    value = value_of(raw)
    return "" if value is None else str(value)


def _number(run: list[tuple[str, Piece]]) -> tuple[str, int, int] | None:
    digits = "".join(said for said, _ in run)
    if not _MIN <= len(digits.replace("+", "")) <= _MAX or "+" in digits[1:]:
        return None
    try:
        number = phonenumbers.parse(digits, "IN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, run[0][1].start, run[-1][1].end
