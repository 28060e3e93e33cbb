"""What is done when an answering machine picks up: nothing, hang up, or leave one message; and all orders to lines."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from calls.lifecycle import CallStatus
from calls.lines import provider as provider_named
from calls.models import Call
from calls.operations import line
from calls.operations.briefs import agent_for, begin, voicemail_message
from calls.operations.handing_off import PROLONG
from calls.queue import ACT_ON_LINE, enqueue
from leads.models import ActivityKind
from leads.operations import record
from voice import dialogue
from voice.dialogue import Outcome
from voice.events import EventKind
from voice.providers.base import HangUp, LeaveMessage, Prolong, ProviderError

if TYPE_CHECKING:
    from datetime import datetime

    from voice.events import CallEvent, Reply
    from voice.providers.base import LineAction

logger = logging.getLogger(__name__)

HANG_UP, LEAVE_MESSAGE = "hang_up", "leave_message"
_LONGEST_TALK_S = 4 * 60 * 60  # with staff; what Twilio allows a call of which nothing is said
_ANSWERED = 2  # turns after which somebody who was understood is a person, whatever detection says


def decide(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Take over who the provider believes has answered, and have a machine dealt with. The caller saves `call`.

    The first word stands. Detection hears a few seconds only, and is wrong more often here than where it was trained:
    somebody who has answered a question, or is being put through, is a person, and nobody hangs up on them.
    """
    machine = event.answered_by in {"machine", "beep", "fax"}
    if not call.answered_by:
        call.answered_by = "machine" if event.answered_by == "beep" else event.answered_by
    if not machine or call.status == CallStatus.ENDED:
        return
    if _is_person(call):
        call.answered_by = "human"
        return
    what = _to_do(call, event)
    if not what:
        return
    _close_conversation(call, now=now)
    if event.kind is EventKind.MACHINE:
        enqueue(ACT_ON_LINE, call_id=call.pk, what=what)


def _is_person(call: Call) -> bool:
    if call.transfer_state:
        return True
    state: dialogue.State = call.dialogue
    if not state or dialogue.outcome(state) == Outcome.VOICEMAIL:
        return False
    return bool(state["outcome"]) or (state["turn"] >= _ANSWERED and bool(dialogue.evidence(state)))


def _to_do(call: Call, event: CallEvent) -> str:
    """What to do to the line; empty for nothing, as before the beep of a machine that gets a message."""
    on_machine = (call.agent or agent_for()).on_machine
    if event.answered_by == "fax" or on_machine == "hang_up":
        return HANG_UP
    if on_machine != "leave_message" or event.answered_by != "beep":
        return ""
    return LEAVE_MESSAGE if voicemail_message(call) else HANG_UP


def _close_conversation(call: Call, *, now: datetime) -> None:
    """What was said so far was said to a machine."""
    if not call.dialogue:
        call.dialogue, _ = begin(call, now=now)
    if dialogue.outcome(call.dialogue) != Outcome.VOICEMAIL:
        call.dialogue = dialogue.left_to_machine(call.dialogue)
        line.conclude(call, now=now)


def answer(call: Call, *, now: datetime) -> Reply:
    """What a machine on the line hears next: the message once, silence while it is being said, nothing else.

    The caller holds the call's lock and saves `call`.
    """
    script = (call.agent or agent_for()).script()
    text = voicemail_message(call) if call.status != CallStatus.ENDED else ""
    if text and call.voicemail_left_at:
        # The message was sent to the line from a job, and takes the place of all that we say here.
        return dialogue.holding(script)
    if text:
        call.voicemail_left_at = now
        _tell(call, "done", now=now)
    return dialogue.message_reply(script, text)


def act(call_id: int, what: str, *, now: datetime) -> str:
    """Hang up on a machine, leave it the message, or let a hand-off last.

    Of several runs one leaves the message, and none where that is unsure. A message that surely never reached the line
    is forgotten, so that the next turn may still leave it.
    """
    call = Call.objects.select_related("lead", "agent").filter(pk=call_id).first()
    if call is None or call.status == CallStatus.ENDED or not call.provider_call_id:
        return "ended"
    if what == HANG_UP:
        return _ask(call, HangUp())
    if what == PROLONG:
        return _ask(call, Prolong(_LONGEST_TALK_S))
    script = (call.agent or agent_for()).script()
    message = LeaveMessage(voicemail_message(call), language=script.language, voice=script.voice)
    left = Call.objects.filter(pk=call.pk, voicemail_left_at=None).exclude(status=CallStatus.ENDED)
    if not message.text or not left.update(voicemail_left_at=now):
        return "left already"
    done = _ask(call, message)
    if done in {"failed", "ended"}:
        Call.objects.filter(pk=call.pk, voicemail_left_at=now).update(voicemail_left_at=None)
    _tell(call, done, now=now)
    return done


_LEFT = {"done": "Left a message after the beep.", "unsure": "May have left a message; the provider did not say."}


def _tell(call: Call, done: str, *, now: datetime) -> None:
    if sentence := _LEFT.get(done):
        record(call.lead, ActivityKind.CALL, sentence, now=now, call=call.pk)


def _ask(call: Call, action: LineAction) -> str:
    try:
        was_live = provider_named(call.provider).act(call.provider_call_id, action)
    except ProviderError as error:
        logger.warning("%s could not be done to call %s: %s", type(action).__name__, call.pk, error.code)
        # A provider that failed while it was asked may have done it.
        return "unsure" if error.maybe_done or error.code == "down" else "failed"
    return "done" if was_live else "ended"
