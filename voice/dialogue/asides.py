"""What is answered beside the conversation, before we come back to our question: about us, about property, insults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.replies import ask_again, back_to_ours, end, go_on
from voice.dialogue.state import OpenQuestion, Outcome, was_abusive

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State
    from voice.events import Utterance

LANGUAGES = {"language_hi": "hi-IN", "language_en": "en-IN"}
DETOURS = frozenset({"who_is_calling", "source", "are_you_a_bot", "repeat", *LANGUAGES})
"""Intents that ask about us, or for our words again."""

REMARKS = frozenset({"audible", "other_language", "offered_call", "in_writing"})
"""Signals that are answered by the sentence of their name."""

_DETOURS = 2  # questions about us, or repeats, in a row before the next one counts as an answer that was not given
_QUESTIONS = 4  # the same for questions about property, which a buyer has more of
_KEPT = 20  # open questions of one call
_LONGEST = 300  # characters kept of one


def detour(state: State, intent: str, changed: tuple[str, ...]) -> Answer:
    """Answer a question about ourselves, then come back to our own; changes `state`."""
    state["detours"] += 1
    if intent in LANGUAGES:
        state["language"] = LANGUAGES[intent]
        state["language_chosen"] = True
    lead = wording.answer(state, "language" if intent in LANGUAGES else intent)
    if changed or state["detours"] > _DETOURS:
        return go_on(state, lead=lead)
    return ask_again(state, lead=lead)


def note_question(state: State, meaning: Meaning, heard: Utterance) -> None:
    """Keep what the caller wants to know, and what we know to say to it; changes `state`."""
    asked = OpenQuestion(turn=state["turn"], words=heard.text.strip()[:_LONGEST], answer=meaning.answer)
    state["open_questions"] = [*state["open_questions"], asked][:_KEPT]


def open_question(state: State, meaning: Meaning, changed: tuple[str, ...]) -> Answer:
    """Answer from what staff wrote, or promise a colleague's answer; changes `state`."""
    answer = meaning.answer or wording.sentence(state, "colleague_answers")
    lead = f"{wording.acknowledgement(state, changed)} {answer}".strip()
    return back_to_ours(state, lead, changed=changed, in_a_row=_QUESTIONS)


def remark(state: State, signal: str, changed: tuple[str, ...]) -> Answer:
    """Answer one of REMARKS in a sentence, then come back to our question; changes `state`."""
    state["in_writing"] = state["in_writing"] or signal == "in_writing"
    return back_to_ours(state, wording.sentence(state, signal), changed=changed, in_a_row=_QUESTIONS)


def slower(state: State, changed: tuple[str, ...]) -> Answer:
    """Speak slowly from here on, and put the question again; changes `state`."""
    state["slow"] = True
    return back_to_ours(state, wording.sentence(state, "slower"), changed=changed, in_a_row=_QUESTIONS)


def insulted(state: State, intent: str, changed: tuple[str, ...]) -> Answer:
    """Stay calm and offer to stop calling; whoever insults us once more is left in peace; changes `state`."""
    state["abused"] += 1
    if was_abusive(state):
        return end(state, Outcome.NOT_INTERESTED, "abuse.end")
    about_us = wording.answer(state, intent) if intent in DETOURS - LANGUAGES.keys() else ""
    lead = f"{wording.sentence(state, 'abuse')} {about_us}".strip()
    return back_to_ours(state, lead, changed=changed, in_a_row=_QUESTIONS)
