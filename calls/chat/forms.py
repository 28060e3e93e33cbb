"""What the chat's page posts."""

from __future__ import annotations

from typing import Any

from django import forms

from calls.chat.sessions import LONGEST_MESSAGE
from voice.providers.base import storable


class MessageForm(forms.Form):
    """One message, and the number that the page gave it."""

    message = forms.CharField(max_length=LONGEST_MESSAGE)
    turn = forms.IntegerField(min_value=1, max_value=1000)

    def __init__(self, posted: Any) -> None:
        super().__init__({name: storable(posted.get(name, "")) for name in posted})


class FirstMessageForm(MessageForm):
    """A visitor's first message, with the secret of the page that it was written on."""

    key = forms.UUIDField()
