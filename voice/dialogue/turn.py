"""How a turn is answered once its meaning is known and its values are taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import asides, waiting, wording
from voice.dialogue.callbacks import call_back
from voice.dialogue.corrections import reopen_wrong
from voice.dialogue.offer import propose
from voice.dialogue.questions import ASKS, CALLBACK, CONFIRM
from voice.dialogue.replies import ask, ask_again, complete, end, go_on, say
from voice.dialogue.requirement import drop
from voice.dialogue.state import Outcome, slots

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State
    from voice.events import Utterance

FINAL = {"do_not_call": Outcome.DO_NOT_CALL, "wrong_number": Outcome.WRONG_NUMBER, "voicemail": Outcome.VOICEMAIL}
"""Intents that end the call before anything else in the same words is taken over."""

HANDED_OVER = {"owner": "human", "in_touch": "in_touch"}
"""Signals that a person takes over at once, and the goodbye to each."""

_DOUBTS = 2  # answers to the read-back, in a row, that neither agree nor correct
_ENDING = {
    "human": Outcome.HUMAN,
    "not_interested": Outcome.NOT_INTERESTED,
    "already_bought": Outcome.ALREADY_BOUGHT,
}


def answer(state: State, meaning: Meaning, changed: tuple[str, ...], heard: Utterance) -> Answer:
    """Answer words that meant `meaning` and changed the slots `changed`; changes `state`."""
    if meaning.signal == "question":
        asides.note_question(state, meaning, heard)
    if meaning.intent in _ENDING:
        return end(state, _ENDING[meaning.intent], meaning.intent)
    if absent := _absent(state, meaning):
        return absent
    if meaning.intent == "callback" or state["asked"] == CALLBACK or _postpones(state, meaning):
        if not _agrees_to_a_time(state, meaning):
            return call_back(state, meaning, heard)
        state["callback_at"] = meaning.callback_at
    if meaning.value("identity") == "wrong_person":
        return end(state, Outcome.WRONG_NUMBER, "wrong_person")
    if changed:
        state["detours"] = 0
        state["doubts"] = 0
    if changed == ("consent",) and state["asked"] == CONFIRM:
        return complete(state)  # "fine, but no calls": nothing is left to agree to
    return _aside(state, meaning, changed) or _go_on(state, meaning, changed, heard)


def _agrees_to_a_time(state: State, meaning: Meaning) -> bool:
    """Whether a yes to us names a time for the sales call, not for ours: "yes, call me tomorrow"."""
    agreed = slots(state).get("consent") if state["asked"] == CONFIRM and meaning.yes else None
    return bool(agreed or (state["asked"] == "consent" and meaning.value("consent")))


def _postpones(state: State, meaning: Meaning) -> bool:
    """Whether "not now" is said to the call as a whole, and not to the question."""
    return meaning.signal == "not_now" and state["asked"] not in {"consent", CONFIRM, "timeline"}


def silence(state: State) -> Answer:
    """Answer nothing: ask once whether they are there, then end; changes `state`."""
    if state["waiting"]:
        return waiting.still_silent(state)
    state["silences"] += 1
    if state["asked"] == CALLBACK:
        return end(state, Outcome.CALLBACK, "callback.open")
    if state["silences"] > 1:
        return end(state, Outcome.NO_RESPONSE, "no_response")
    return ask_again(state, lead=wording.sentence(state, "silence"))


def _absent(state: State, meaning: Meaning) -> Answer | None:
    """The goodbye to whoever answers for a lead that is not there; None where the lead is, or a time was named."""
    if not _is_somebody_else(state, meaning):
        return None
    if meaning.signal == "died":
        return end(state, Outcome.WRONG_NUMBER, "died")
    if meaning.intent == "callback" and (meaning.callback_at or "identity" not in state["slots"]):
        return None
    drop(state, "consent")
    return end(state, Outcome.NOT_THERE, "not_there")


def _is_somebody_else(state: State, meaning: Meaning) -> bool:
    """Whether the number is right and the person is not; once the lead is there, only a child's words tell."""
    if state["direction"] == "inbound" or meaning.signal not in {"child", "elsewhere", "died"}:
        return False
    known = state["slots"].get("identity")
    if meaning.signal == "child" or known is None or known["value"] == "wrong_person":
        return True
    # "Yes" to a name is often said before it was heard: "he is not at home".
    return known["turn"] == state["turn"] - 1 and not meaning.found


def _aside(state: State, meaning: Meaning, changed: tuple[str, ...]) -> Answer | None:
    """The answer to what is no answer to our question; None where the conversation simply goes on."""
    if meaning.signal == "abuse":
        return asides.insulted(state, meaning.intent, changed)
    if meaning.signal == "slower":
        return asides.slower(state, changed)
    if meaning.signal in asides.REMARKS:
        return asides.remark(state, meaning.signal, changed)
    if meaning.signal == "question" and meaning.intent not in asides.DETOURS:
        return asides.open_question(state, meaning, changed)
    if meaning.intent in asides.DETOURS and not (meaning.intent == "repeat" and state["asked"] == CONFIRM):
        return asides.detour(state, meaning.intent, changed)
    if meaning.signal == "hold" and not meaning.intent:
        return waiting.wait(state, "hold")
    return None


def _go_on(state: State, meaning: Meaning, changed: tuple[str, ...], heard: Utterance) -> Answer:
    if propose(state, meaning):
        return ask_again(state, lead=wording.acknowledgement(state, changed))
    if state["asked"] == CONFIRM and not changed:
        return _read_back_answered(state, meaning, heard)
    if meaning.intent == "repeat":
        return asides.detour(state, meaning.intent, changed)
    if state["asked"] == "identity" and changed:
        # Whoever tells what they are looking for has said enough about who they are.
        state["attempts"]["identity"] = ASKS
    return go_on(state, lead=_lead(state, changed, newcomer=meaning.newcomer))


def _read_back_answered(state: State, meaning: Meaning, heard: Utterance) -> Answer:
    # After "no", whoever is asked what to change may name no more than "the budget".
    denied = meaning.yes is False or state["doubts"] > 0
    if not (meaning.yes or meaning.intent) and reopen_wrong(state, heard.text, denied=denied):
        return go_on(state, lead=wording.sentence(state, "sorry"))
    state["doubts"] += 1
    if meaning.yes or state["doubts"] >= _DOUBTS:
        return complete(state)
    if meaning.yes is False:
        return say(state, wording.question(state, "change"))
    return ask(state, CONFIRM)


def _lead(state: State, changed: tuple[str, ...], *, newcomer: bool) -> str:
    """What to say before the next question, so that the caller knows what was understood."""
    said = wording.acknowledgement(state, changed)
    if said:
        return said
    if "identity" in changed and state["direction"] == "outbound":
        about = wording.sentence(state, "about")
        return f"{wording.greeting(state)} {about}" if newcomer else about
    return wording.sentence(state, "thanks") if any(slot in state["slots"] for slot in changed) else ""
