"""Which language to speak: the one that the caller asks for, or keeps answering in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice.dialogue.state import State


def follow(state: State, text: str) -> None:
    """Two answers in a row in Devanagari turn the agent to Hindi without being asked."""
    letters = [letter for letter in text if letter.isalpha()]
    devanagari = sum("\u0900" <= letter <= "\u097f" for letter in letters)
    if state["language"] != "en-IN" or 2 * devanagari <= len(letters):
        state["other_language"] = 0
        return
    state["other_language"] += 1
    if state["other_language"] > 1:
        state["language"] = "hi-IN"
