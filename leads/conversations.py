"""What a finished conversation told of a lead, taken over in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from leads.models import ActivityKind, FollowUp, FollowUpKind, Lead, LeadStatus, Requirement, SuppressionReason
from leads.operations import judge, promise, record, set_do_not_call, store_verdict
from leads.queries import SLOTS, empty_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leads.qualification import Verdict

_PAIRS = (("bedrooms_min", "bedrooms_max"), ("budget_min", "budget_max"))


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one finished conversation told of a lead.

    `outcome` is the dialogue's. `heard` maps slot to {"value", "turn", "words"}: only what was said in it. `slots` maps
    slot to value as they stood at the end, what was known before included; `taken_back` are those that no longer hold.
    `language` is a BCP 47 tag, `callback_at` the promised time (None: none was named), `questions` what the caller
    asked and was promised an answer to. `abusive` tells that insults ended it. What was promised since `began_at` was
    promised in it, and so is not kept by it.
    """

    call_id: int
    outcome: str
    heard: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    slots: Mapping[str, Any] = field(default_factory=dict)
    taken_back: frozenset[str] = frozenset()
    callback_at: datetime | None = None
    language: str = ""
    last_words: str = ""
    questions: tuple[str, ...] = ()
    abusive: bool = False
    began_at: datetime | None = None


@transaction.atomic
def apply_conversation(*, lead_id: int, told: Conversation, now: datetime) -> Verdict:
    """Take over what a conversation told, and judge the lead again.

    A second run with the same conversation writes the same values, and one more line on the timeline.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    requirement, _ = Requirement.objects.get_or_create(lead=lead)
    _take_over(requirement, told)
    _take_over_person(lead, told)
    verdict = judge(requirement)
    _set_standing(lead, told, verdict, now=now)
    if told.outcome not in {"no_response", "voicemail", "not_there"}:
        lead.last_contacted_at = now
    lead.save()
    _follow_up(lead, told, now=now)
    return verdict


def _take_over(requirement: Requirement, told: Conversation) -> None:
    """What was read back to the caller is what is stored; what this conversation left alone stays as staff have it."""
    heard = {slot: told.heard[slot] for slot in SLOTS if slot in told.heard}
    for low, high in _PAIRS:
        # The ends of a range stand together: a new ceiling may have done away with an old floor.
        if low in heard or high in heard:
            _set(requirement, low, told.slots.get(low))
            _set(requirement, high, told.slots.get(high))
    for slot in told.taken_back.intersection(SLOTS):
        _set(requirement, slot, None)
    for slot, one in heard.items():
        _set(requirement, slot, one["value"])
        requirement.evidence[slot] = {"call": told.call_id, "turn": one["turn"], "words": one["words"]}
    requirement.save()


def _set(requirement: Requirement, slot: str, value: Any) -> None:
    """Set a slot, or empty it with None; evidence for what no longer stands goes with it."""
    if value is None:
        value = empty_value(slot)
    if value != getattr(requirement, slot):
        requirement.evidence.pop(slot, None)
    setattr(requirement, slot, value)


def _take_over_person(lead: Lead, told: Conversation) -> None:
    values = {slot: one["value"] for slot, one in told.heard.items()}
    if not lead.name and values.get("name"):
        lead.name = values["name"][:120]
    if values.get("email"):
        lead.email = values["email"]
    if told.language:
        lead.language = told.language


_STANDING = {
    "callback": LeadStatus.CALLBACK,
    "wrong_number": LeadStatus.WRONG_NUMBER,
    "not_interested": LeadStatus.NOT_QUALIFIED,
    "already_bought": LeadStatus.NOT_QUALIFIED,
}
_NOBODY = {"voicemail", "no_response"}  # nobody was talked to, so a promised callback is still owed
_FINAL = {"not_interested", "already_bought", "wrong_number"}  # nothing that was promised is still wanted
_SENTENCES = {
    "callback": "Asked to be called later.",
    "wrong_number": "The number is somebody else's.",
    "not_there": "Somebody else answered; the lead was not there.",
    "not_interested": "Is not interested.",
    "already_bought": "Has already bought.",
    "do_not_call": "Asked not to be called again.",
    "human": "Asked for a person.",
    "no_response": "Answered, but said nothing.",
    "voicemail": "A voicemail box answered.",
    "abandoned": "Hung up before the end.",
}
_ABUSIVE = "Was abusive twice; the agent ended the call. Decide whether to call again."


def _set_standing(lead: Lead, told: Conversation, verdict: Verdict, *, now: datetime) -> None:
    """Without a verdict an earlier one stands; a request not to be called stands anyway."""
    before = lead.status
    if told.outcome == "completed":
        store_verdict(lead, verdict)
        lead.status = LeadStatus(verdict.status)
    elif told.outcome in _STANDING:
        lead.status = _STANDING[told.outcome]
    elif lead.status == LeadStatus.NEW and told.outcome in {"human", "abandoned", "not_there"}:
        lead.status = LeadStatus.CONTACTED
    if told.outcome in {"not_interested", "already_bought"}:
        lead.score = 0
        lead.score_reasons = [{"code": told.outcome, "sentence": _sentence(lead, told), "met": False}]
    if lead.do_not_call:
        lead.status = before
    sentence = _sentence(lead, told)
    record(lead, ActivityKind.CALL, sentence, now=now, call=told.call_id, words=told.last_words)


def _sentence(lead: Lead, told: Conversation) -> str:
    """What the timeline says of the conversation; an insult is no word about what the lead wants."""
    if told.abusive and told.outcome == "not_interested":
        return _ABUSIVE
    return _SENTENCES.get(told.outcome) or f"Talked to the end: {lead.get_status_display().lower()}."


def _follow_up(lead: Lead, told: Conversation, *, now: datetime) -> None:
    if told.outcome == "do_not_call":
        set_do_not_call(lead_id=lead.pk, now=now, words=told.last_words, reason=SuppressionReason.OPT_OUT)
        return
    if lead.do_not_call:
        return  # whatever was promised in the conversation, nobody may call
    kept = FollowUp.objects.filter(lead=lead, done_at__isnull=True)
    if told.outcome not in _NOBODY:
        since = Q(created_at__gte=told.began_at) if told.began_at else Q(pk=None)
        owed = kept.filter(kind=FollowUpKind.CALLBACK).exclude(since)
        (kept if told.outcome in _FINAL else owed).update(done_at=now)
    if told.outcome in {"callback", "not_there"}:
        note = _with_questions(told.last_words, told)
        promise(lead, FollowUpKind.CALLBACK, due_at=told.callback_at, note=note, now=now)
    elif told.outcome == "human":
        promise(lead, FollowUpKind.HAND_OFF, due_at=now, note=_with_questions(told.last_words, told), now=now)
    elif told.outcome == "completed" and lead.status == LeadStatus.QUALIFIED:
        promise(lead, FollowUpKind.SALES_CALL, due_at=told.callback_at or now, note=_with_questions("", told), now=now)
    elif told.questions and told.outcome not in _FINAL:
        # The agent said that a colleague would answer.
        promise(lead, FollowUpKind.HAND_OFF, due_at=told.callback_at or now, note=_with_questions("", told), now=now)


def _with_questions(note: str, told: Conversation) -> str:
    """A note for whoever keeps the promise, with what the caller still wants to know."""
    asked = "; ".join(f"“{one}”" for one in told.questions)
    return " ".join(part for part in (note, f"Asked: {asked}" if asked else "") if part)
