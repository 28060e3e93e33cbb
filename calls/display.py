"""Calls in the words of staff: where the line is, what was understood, which colour it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.origin import Origin
from leads.display import NOT_KNOWN, SLOT_LABELS, bhk, merged, money, words
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
OUR_OWN = "A call of our own, whose recording was uploaded."
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
    Disposition.NOT_THERE: "info",
    Disposition.NO_RESPONSE: "warning",
    Disposition.VOICEMAIL: "warning",
    Disposition.ABANDONED: "warning",
    Disposition.BUSY: "warning",
    Disposition.NO_ANSWER: "warning",
}
_DISPOSITIONS = {
    Disposition.HUMAN: "Wants a person",
    Disposition.NO_RESPONSE: "Nobody spoke",
    Disposition.NOT_THERE: "Somebody else answered",
}
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

_ORIGINS = {
    Origin.STAFF: "Asked for by staff",
    Origin.API: "Asked for by a program",
    Origin.NEW_LEAD: "The lead had just arrived",
    Origin.CALLBACK: "A call back was promised",
    Origin.RETRY: "A further try",
    Origin.CAMPAIGN: "A campaign",
}
_LADDERS = {"people": "Nobody was reached before", "technical": "The line failed before"}
_STEPS = {
    "arrived_to_queued": "lead to queue",
    "queued_to_started": "queue to worker",
    "started_to_asked": "worker to request",
    "asked_to_accepted": "request to provider's answer",
}

RUNGS = {"primary": "the language model", "gemini": "Gemini", "rules": "the rules"}
_MODEL_VARIABLES = {"primary": "LLM", "gemini": "GEMINI"}
_MODEL_FAULTS = {
    "timeout": "It does not answer in time. Is its machine overloaded? A smaller {v}_MODEL answers faster.",
    "refused": "Nothing can be reached at its address. Start its server, or correct {v}_BASE_URL.",
    "unauthorized": "It refuses our key. Correct {v}_API_KEY.",
    "not_found": "It does not know the model. Correct {v}_MODEL, or load that model on its server.",
    "retired": "The model has been retired. Set {v}_MODEL to one that is still offered.",
    "rate_limited": "It is asked more often than its plan allows. Raise the limit with its provider.",
    "rejected": "It rejects our requests. Is {v}_BASE_URL the address of an OpenAI-compatible server, ending in /v1?",
    "redirected": "Its address sends us elsewhere. Set {v}_BASE_URL to the address that it really has.",
    "broken": "It breaks off in the middle of its answers. Look at its server's log.",
    "server_error": "It answers with errors of its own. Look at its server's log, or wait.",
}
_MODEL_USELESS = "Its answers cannot be used. Choose a model that can answer with JSON in {v}_MODEL."


def model_trouble(rung: str, fault: str) -> str:
    """What is wrong with a language model and what staff can do about it, in a sentence or two."""
    return _MODEL_FAULTS.get(fault, _MODEL_USELESS).format(v=_MODEL_VARIABLES.get(rung, rung.upper()))


def because(origin: str, ladder: str) -> str:
    """Why a call was made; empty where the lead began it."""
    return _LADDERS.get(ladder) or _ORIGINS.get(Origin(origin), "")


def speed(steps: Mapping[str, float | None], *, since: str) -> str:
    """Seconds of each step, as `Call.speed` tells them, in a sentence; empty where the provider was not asked at once.

    `since` says from when the time is counted: "the lead arrived".
    """
    if steps["queued_to_started"] is None or steps["started_to_asked"] is None:
        return ""
    known = {name: max(0.0, taken) for name in _STEPS if (taken := steps[name]) is not None}
    whole = sum(taken for name, taken in known.items() if name != "asked_to_accepted")
    told = ", ".join(f"{_STEPS[name]} {taken:.1f} s" for name, taken in known.items())
    return f"Called {whole:.1f} s after {since} ({told})"


class Difference(NamedTuple):
    """What the rules and a language model heard differently in the same words; "" where one heard nothing."""

    label: str
    words: str
    rule: str
    model: str


def differences(review: Iterable[Mapping[str, Any]]) -> list[Difference]:
    """What a person should settle, from the dialogue's state: {"slot", "words", "rule", "model", ...}."""
    return [
        Difference(
            SLOT_LABELS.get(_base(one["slot"]), words(one["slot"])),
            one["words"],
            *(_value(one["slot"], one[who]) for who in ("rule", "model")),
        )
        for one in review
    ]


def _value(slot: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    return value if isinstance(value, str) else next(iter(merged({slot: value}).values()))


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


_LONGEST_WHISPER = 200


def whisper_text(name: str, slots: Mapping[str, Any], *, is_new: bool = False) -> str:
    """What staff hear of a caller before they press the key: the name and what is wanted, 200 characters at most.

    `slots` is slot to value as requirements hold them. `is_new` tells that the agent has not spoken with them yet.
    """
    who = name.strip()[:60] or "a caller who gave no name"
    said = f"{'Incoming call' if is_new else 'Call'} from {who}."
    for part in (_wanted(slots), _where(slots), _for_how_much(slots)):
        if part and len(said) + len(part) + 2 <= _LONGEST_WHISPER:
            said += f" {part}."
    return said


def _wanted(slots: Mapping[str, Any]) -> str:
    size = bhk(slots.get("bedrooms_min"), slots.get("bedrooms_max"))
    kind = words(slots.get("property_type") or slots.get("category") or "").lower()
    what = " ".join(part for part in ("" if size == NOT_KNOWN else size.replace("BHK", "bedroom"), kind) if part)
    purpose = slots.get("purpose") or ""
    return f"Wants {what or 'a property'} to {purpose}" if purpose else f"Wants {what}" if what else ""


def _where(slots: Mapping[str, Any]) -> str:
    said = [", ".join(filter(None, (one.get("locality"), one.get("city")))) for one in slots.get("locations") or ()]
    return f"In {' or '.join(said[:2])}" if said else ""


def _for_how_much(slots: Mapping[str, Any]) -> str:
    budget = money(slots.get("budget_min"), slots.get("budget_max"))
    if budget == NOT_KNOWN:
        return ""
    spoken = re.sub(r"₹([\d.,]+( lakh| crore)?)", r"\1 rupees", budget)
    return f"Budget {spoken}{' a month' if slots.get('purpose') == 'rent' else ''}"


ANSWERED_BY = {
    "human": "A person",
    "machine": "An answering machine",
    "fax": "A fax machine",
    "unknown": "Not sure: a person or a machine",
}
_HAND_OFFS = {
    "ringing": "Ringing {who} for the caller.",
    "accepted": "{who} took the call.",
    "missed": "{who} did not pick up.",
}


def hand_off(state: str, who: str) -> str:
    """How far putting the caller through got, from a TransferState; empty where nobody was rung."""
    said = _HAND_OFFS.get(state, "").format(who=who or "staff")
    return said[:1].upper() + said[1:]


def cost(micros: int | None, *, is_estimate: bool) -> str:
    """Millionths of a US dollar as "$0.03" or "about $0.03"; empty where nothing is known."""
    if micros is None or (is_estimate and not micros):
        return ""
    if 0 < micros < 10_000:
        return "less than $0.01"
    return f"{'about ' if is_estimate else ''}${micros / 1_000_000:.2f}"
