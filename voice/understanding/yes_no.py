"""Yes and no, in English, Hinglish and Devanagari; a hesitation or a question is neither."""

from __future__ import annotations

from voice.understanding.numbers import hear
from voice.understanding.phrases import phrase
from voice.understanding.text import EDGES, OPENING


def affirmation(text: str) -> bool | None:
    """True for yes, False for no, None for neither: a hesitation, a question, or other matters."""
    return affirms(hear(text).line)


def affirms(line: str) -> bool | None:
    """The same of a canonical line."""
    line = phrase("firm_no").sub("no", phrase("firm").sub("yes", line))
    if phrase("hesitation").search(line) or phrase("question").search(line):
        return None
    polite = phrase("polite_yes").sub("yes", line)
    if opens_with(polite):
        polite = phrase("constraint").sub("", polite)
    yes = bool(phrase("yes").search(polite)) or _is_all_weak(polite)
    no = bool(phrase("no").search(polite))
    return yes if yes != no else None


def opens_with(line: str) -> bool | None:
    """Whether a line opens with a yes (True) or a no (False), greetings aside."""
    opening = phrase("greetings").match(line, len(OPENING))
    at = opening.end() + 1 if opening else len(OPENING)
    if phrase("polite_yes").match(line, at) or phrase("yes").match(line, at):
        return True
    if phrase("no").match(line, at):
        return False
    # "ji" agrees, and also only greets.
    return True if " ji " in line[:at] and line[at:].strip() == EDGES[1] else None


def _is_all_weak(line: str) -> bool:
    """True for "right", "that's fine", "perfect, thank you": nothing but agreement."""
    return bool(phrase("all_agreement").search(line) and phrase("weak_yes").search(line))
