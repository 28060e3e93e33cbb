"""Holding the line: for a caller who fetches somebody, an assistant that screens calls, a queue with music."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import questions, wording
from voice.dialogue.replies import ask_again, end, go_on, say
from voice.dialogue.requirement import drop
from voice.dialogue.state import Outcome, script_of

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State

_LONGEST = 4  # requests to wait, and silences meanwhile, in a row
_PATIENCE_S = 20
_SENTENCES = {"hold": "hold", "handover": "hold", "queue": "hold", "screening": "screening"}
_NOBODY_YET = frozenset({"queue", "screening"})


def interruption(state: State, meaning: Meaning) -> Answer | None:
    """The answer to a machine on the line, or to a phone that changes hands: none of their words are an answer.

    None where nothing of that kind was heard; changes `state`.
    """
    if meaning.signal == "handover" and not meaning.intent:
        _forget_who(state)
        return wait(state, "handover")
    if state["direction"] == "inbound" or meaning.signal not in _NOBODY_YET:
        return None
    if meaning.signal == "screening" and "identity" in state["slots"]:
        return None  # a lead may speak of it
    return wait(state, meaning.signal)


def wait(state: State, kind: str) -> Answer:
    """Say that we wait, and listen longer than usual; changes `state`."""
    state["waiting"] = kind
    state["waits"] += 1
    if state["waits"] > _LONGEST:
        return _waited_enough(state)
    return say(state, wording.sentence(state, _SENTENCES[kind]), patience_s=_PATIENCE_S)


def still_silent(state: State) -> Answer:
    """Answer silence while we wait; changes `state`."""
    state["waits"] += 1
    if state["waits"] > _LONGEST:
        return _waited_enough(state)
    return say(state, wording.sentence(state, "waiting"), patience_s=_PATIENCE_S)


def is_awaited(state: State) -> bool:
    """Whether whoever speaks next may be somebody new, who has not heard who is calling."""
    return state["waiting"] in {"handover", *_NOBODY_YET} and state["asked"] == "identity"


def somebody_came(state: State, meaning: Meaning) -> Answer | None:
    """Greet whoever comes to the line after a wait, unless they answered already; changes `state`."""
    anew = is_awaited(state)
    state["waiting"], state["waits"] = "", 0
    if not anew or meaning.found or meaning.intent or meaning.signal:
        return None
    return ask_again(state, lead=wording.greeting(state))


def _waited_enough(state: State) -> Answer:
    waited, state["waiting"], state["waits"] = state["waiting"], "", 0
    if waited in _NOBODY_YET:
        return end(state, Outcome.NO_RESPONSE, "no_response")
    if questions.settled(state, state["asked"]):
        return go_on(state, lead="")
    return ask_again(state, lead="")


def _forget_who(state: State) -> None:
    """Another person is no lead until they say so, and what somebody else agreed to binds nobody."""
    for slot in ("identity", "consent"):
        drop(state, slot)
        state["attempts"].pop(slot, None)
    state["offer"] = None
    state["attempts"].pop(state["asked"], None)  # they have not heard it
    if state["name"] and "identity" in script_of(state).order:
        state["asked"] = "identity"
        state["attempts"]["identity"] = 1
