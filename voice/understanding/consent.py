"""Consent to a sales representative's call: said, never guessed."""

from __future__ import annotations

from voice.understanding.phrases import phrase
from voice.understanding.text import Heard, Mark, Marks
from voice.understanding.yes_no import affirms, opens_with


def read_consent(heard: Heard, asked: str, intent: str) -> Marks:
    """Slot consent, only in answer to the question; beside an `intent` only a plain yes or no counts."""
    if asked != "consent":
        return Marks()
    answer = _answer(heard.line, intent)
    return Marks() if answer is None else Marks((Mark("consent", answer, 0, len(heard.line)),))


def _answer(line: str, intent: str) -> bool | None:
    if intent == "repeat":
        return None
    answer = affirms(line)
    if intent:
        opening = opens_with(line)
        return opening if opening == answer else None
    if answer is not None:
        return answer
    doubts = ("hesitation", "question", "no")
    if phrase("invitation").search(line) and not any(phrase(doubt).search(line) for doubt in doubts):
        return True
    return None
