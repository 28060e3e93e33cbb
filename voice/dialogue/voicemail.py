"""What is said to a machine that answers: a message that staff wrote, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.dialogue.phrases_hinglish import HINGLISH
from voice.dialogue.script import LANGUAGES, fill
from voice.dialogue.state import Outcome, State
from voice.events import Reply

if TYPE_CHECKING:
    from voice.dialogue.script import Script

_HOLD_S = 60  # longer than a provider takes to put other words on the line


def message(script: Script, text: str, *, name: str) -> str:
    """A message for a machine, its holes filled; one that staff never touched is said in the script's language."""
    own = LANGUAGES.get(script.language, LANGUAGES["en-IN"])
    if script.language == "hi-IN" and script.hindi_script == "Latn":
        own = HINGLISH
    if any(text == table.sentences["voicemail"] for table in (*LANGUAGES.values(), HINGLISH)):
        text = own.sentences["voicemail"]
    return fill(text, {"name": name, "agent": script.agent_name, "brokerage": script.brokerage})


def message_reply(script: Script, text: str) -> Reply:
    """Say the message, or nothing where it is empty, and let the machine go."""
    return Reply(text=text, language=script.language, voice=script.voice, ends_call=True)


def holding(script: Script) -> Reply:
    """Be silent while a message that was sent to the line another way is being said."""
    return Reply(text="", language=script.language, voice=script.voice, patience_s=_HOLD_S)


def left_to_machine(state: State) -> State:
    """The state of a conversation that turned out to be with a machine."""
    return State(**{**state, "outcome": Outcome.VOICEMAIL.value, "asked": ""})
