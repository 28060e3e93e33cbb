"""Calls in the words of staff: where the line is, what was understood, which colour it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from leads.display import SLOT_LABELS, merged, words
from voice.events import EndReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STATUS_SENTENCES = {
    CallStatus.QUEUED: "Waiting to be dialled.",
    CallStatus.DIALING: "Dialling.",
    CallStatus.UNCONFIRMED: "The provider may or may not have taken this call. It is not dialled again meanwhile.",
    CallStatus.RINGING: "Ringing.",
    CallStatus.IN_PROGRESS: "In conversation.",
    CallStatus.ENDED: "The call has ended.",
}
STATUS_COLOURS = {
    CallStatus.QUEUED: "",
    CallStatus.DIALING: "info",
    CallStatus.UNCONFIRMED: "warning",
    CallStatus.RINGING: "info",
    CallStatus.IN_PROGRESS: "primary",
    CallStatus.ENDED: "",
}
DISPOSITION_COLOURS = dict.fromkeys(Disposition, "") | {
    Disposition.QUALIFIED: "success",
    Disposition.CALLBACK: "info",
    Disposition.HUMAN: "info",
    Disposition.DO_NOT_CALL: "danger",
    Disposition.FAILED: "danger",
    Disposition.NOT_ALLOWED: "danger",
    Disposition.WRONG_NUMBER: "warning",
    Disposition.NO_RESPONSE: "warning",
    Disposition.VOICEMAIL: "warning",
    Disposition.ABANDONED: "warning",
    Disposition.BUSY: "warning",
    Disposition.NO_ANSWER: "warning",
}
_DISPOSITIONS = {Disposition.HUMAN: "Wants a person", Disposition.NO_RESPONSE: "Nobody spoke"}
DISPOSITION_LABELS = {one: _DISPOSITIONS.get(one, words(one)) for one in Disposition}
QUESTIONS = {
    "identity": "is this the right person?",
    "name": "what is their name?",
    "phone": "which number reaches them?",
    "location": "where should it be?",
    "category": "residential or commercial?",
    "property_type": "what kind of property?",
    "bedrooms": "how many bedrooms?",
    "budget": "what is the budget?",
    "purpose": "to buy, to rent or to invest?",
    "timeline": "when do they want to move?",
    "email": "what is their e-mail address?",
    "consent": "may a sales representative call?",
    "confirm": "was everything understood right?",
    "callback": "when shall we ring back?",
}
END_SENTENCES = {
    EndReason.COMPLETED: "The conversation ended and the line was closed.",
    EndReason.BUSY: "The line was busy.",
    EndReason.NO_ANSWER: "Nobody picked up.",
    EndReason.CANCELED: "The call was cancelled before anybody picked up.",
    EndReason.FAILED: "The carrier could not connect the call.",
    EndReason.REJECTED: "The provider refused to place the call.",
    EndReason.NOT_ALLOWED: "The call was not made, because this lead must not be called now.",
    EndReason.LOST: "The provider's last word never came.",
}


class Chip(NamedTuple):
    """One value that was understood, and the words that it came from."""

    label: str
    value: str
    words: str


def chips(understood: Iterable[Mapping[str, Any]]) -> list[Chip]:
    """What one utterance meant, the two ends of a range as one chip."""
    found = list(understood)
    said = merged({one["slot"]: one["value"] for one in found})
    heard: dict[str, str] = {}
    for one in found:
        heard.setdefault(_base(one["slot"]), one.get("words", ""))
    return [Chip(SLOT_LABELS.get(slot, words(slot)), value, heard.get(slot, "")) for slot, value in said.items()]


def collected(slots: Mapping[str, Mapping[str, Any]]) -> list[Chip]:
    """What a conversation knows so far, from its state: {slot: {"value", "words", ...}}."""
    return chips({"slot": slot, "value": one["value"], "words": one.get("words", "")} for slot, one in slots.items())


def _base(slot: str) -> str:
    return slot.removesuffix("_min").removesuffix("_max")
