"""What goes wrong when speech is turned into text, said to the person who can cure it."""

from __future__ import annotations


class SttError(Exception):
    """A recording or a model cannot be used; the message is one sentence with the cure."""
