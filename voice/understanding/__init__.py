"""Meaning without a model: what an utterance says, in the slots of the contract, with evidence."""

from voice.understanding.gazetteer import Places
from voice.understanding.intent import asks_for_source
from voice.understanding.interpret import prepare, understand
from voice.understanding.types import Found, Understanding
from voice.understanding.yes_no import affirmation

__all__ = ["Found", "Places", "Understanding", "affirmation", "asks_for_source", "prepare", "understand"]
