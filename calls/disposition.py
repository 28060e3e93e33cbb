"""What a finished call meant for the business: end reason and outcome of the conversation -> disposition."""

from __future__ import annotations

from enum import StrEnum

from voice.events import EndReason


class Disposition(StrEnum):
    """What a call came to."""

    QUALIFIED = "qualified"
    NOT_QUALIFIED = "not_qualified"
    CALLBACK = "callback"
    DO_NOT_CALL = "do_not_call"
    WRONG_NUMBER = "wrong_number"
    NOT_THERE = "not_there"  # the right number, and somebody else at it
    HUMAN = "human"
    NOT_INTERESTED = "not_interested"
    ALREADY_BOUGHT = "already_bought"
    NO_RESPONSE = "no_response"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"  # the caller hung up midway
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"  # taken back before it was dialled
    NOT_ALLOWED = "not_allowed"


_OF_LINE = {
    EndReason.BUSY: Disposition.BUSY,
    EndReason.NO_ANSWER: Disposition.NO_ANSWER,
    EndReason.CANCELED: Disposition.NO_ANSWER,
    EndReason.NOT_ALLOWED: Disposition.NOT_ALLOWED,
}


def dispose(end_reason: EndReason, *, outcome: str, qualified: bool) -> Disposition:
    """The disposition of a call that ended for `end_reason`.

    `outcome` is the dialogue's (empty where nobody spoke); what was said weighs more than how the line closed.
    """
    if outcome == "completed":
        return Disposition.QUALIFIED if qualified else Disposition.NOT_QUALIFIED
    if outcome:
        return Disposition(outcome)
    if end_reason is EndReason.COMPLETED:
        return Disposition.NO_RESPONSE
    return _OF_LINE.get(end_reason, Disposition.FAILED)
