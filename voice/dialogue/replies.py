"""The ways to answer a turn: put a question, put it again, go on to the next one, say goodbye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import questions, wording
from voice.dialogue.questions import CONFIRM
from voice.dialogue.state import Outcome, script_of, slots
from voice.events import Reply

if TYPE_CHECKING:
    from voice.dialogue.state import State

Answer = tuple["State", Reply]
PATIENCE_S = 6
"""Seconds of silence before a question counts as not heard."""


def go_on(state: State, *, lead: str) -> Answer:
    """Put the next question, or close the conversation where none is left."""
    asked = questions.next_question(state)
    if not asked:
        return complete(state)
    if asked == CONFIRM:
        lead = ""  # the read-back says it all
    elif not lead and asked != state["asked"]:
        lead = wording.sentence(state, "ok")
    return ask(state, asked, lead=lead)


def ask(state: State, asked: str, *, lead: str = "") -> Answer:
    """Put a question, which counts as an attempt."""
    state["asked"] = asked
    state["attempts"][asked] = state["attempts"].get(asked, 0) + 1
    return ask_again(state, lead=lead)


def back_to_ours(state: State, lead: str, *, changed: tuple[str, ...], in_a_row: int) -> Answer:
    """Come back to the open question after an aside; one after `in_a_row` others counts as no answer given."""
    state["detours"] += 1
    answered = changed and (state["asked"] == CONFIRM or questions.settled(state, state["asked"]))
    if answered or state["detours"] > in_a_row:
        return go_on(state, lead=lead)
    return ask_again(state, lead=lead)


def ask_again(state: State, *, lead: str) -> Answer:
    """Put the open question again as it was, because nobody had a chance to answer it."""
    return say(state, f"{lead} {wording.question(state, state['asked'])}".strip())


def complete(state: State) -> Answer:
    """Close a conversation that ran its course, and tell what happens next."""
    consent = slots(state).get("consent")
    if consent:
        # Sales calls who can be told of a property: not without the budget or another required answer, nor without one.
        ready = questions.settled(state, "budget") and not questions.missing(state) and state["on_offer"] is not False
        if ready and state["callback_at"]:
            return end(state, Outcome.COMPLETED, "close.consent.time", when=wording.promised(state))
        return end(state, Outcome.COMPLETED, "close.consent" if ready else "close.incomplete")
    return end(state, Outcome.COMPLETED, "close.open" if consent is None else "close.declined")


def end(state: State, outcome: Outcome, key: str, **holes: str) -> Answer:
    """Say goodbye with the sentence `key`, empty for a silent end."""
    state["outcome"] = outcome.value
    state["asked"] = ""
    return say(state, wording.sentence(state, key, **holes) if key else "", ends=True)


def say(state: State, text: str, *, ends: bool = False, patience_s: int = PATIENCE_S) -> Answer:
    """Say words of any kind while the open question stays open; then listen for `patience_s` seconds."""
    script, asked = script_of(state), "" if ends else state["asked"]
    return state, Reply(
        text=text,
        asked=asked,
        language=state["language"],
        # A provider's voice speaks the script's language; another language takes the provider's default.
        voice=script.voice if state["language"] == script.language else "",
        hints=questions.hints(asked),
        digits=asked in questions.YES_NO or bool(asked and state["offer"]),
        ends_call=ends,
        slow=state["slow"],
        patience_s=patience_s,
    )
