"""The conversation, a turn at a time: `step(state, heard) -> (state, reply)`, without a clock or memory of its own."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from voice.dialogue import questions, wording
from voice.dialogue import state as states
from voice.dialogue.meaning import meaning_of
from voice.dialogue.questions import ASKS, CALLBACK, CONFIRM
from voice.dialogue.requirement import absorb, take_back
from voice.dialogue.state import Outcome, State, script_of
from voice.events import Reply

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.script import Script
    from voice.events import Direction, Utterance

MAX_TURNS = 30
"""How often the caller is heard before a conversation that goes nowhere is closed politely."""

_DETOURS = 2  # questions about us, or repeats, in a row before the next one counts as an answer that was not given
_DOUBTS = 2  # answers to the read-back, in a row, that neither agree nor correct
_FINAL = {"do_not_call": Outcome.DO_NOT_CALL, "wrong_number": Outcome.WRONG_NUMBER, "voicemail": Outcome.VOICEMAIL}
_ENDING = {
    "human": Outcome.HUMAN,
    "not_interested": Outcome.NOT_INTERESTED,
    "already_bought": Outcome.ALREADY_BOUGHT,
}
_LANGUAGE = {"language_hi": "hi-IN", "language_en": "en-IN"}
_DETOUR = frozenset({"who_is_calling", "are_you_a_bot", "repeat", *_LANGUAGE})


def begin(
    script: Script,
    *,
    name: str = "",
    source: str = "",
    direction: Direction,
    phone_known: bool = True,
    known: dict[str, Any] | None = None,
    at: datetime,
) -> tuple[State, Reply]:
    """Open a conversation: the greeting, the recording notice and the first question.

    `name` is the lead's, empty when unknown; `source` where the enquiry came from. `known` is slot to value and is
    not asked again. `at` is aware, in the caller's zone.
    """
    state = states.new(
        script,
        name=name,
        source=source,
        direction=direction,
        phone_known=phone_known,
        known=known or {},
        at=at,
    )
    return _go_on(state, lead=wording.greeting(state))


def step(state: State, heard: Utterance) -> tuple[State, Reply]:
    """Answer what was heard. `state` is not changed; the same state and words always give the same answer."""
    if state["outcome"]:
        return state, _reply(state, "", ends=True)
    state = copy.deepcopy(state)
    state["turn"] += 1
    state, reply = _silence(state) if heard.is_silence else _hear(state, heard)
    if state["turn"] >= MAX_TURNS and not reply.ends_call:
        return _end(state, Outcome.COMPLETED, "too_long")
    return state, reply


def hang_up(state: State) -> State:
    """The state after the line dropped: abandoned, unless the conversation had ended already."""
    if state["outcome"]:
        return state
    return State(**{**copy.deepcopy(state), "outcome": Outcome.ABANDONED.value})


def resume(state: State) -> State:
    """The state as it was before the line dropped: for words that were said in time, and reached us late."""
    if state["outcome"] != Outcome.ABANDONED:
        return state
    return State(**{**copy.deepcopy(state), "outcome": Outcome.TALKING.value})


def _hear(state: State, heard: Utterance) -> tuple[State, Reply]:
    state["silences"] = 0
    _follow_language(state, heard.text)
    meaning = meaning_of(state, heard)
    if meaning.intent in _FINAL:
        return _end(state, _FINAL[meaning.intent], "" if meaning.intent == "voicemail" else meaning.intent)
    lost = take_back(state, meaning.dropped)
    questions.reopen(state, lost)
    changed = absorb(state, meaning.found, heard.text)
    return _answer(state, meaning, changed + lost, heard)


def _answer(state: State, meaning: Meaning, changed: tuple[str, ...], heard: Utterance) -> tuple[State, Reply]:
    if meaning.intent in _ENDING:
        return _end(state, _ENDING[meaning.intent], meaning.intent)
    if meaning.intent == "callback" or state["asked"] == CALLBACK:
        # "Yes, call me tomorrow" in answer to the consent question names a time for the sales call, not for ours.
        if not (state["asked"] == "consent" and meaning.value("consent")):
            return _call_back(state, meaning, heard)
        state["callback_at"] = meaning.callback_at
    if meaning.value("identity") == "wrong_person":
        return _end(state, Outcome.WRONG_NUMBER, "wrong_person")
    if changed:
        state["detours"] = 0
        state["doubts"] = 0
    if state["asked"] == CONFIRM and not changed and meaning.intent in {"", "repeat"}:
        return _read_back_answered(state, meaning)
    if meaning.intent in _DETOUR:
        return _detour(state, meaning.intent, changed)
    if state["asked"] == "identity" and changed:
        # Whoever tells what they are looking for has said enough about who they are.
        state["attempts"]["identity"] = ASKS
    return _go_on(state, lead=_lead(state, changed))


def _silence(state: State) -> tuple[State, Reply]:
    state["silences"] += 1
    if state["asked"] == CALLBACK:
        return _end(state, Outcome.CALLBACK, "callback.open")
    if state["silences"] > 1:
        return _end(state, Outcome.NO_RESPONSE, "no_response")
    return _ask_again(state, lead=wording.sentence(state, "silence"))


def _call_back(state: State, meaning: Meaning, heard: Utterance) -> tuple[State, Reply]:
    if meaning.callback_at:
        state["callback_at"] = meaning.callback_at
        promised = datetime.fromisoformat(meaning.callback_at)
        when = wording.when(promised, now=heard.at, table=wording.phrases(state))
        return _end(state, Outcome.CALLBACK, "callback.time", when=when)
    if state["asked"] == CALLBACK:
        return _end(state, Outcome.CALLBACK, "callback.open")
    return _ask(state, CALLBACK)


def _detour(state: State, intent: str, changed: tuple[str, ...]) -> tuple[State, Reply]:
    """Answer a question about ourselves, then come back to our own."""
    state["detours"] += 1
    if intent in _LANGUAGE:
        state["language"] = _LANGUAGE[intent]
    lead = wording.answer(state, "language" if intent in _LANGUAGE else intent)
    if changed or state["detours"] > _DETOURS:
        return _go_on(state, lead=lead)
    return _ask_again(state, lead=lead)


def _read_back_answered(state: State, meaning: Meaning) -> tuple[State, Reply]:
    state["doubts"] += 1
    if meaning.yes or state["doubts"] >= _DOUBTS:
        return _complete(state)
    if meaning.yes is False:
        return state, _reply(state, wording.question(state, "change"))
    return _ask(state, CONFIRM)


def _lead(state: State, changed: tuple[str, ...]) -> str:
    """What to say before the next question, so that the caller knows what was understood."""
    said = wording.acknowledgement(state, changed)
    if said:
        return said
    if "identity" in changed and state["direction"] == "outbound":
        return wording.sentence(state, "about")
    return wording.sentence(state, "thanks") if any(slot in state["slots"] for slot in changed) else ""


def _go_on(state: State, *, lead: str) -> tuple[State, Reply]:
    asked = questions.next_question(state)
    if not asked:
        return _complete(state)
    if asked == CONFIRM:
        lead = ""  # the read-back says it all
    elif not lead and asked != state["asked"]:
        lead = wording.sentence(state, "ok")
    return _ask(state, asked, lead=lead)


def _complete(state: State) -> tuple[State, Reply]:
    consent = states.slots(state).get("consent")
    if consent:
        # Sales calls who can be told of a property; without the budget or another required answer nobody may.
        ready = questions.settled(state, "budget") and not questions.missing(state)
        return _end(state, Outcome.COMPLETED, "close.consent" if ready else "close.incomplete")
    return _end(state, Outcome.COMPLETED, "close.open" if consent is None else "close.declined")


def _ask(state: State, asked: str, *, lead: str = "") -> tuple[State, Reply]:
    state["asked"] = asked
    state["attempts"][asked] = state["attempts"].get(asked, 0) + 1
    return _ask_again(state, lead=lead)


def _ask_again(state: State, *, lead: str) -> tuple[State, Reply]:
    return state, _reply(state, f"{lead} {wording.question(state, state['asked'])}".strip())


def _end(state: State, outcome: Outcome, key: str, **holes: str) -> tuple[State, Reply]:
    state["outcome"] = outcome.value
    state["asked"] = ""
    return state, _reply(state, wording.sentence(state, key, **holes) if key else "", ends=True)


def _reply(state: State, text: str, *, ends: bool = False) -> Reply:
    script, asked = script_of(state), "" if ends else state["asked"]
    return Reply(
        text=text,
        asked=asked,
        language=state["language"],
        # A provider's voice speaks the script's language; another language takes the provider's default.
        voice=script.voice if state["language"] == script.language else "",
        hints=questions.hints(asked),
        digits=asked in questions.YES_NO,
        ends_call=ends,
    )


def _follow_language(state: State, text: str) -> None:
    """Two answers in a row in Devanagari turn the agent to Hindi without being asked."""
    letters = [letter for letter in text if letter.isalpha()]
    devanagari = sum("\u0900" <= letter <= "\u097f" for letter in letters)
    if state["language"] != "en-IN" or 2 * devanagari <= len(letters):
        state["other_language"] = 0
        return
    state["other_language"] += 1
    if state["other_language"] > 1:
        state["language"] = "hi-IN"
