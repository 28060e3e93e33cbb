"""Pretend people who pick up the telephone: they listen to what is said, and answer in character."""

from voice.personas.callee import Callee
from voice.personas.persona import PERSONAS, Persona, pick
from voice.personas.wish import Wish, wish_for

__all__ = ["PERSONAS", "Callee", "Persona", "Wish", "pick", "wish_for"]
