"""Consent to a sales representative's call: said, never guessed."""

from __future__ import annotations

import re
from voice.understanding.text import Heard, Mark, Marks
from voice.understanding.yes_no import affirms

_INVITATION = re.compile(
    r" (?:(?:you|he|she|they|someone|somebody|anyone|your (?:team|sales|agent|executive|person)) (?:can|may|could) (?:surely |definitely )?(?:call|phone|contact|ring|reach)"
    r"|(?:tell|ask|have|let|get) (?:him|her|them|someone|somebody|the agent|your (?:team|agent|executive)) (?:to )?(?:call|contact|phone)"
    r"|call (?:karwa|karva|kara|karao|karwao|laga)|baat (?:karwa|karva|kara)|call karo (?:do|lo|sakte|dijiye|de)|id (?:like|love) that|happy to|i (?:would|will) (?:like|love) (?:that|to))"
)


def read_consent(heard: Heard, asked: str) -> Marks:
    """Slot consent, only in answer to the question."""
    if asked != "consent":
        return Marks()
    answer = affirms(heard.line)
    if answer is None and _INVITATION.search(heard.line) and " ? " not in heard.line and " not " not in heard.line and " nahi " not in heard.line:
        answer = True
    if answer is None:
        return Marks()
    return Marks((Mark("consent", answer, 0, len(heard.line)),))
