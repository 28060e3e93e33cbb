"""What staff decide about a call: who speaks, in which language, what is asked and what must be known."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from voice.dialogue.phrases_en import ENGLISH
from voice.dialogue.phrases_hi import HINDI

QUESTIONS = ("identity", "name", "phone", "location", "category", "property_type", "bedrooms", "budget", "purpose",
             "timeline", "email", "consent")  # fmt: skip
"""All that a script may ask for; "confirm" (the read-back) and "callback" (a time) follow from the conversation."""

DEFAULT_ORDER = ("identity", "location", "category", "property_type", "bedrooms", "budget", "consent")
DEFAULT_REQUIRED = ("location", "budget", "consent")
DEFAULT_GREETING = ENGLISH.sentences["greeting"]
DEFAULT_RECORDING_NOTICE = ENGLISH.sentences["recording_notice"]
LANGUAGES = {table.language: table for table in (ENGLISH, HINDI)}
HINDI_SCRIPTS = ("Deva", "Latn")
HOLES = ("name", "agent", "brokerage")

_HOLE = re.compile(r"\{([^{}]*)\}")
_LONGEST_TEXT = 500  # characters; more than half a minute of talking before the first question


@dataclass(frozen=True, slots=True)
class Script:
    """One version of what an agent says and asks; `order` and `required` hold names from QUESTIONS.

    `greeting` and `recording_notice` may hold {name}, {agent} and {brokerage}; an empty recording notice is not said.
    Left as they are by default, both are said in the language of the conversation. `hindi_script` names the letters
    that the voice reads Hindi in, one of HINDI_SCRIPTS. In a `written` conversation nothing is said of calling and
    hearing.
    """

    agent_name: str = "Asha"
    brokerage: str = "Sunrise Realty"
    language: str = "en-IN"
    voice: str = ""
    greeting: str = DEFAULT_GREETING
    order: tuple[str, ...] = DEFAULT_ORDER
    required: tuple[str, ...] = DEFAULT_REQUIRED
    recording_notice: str = DEFAULT_RECORDING_NOTICE
    version: int = 1
    hindi_script: str = "Deva"
    written: bool = False

    def to_json(self) -> dict[str, Any]:
        """A JSON object that from_json turns back into an equal script."""
        return {**asdict(self), "order": list(self.order), "required": list(self.required)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Script:
        """Read what to_json wrote; keys of other versions are ignored, missing ones take their default."""
        known = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        for key in ("order", "required"):
            if key in known:
                known[key] = tuple(known[key])
        return cls(**known)


def fill(text: str, holes: dict[str, str]) -> str:
    """Put `holes` into `text`; an unknown hole is left out, for nobody should hear braces on the telephone."""
    filled = _HOLE.sub(lambda match: holes.get(match[1].strip(), ""), text)
    filled = re.sub(r"\s+", " ", filled.replace("{", "").replace("}", ""))
    return re.sub(r" ([,.!?;:।])", r"\1", filled).strip()


def problems(script: Script) -> tuple[str, ...]:
    """Sentences for staff about what to mend in a script; empty when it can be used."""
    return (
        *text_problems("greeting", script.greeting),
        *text_problems("recording notice", script.recording_notice),
        *_order_problems(script),
        *_language_problems(script),
    )


def text_problems(name: str, text: str) -> list[str]:
    """Sentences for staff about what to mend in one text with holes, which they know as `name`."""
    found = []
    if name == "greeting" and not text.strip():
        found.append("The greeting is empty; write what the agent says first.")
    if len(text) > _LONGEST_TEXT:
        found.append(f"The {name} is {len(text)} characters long; keep it under {_LONGEST_TEXT}.")
    found += [
        f"The {name} has an unknown hole {{{hole}}}; use {{name}}, {{agent}} or {{brokerage}}."
        for hole in _HOLE.findall(text)
        if hole.strip() not in HOLES
    ]
    if re.search(r"[{}]", _HOLE.sub("", text)):
        found.append(f"The {name} has a brace without its partner; write holes as {{name}}.")
    return found


def _order_problems(script: Script) -> list[str]:
    found = []
    if not script.order:
        found.append("The order is empty; choose at least one question.")
    found += [
        f'The order asks for "{slot}", which is not a question; choose from {", ".join(QUESTIONS)}.'
        for slot in script.order
        if slot not in QUESTIONS
    ]
    found += [
        f'The order asks for "{slot}" more than once; keep it once.'
        for slot in dict.fromkeys(script.order)
        if script.order.count(slot) > 1
    ]
    found += [
        f'"{slot}" is required but never asked; add it to the order or make it optional.'
        for slot in script.required
        if slot not in script.order
    ]
    return found


def _language_problems(script: Script) -> list[str]:
    found = []
    if script.hindi_script not in HINDI_SCRIPTS:
        found.append(f'Hindi cannot be written in "{script.hindi_script}"; choose {" or ".join(HINDI_SCRIPTS)}.')
    if script.language in LANGUAGES:
        return found
    return [*found, f'The language "{script.language}" is not spoken yet; choose {" or ".join(LANGUAGES)}.']
