"""What a caller says is wrong in the read-back, when they do not say what would be right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voice.dialogue.questions import FILLS, reopen
from voice.dialogue.requirement import drop
from voice.dialogue.state import script_of
from voice.understanding.numbers import hear

if TYPE_CHECKING:
    from voice.dialogue.state import State

_DETAILS = {
    "location": r"location|locations|city|area|place|locality|jagah|shehar|shahar|sheher|ilaka|ilaaka",
    "category": r"category|residential|commercial",
    "property_type": r"property type|type|kind of property|tarah",
    "bedrooms": r"bedroom|bedrooms|bhk|rooms?|size|number of rooms",
    "budget": r"budget|price|amount|rakam|paisa|paise|figure",
    "purpose": r"purpose|buying|renting",
    "timeline": r"timeline|time|date|month|mahine",
    "email": r"email|mail|e-mail",
    "name": r"naam|name",
}
_CHANGE = re.compile(r"(?<= )(?:change|changed|update|edit|correct|wrong|galat|badal\w*|mistake)(?= )")
_TELLING = {asked: re.compile(rf"(?<= )(?:{words})(?= )") for asked, words in _DETAILS.items()}


def reopen_wrong(state: State, text: str, *, denied: bool) -> bool:
    """Forget the details that `text` calls wrong, so that they are asked for again; changes `state`.

    `denied` tells that it says no. False where it calls nothing of the script's wrong.
    """
    line = hear(text).line
    if not denied and not _CHANGE.search(line):
        return False
    named = [asked for asked in script_of(state).order if asked in _TELLING and _TELLING[asked].search(line)]
    lost = tuple(slot for asked in named for slot in FILLS.get(asked, (asked,)) if slot in state["slots"])
    for slot in lost:
        drop(state, slot)
    reopen(state, lost)
    return bool(lost)
