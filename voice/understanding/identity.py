"""Who answered: the lead, or somebody else."""

from __future__ import annotations

import re

from voice.understanding.phrases import phrase
from voice.understanding.text import OPENING, Heard, Mark, Marks
from voice.understanding.yes_no import affirms, opens_with

# "Yes, I was looking at flats with my wife": who speaks for themselves first may speak of others.
_OWN_WISH = re.compile(
    r"(?<= )(?:i|we|im|ive|weve|main|mein|hum|maine|humne|mujhe|humein)"
    r"(?: (?:am|are|was|were|have|had|actually|also|just|only|been))*"
    r" (?:look\w*|search\w*|want\w*|need\w*|saw|seen|enquir\w*|inquir\w*|filled|visit\w*|plan\w*|interested|chahiye"
    r"|dekh|kharidna|lena|ghar|flat|property)(?= )"
)
_SPOKEN_OF = re.compile(r"(?:my|mera) .*")  # with _DOES: "my husband told me"
_DOES = re.compile(r" (?:also )?(?:told|said|mentioned|filled|gave|wanted|and|aur|se|ne|ke liye)(?= )")


def read_identity(heard: Heard, asked: str, intent: str, name: Mark | None) -> Marks:
    """Slot identity; `intent` and `name` are what was asked for and given in the same breath."""
    who = _who(heard.line, intent, name) if asked == "identity" else ""
    return Marks((Mark("identity", who, 0, len(heard.line)),)) if who else Marks()


def _who(line: str, intent: str, name: Mark | None) -> str:
    opening = opens_with(phrase("at_leisure").sub("", line).replace("  ", " "))
    others = phrase("third_person").search(line)
    if others and not (opening and _speaks_for_themselves(line, others)):
        return "wrong_person"
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


def _speaks_for_themselves(line: str, others: re.Match[str]) -> bool:
    if _OWN_WISH.search(line, 0, others.end()):
        return True
    return bool(_SPOKEN_OF.fullmatch(others.group()) and _DOES.match(line, others.end()))
