"""Whether a turn is worth a language model's time: only where the rules read nothing, or were asked a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue.advice import Doubt
from voice.dialogue.state import slots, upgraded
from voice.understanding import affirmation, asks_for_source, understand
from voice.understanding.numbers import hear
from voice.understanding.phrases import phrase
from voice.understanding.recording import without_refusal
from voice.understanding.signals import signal
from voice.understanding.text import MAX_CHARS
from voice.understanding.unspoken import is_unspoken

if TYPE_CHECKING:
    from voice.dialogue.state import State
    from voice.events import Utterance
    from voice.understanding import Places

_LETTERS = 4  # "hmm" and "ok" hold nothing that a model could find
_HESITATION = 6  # words; "let me think about it" keeps nothing back that a model could tell


def doubt(state: State, heard: Utterance, *, places: Places | None = None) -> Doubt | None:
    """What the rules cannot settle in what was heard; None where they need no advice.

    None for silence, keys, and whatever the rules read: a slot, an intent, yes or no, a signal.
    """
    text = without_refusal(heard.text[:MAX_CHARS], asked=state["asked"])[0]
    if state["outcome"] or is_unspoken(text) or sum(letter.isalpha() for letter in text) < _LETTERS:
        return None
    asked = state["asked"]
    understood = understand(text, asked=asked, now=heard.at, places=places)
    signalled = signal(text, asked=asked)
    if "intent" in understood.slots or asks_for_source(text):
        return None
    if signalled != "question" and (
        signalled or understood.found or understood.dropped or affirmation(text) is not None
    ):
        return None
    if not signalled and _is_hesitation(text):
        return None
    state = upgraded(state)
    return Doubt(
        kind="question" if signalled else "meaning",
        asked=asked,
        text=text,
        language=state["language"],
        now=heard.at,
        unsure=understood.unsure,
        known=slots(state),
    )


def _is_hesitation(text: str) -> bool:
    heard = hear(text)
    return len(heard.tokens) <= _HESITATION and bool(phrase("hesitation").search(heard.line))
