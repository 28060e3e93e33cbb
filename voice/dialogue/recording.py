"""A caller who does not want to be recorded: told at once that they are not any more, whatever else they said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.replies import ask_again
from voice.dialogue.state import REFUSED

if TYPE_CHECKING:
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State
    from voice.events import Reply

_LONGEST = 300  # characters kept of the words


def refuse(state: State, words: str) -> None:
    """Note the refusal with its words; the first ones stay. Changes `state`."""
    if state["recording"] != REFUSED:
        state["recording"], state["recording_words"] = REFUSED, words.strip()[:_LONGEST]


def nothing_else(state: State) -> Answer:
    """Say that the recording is off, and put the open question again; changes `state`."""
    state["silences"] = 0
    return ask_again(state, lead=_sentence(state))


def told(state: State, reply: Reply) -> Reply:
    """The reply to the rest of the words, after the one to the refusal."""
    return replace(reply, text=f"{_sentence(state)} {reply.text}".strip())


def quote(state: State, said: str) -> None:
    """Give the values of this turn the words as they were said, for the refusal was blanked out; changes `state`."""
    told = [*state["slots"].values(), *state["history"], *([state["offer"]] if state["offer"] else [])]
    for one in told:
        if one["turn"] == state["turn"]:
            one["start"] += len(one["words"]) - len(one["words"].lstrip())
            one["end"] = one["start"] + len(one["words"].strip())
            one["words"] = said[one["start"] : one["end"]]


def was_refused(state: State) -> bool:
    """Whether the caller does not want to be recorded."""
    return state.get("recording", "") == REFUSED


def _sentence(state: State) -> str:
    return wording.sentence(state, "not_recorded")
