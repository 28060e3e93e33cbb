"""Answers in staff's own sentences: a model may point at one, and never puts it into other words."""

from __future__ import annotations

import re

from voice.dialogue.quotes import find_quote

LONGEST_ANSWER = 300
"""Characters that an open question may be answered in; some twenty seconds of talking."""

_LEAST_QUOTED = 2  # words; one alone stands anywhere
_SENTENCE = re.compile(r"(?:(?<!\bRs)(?<!\bNo)(?<!\bSt)(?<!\bMr)(?<!\bDr)(?<!\bMrs)(?<=[.!?।])\s+)|\s*\n\s*")


def sentences_with(knowledge: str, quote: str) -> str:
    """The whole sentences of `knowledge` that hold `quote`; "" where it is not there, or too much to be said."""
    if len(quote.split()) < _LEAST_QUOTED:
        return ""
    sentences = [" ".join(one.split()) for one in _SENTENCE.split(knowledge) if one.strip()]
    whole = " ".join(sentences)
    span = find_quote(whole, quote)
    if span is None:
        return ""
    told, at = [], 0
    for sentence in sentences:
        if at < span[1] and span[0] < at + len(sentence):
            told.append(sentence)
        at += len(sentence) + 1
    answer = " ".join(told)
    return answer if len(answer) <= LONGEST_ANSWER else ""
