"""When we failed to hear an answer that was given: the question is put again, and nobody is blamed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.replies import ask_again, say
from voice.dialogue.state import upgraded

if TYPE_CHECKING:
    from voice.dialogue.state import State
    from voice.events import Reply


def unheard(state: State) -> tuple[State, Reply]:
    """Apologise and put the open question again; the caller was not silent, so this counts as no silence of theirs."""
    if state["outcome"]:
        return say(state, "", ends=True)
    state = upgraded(state)
    state["turn"] += 1
    return ask_again(state, lead=wording.sentence(state, "silence"))
