"""What the agent says next: `begin`, `step` and `hang_up` over a state that is plain JSON."""

from voice.dialogue.advice import Advice, Doubt, Suggestion
from voice.dialogue.doubts import doubt
from voice.dialogue.engine import begin, hang_up, resume, step
from voice.dialogue.handing_over import nobody_free, please_hold, put_through, wants_person
from voice.dialogue.questions import missing
from voice.dialogue.recording import was_refused
from voice.dialogue.report import Exchange, hear_again, retell
from voice.dialogue.script import Script, problems
from voice.dialogue.state import Outcome, Review, SlotValue, State, callback_at, evidence, outcome, slots, was_abusive
from voice.dialogue.unheard import unheard
from voice.dialogue.voicemail import holding, left_to_machine, message, message_reply
from voice.dialogue.wording import hint, recording_notice

__all__ = [
    "Advice",
    "Doubt",
    "Exchange",
    "Outcome",
    "Review",
    "Script",
    "SlotValue",
    "State",
    "Suggestion",
    "begin",
    "callback_at",
    "doubt",
    "evidence",
    "hang_up",
    "hear_again",
    "hint",
    "holding",
    "left_to_machine",
    "message",
    "message_reply",
    "missing",
    "nobody_free",
    "outcome",
    "please_hold",
    "problems",
    "put_through",
    "recording_notice",
    "resume",
    "retell",
    "slots",
    "step",
    "unheard",
    "wants_person",
    "was_abusive",
    "was_refused",
]
