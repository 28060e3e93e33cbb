"""Whether a caller does not want to be recorded: said beside an answer as often as instead of one."""

from __future__ import annotations

import re

from voice.understanding.numbers import hear
from voice.understanding.phrases import phrase, word_list
from voice.understanding.unspoken import is_unspoken

_JOINS = re.compile(r" (?:but|lekin|par|aur|and) ")
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"\S")


def without_refusal(text: str, *, asked: str) -> tuple[str, bool]:
    """The text with "don't record this" blanked out sign by sign, and whether it held that.

    What is left keeps its place and is the answer to `asked`. A bare yes or no beside the refusal is part of it, save
    where a word joins the two: "yes, but don't record".
    """
    found = None if is_unspoken(text) else phrase("no_recording").search((heard := hear(text, asked)).line)
    if found is None:
        return text, False
    start, end = heard.span(*found.span())
    rest = text[:start] + _SIGN.sub(" ", text[start:end]) + text[end:]
    left = set(_WORD.findall(hear(rest).line))
    answers = asked == "identity" or _JOINS.search(f" {found['before']}")
    if not left or (left <= word_list("beside_refusal") and not answers):
        rest = _SIGN.sub(" ", text)
    return rest, True
