"""Who answered: the lead, or somebody else."""

from __future__ import annotations

from voice.understanding.phrases import phrase
from voice.understanding.text import OPENING, Heard, Mark, Marks
from voice.understanding.yes_no import affirms, opens_with


def read_identity(heard: Heard, asked: str, intent: str, name: Mark | None) -> Marks:
    """Slot identity; `intent` and `name` are what was asked for and given in the same breath."""
    who = _who(heard.line, intent, name) if asked == "identity" else ""
    return Marks((Mark("identity", who, 0, len(heard.line)),)) if who else Marks()


def _who(line: str, intent: str, name: Mark | None) -> str:
    if phrase("third_person").search(line):
        return "wrong_person"
    opening = opens_with(phrase("at_leisure").sub("", line).replace("  ", " "))
    if intent in ("who_is_calling", "repeat"):
        myself = phrase("opens_as_myself").match(line, len(OPENING)) or (name and opening is not False)
        return "confirmed" if myself else ""
    if intent:
        return "confirmed" if opening or phrase("opens_as_myself").match(line, len(OPENING)) else ""
    elsewhere = phrase("somebody_else").search(line)
    if phrase("takes_back_no").match(line, len(OPENING) - 2) and not elsewhere:
        return "confirmed"
    if opening is False or elsewhere:
        return "wrong_person"
    if opening or name or phrase("myself").search(line) or affirms(line):
        return "confirmed"
    return ""
