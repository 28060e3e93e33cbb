"""Who picks up in the demo's calls: the pretend network's people, and a few whom it does not have."""

from __future__ import annotations

from voice.personas import PERSONAS, Persona

_MORE = (
    Persona(
        "asks_for_later",
        "has no time now",
        0,
        patience=1,
        last_words=("I am in a meeting. Call me tomorrow at 6 in the evening.",),
    ),
    Persona("not_interested", "is not interested", 0, patience=1, last_words=("Sorry, I am not interested.",)),
    Persona("already_bought", "has bought meanwhile", 0, patience=1, last_words=("We have already bought a flat.",)),
    Persona(
        "a_relative",
        "is married to the lead",
        0,
        patience=0,
        last_words=("She is not at home, I am her husband. She will be back in the evening.",),
    ),
    Persona("silent", "says nothing at all", 0, patience=0, last_words=("",)),
)

CHARACTERS: dict[str, Persona] = PERSONAS | {persona.name: persona for persona in _MORE}
"""Every character by name."""
