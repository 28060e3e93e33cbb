"""What is answered beside the conversation: questions about us, questions about property, and then ours again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue import wording
from voice.dialogue.questions import CONFIRM, settled
from voice.dialogue.replies import ask_again, go_on
from voice.dialogue.state import OpenQuestion

if TYPE_CHECKING:
    from voice.dialogue.meaning import Meaning
    from voice.dialogue.replies import Answer
    from voice.dialogue.state import State
    from voice.events import Utterance

_LANGUAGE = {"language_hi": "hi-IN", "language_en": "en-IN"}
DETOURS = frozenset({"who_is_calling", "are_you_a_bot", "repeat", *_LANGUAGE})
"""Intents that ask about us, or for our words again."""

_DETOURS = 2  # questions about us, or repeats, in a row before the next one counts as an answer that was not given
_QUESTIONS = 4  # the same for questions about property, which a buyer has more of
_KEPT = 20  # open questions of one call
_LONGEST = 300  # characters kept of one


def detour(state: State, intent: str, changed: tuple[str, ...]) -> Answer:
    """Answer a question about ourselves, then come back to our own; changes `state`."""
    state["detours"] += 1
    if intent in _LANGUAGE:
        state["language"] = _LANGUAGE[intent]
    lead = wording.answer(state, "language" if intent in _LANGUAGE else intent)
    return _back_to_ours(state, lead, moves_on=bool(changed) or state["detours"] > _DETOURS)


def open_question(state: State, meaning: Meaning, changed: tuple[str, ...], heard: Utterance) -> Answer:
    """Answer from what staff wrote, or promise a colleague's answer; keep the question; changes `state`."""
    state["detours"] += 1
    asked = OpenQuestion(turn=state["turn"], words=heard.text.strip()[:_LONGEST], answer=meaning.answer)
    state["open_questions"] = [*state["open_questions"], asked][:_KEPT]
    said = [
        wording.acknowledgement(state, changed),
        meaning.answer or wording.sentence(state, "colleague_answers"),
    ]
    lead = " ".join(part for part in said if part)
    answered = changed and (state["asked"] == CONFIRM or settled(state, state["asked"]))
    return _back_to_ours(state, lead, moves_on=bool(answered) or state["detours"] > _QUESTIONS)


def _back_to_ours(state: State, lead: str, *, moves_on: bool) -> Answer:
    return go_on(state, lead=lead) if moves_on else ask_again(state, lead=lead)
