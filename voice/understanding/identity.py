"""Who answered: the lead, or somebody else; and the name that they give."""

from __future__ import annotations

import re

from voice.understanding.text import Heard, Mark, Marks
from voice.understanding.yes_no import affirms

_CONFIRMED = re.compile(
    r" (?:speaking|this is me|its me|thats me|that is me|it is me|i am he|i am she|yes i am|bol raha (?:hoon|hu|hun)|bol rahi (?:hoon|hu|hun)|main hi|mai hi|boliye|bolo|bol do|kahiye|batao|bataiye|batayein|tell me|go ahead|yes tell|hello yes|right person|wahi|main bol) "
)
_SOMEBODY_ELSE = re.compile(
    r" (?:(?:he|she|they) (?:is|are) (?:not|out|away|busy|at)|(?:hes|shes) (?:not|out|away)|not (?:here|at home|available|home)|(?:ghar|yahan) (?:pe |par )?nahi|wo nahi|woh nahi|unke|uske"
    r"|(?:i am|im|this is|main) (?:his|her|unke|uske|unka|uska) (?:\w+)|(?:wife|husband|brother|sister|son|daughter|father|mother|friend|colleague|secretary|assistant|driver|pati|patni|bhai|beta|beti|behen) (?:bol|of|speaking|here|hoon)"
    r"|wrong person|not (?:him|her|me|the)|koi aur|nobody (?:by|with|of) that|no one (?:by|with|of) that|is naam ke koi|aise koi) "
)


def read_identity(heard: Heard, asked: str) -> Marks:
    """Slot identity."""
    if asked != "identity":
        return Marks()
    line = heard.line
    if _SOMEBODY_ELSE.search(line):
        return Marks((Mark("identity", "wrong_person", 0, len(line)),))
    answer = affirms(line)
    if answer is False:
        return Marks((Mark("identity", "wrong_person", 0, len(line)),))
    if answer or _CONFIRMED.search(line):
        return Marks((Mark("identity", "confirmed", 0, len(line)),))
    return Marks()
