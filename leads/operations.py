"""Writes to leads that span rows; each is one transaction and says what a second run does."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from phonenumber_field.phonenumber import PhoneNumber

from leads.models import (
    Activity,
    ActivityKind,
    FollowUp,
    FollowUpKind,
    Lead,
    LeadSource,
    LeadStatus,
    Requirement,
    Suppression,
    SuppressionReason,
)
from leads.qualification import RequirementFacts, Verdict, qualify
from leads.queries import SLOTS, has_inventory, matching_listings, slots_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import User

_PAIRS = (("bedrooms_min", "bedrooms_max"), ("budget_min", "budget_max"))


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one finished conversation told of a lead.

    `outcome` is the dialogue's. `heard` maps slot to {"value", "turn", "words"}: only what was said in it. `language`
    is a BCP 47 tag, `callback_at` the promised time (None: none was named).
    """

    call_id: int
    outcome: str
    heard: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    callback_at: datetime | None = None
    language: str = ""
    last_words: str = ""


def record(
    lead: Lead, kind: ActivityKind, text: str, *, now: datetime, by: User | None = None, **data: Any
) -> Activity:
    """Add a line to the lead's timeline; every run adds one."""
    return Activity.objects.create(lead=lead, kind=kind, text=text, data=data, actor=by, at=now)


@transaction.atomic
def lead_for_caller(phone: str, *, now: datetime) -> Lead:
    """The lead who has this E.164 number, or a new one; an empty number always makes a new one.

    Two callers at once with one number get one lead.
    """
    if not phone:
        lead, created = Lead.objects.create(source=LeadSource.INBOUND_CALL, created_at=now), True
    else:
        lead, created = Lead.objects.get_or_create(
            phone=phone, defaults={"source": LeadSource.INBOUND_CALL, "created_at": now}
        )
    if created:
        record(lead, ActivityKind.CREATED, "The lead rang us for the first time.", now=now)
    return lead


@transaction.atomic
def set_do_not_call(
    *,
    lead_id: int,
    now: datetime,
    by: User | None = None,
    words: str = "",
    reason: SuppressionReason = SuppressionReason.STAFF,
) -> bool:
    """Never call this lead or this number again; False when that stood already.

    The number stays suppressed even when the lead is deleted.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    if lead.phone:
        Suppression.objects.get_or_create(
            phone=lead.phone, defaults={"reason": reason, "words": words, "created_at": now}
        )
    if lead.do_not_call:
        return False
    lead.do_not_call = True
    lead.status = LeadStatus.DO_NOT_CALL
    lead.save(update_fields=["do_not_call", "status", "updated_at"])
    FollowUp.objects.filter(lead=lead, done_at__isnull=True).update(done_at=now)
    record(lead, ActivityKind.DO_NOT_CALL, "Must not be called again.", now=now, by=by, words=words)
    return True


@transaction.atomic
def allow_calls(*, lead_id: int, now: datetime, by: User) -> bool:
    """The lead took the request back: staff may call again; False when calls were allowed already."""
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    removed, _ = Suppression.objects.filter(phone=lead.phone).delete() if lead.phone else (0, {})
    if not lead.do_not_call and not removed:
        return False
    lead.do_not_call = False
    if lead.status == LeadStatus.DO_NOT_CALL:
        lead.status = LeadStatus.CONTACTED
    lead.save(update_fields=["do_not_call", "status", "updated_at"])
    record(lead, ActivityKind.DO_NOT_CALL, "May be called again: the lead took the request back.", now=now, by=by)
    return True


@transaction.atomic
def identify_caller(*, lead_id: int, phone: str, now: datetime) -> Lead:
    """Give a withheld caller's lead the number that they told; the lead who already has that number where there is one.

    A second run changes nothing.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    if lead.phone:
        return lead
    known = Lead.objects.select_for_update().filter(phone=phone).first()
    if known:
        return known
    lead.phone = PhoneNumber.from_string(phone)
    lead.save(update_fields=["phone", "updated_at"])
    record(lead, ActivityKind.NOTE, "The caller gave their number.", now=now)
    return lead


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
    if told.outcome not in {"no_response", "voicemail"}:
        lead.last_contacted_at = now
    lead.save()
    _follow_up(lead, told, now=now)
    return verdict


@transaction.atomic
def requalify(*, lead_id: int, now: datetime, by: User | None = None) -> Verdict:
    """Judge a lead by what is known and on offer today; a second run finds the same.

    A lead who must not be called, or whose number is somebody else's, keeps that status.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    requirement, _ = Requirement.objects.get_or_create(lead=lead)
    verdict = judge(requirement)
    before = lead.status
    _store(lead, verdict)
    if before not in {LeadStatus.DO_NOT_CALL, LeadStatus.WRONG_NUMBER}:
        lead.status = LeadStatus(verdict.status)
    lead.save()
    if lead.status != before:
        record(lead, ActivityKind.STATUS, f"Judged again: {lead.get_status_display().lower()}.", now=now, by=by)
    return verdict


def judge(requirement: Requirement) -> Verdict:
    """The verdict on a stored requirement, against the listings of today."""
    facts = facts_of(requirement)
    availability = len(matching_listings(facts)) if has_inventory() else None
    return qualify(facts, consent=requirement.consent, availability=availability)


def facts_of(requirement: Requirement) -> RequirementFacts:
    """A stored requirement as pure facts."""
    slots = slots_of(requirement)
    for name in ("bedrooms_min", "bedrooms_max"):
        slots[name] = float(slots[name]) if slots[name] is not None else None
    return RequirementFacts.from_slots(slots)


def _take_over(requirement: Requirement, told: Conversation) -> None:
    heard = {slot: told.heard[slot] for slot in SLOTS if slot in told.heard}
    for low, high in _PAIRS:
        # "Seventy lakhs" after last month's "at least a crore" is a new budget, not half of one.
        if low in heard or high in heard:
            setattr(requirement, low, None)
            setattr(requirement, high, None)
            requirement.evidence.pop(low, None)
            requirement.evidence.pop(high, None)
    for slot, one in heard.items():
        setattr(requirement, slot, one["value"])
        requirement.evidence[slot] = {"call": told.call_id, "turn": one["turn"], "words": one["words"]}
    requirement.save()


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
_SENTENCES = {
    "callback": "Asked to be called later.",
    "wrong_number": "The number is somebody else's.",
    "not_interested": "Is not interested.",
    "already_bought": "Has already bought.",
    "do_not_call": "Asked not to be called again.",
    "human": "Asked for a person.",
    "no_response": "Answered, but said nothing.",
    "voicemail": "A voicemail box answered.",
    "abandoned": "Hung up before the end.",
}


def _set_standing(lead: Lead, told: Conversation, verdict: Verdict, *, now: datetime) -> None:
    """A conversation that came to no verdict leaves an earlier one standing."""
    if told.outcome == "completed":
        _store(lead, verdict)
        lead.status = LeadStatus(verdict.status)
    elif told.outcome in _STANDING:
        lead.status = _STANDING[told.outcome]
    elif lead.status == LeadStatus.NEW and told.outcome in {"human", "abandoned"}:
        lead.status = LeadStatus.CONTACTED
    if told.outcome in {"not_interested", "already_bought"}:
        lead.score = 0
        lead.score_reasons = [{"code": told.outcome, "sentence": _SENTENCES[told.outcome], "met": False}]
    sentence = _SENTENCES.get(told.outcome) or f"Talked to the end: {lead.get_status_display().lower()}."
    record(lead, ActivityKind.CALL, sentence, now=now, call=told.call_id, words=told.last_words)


def _store(lead: Lead, verdict: Verdict) -> None:
    lead.score = verdict.score
    lead.score_reasons = [asdict(reason) for reason in verdict.reasons]


def _follow_up(lead: Lead, told: Conversation, *, now: datetime) -> None:
    if told.outcome == "do_not_call":
        set_do_not_call(lead_id=lead.pk, now=now, words=told.last_words, reason=SuppressionReason.OPT_OUT)
        return
    FollowUp.objects.filter(lead=lead, kind=FollowUpKind.CALLBACK, done_at__isnull=True).update(done_at=now)
    if told.outcome == "callback":
        promise(lead, FollowUpKind.CALLBACK, due_at=told.callback_at, note=told.last_words, now=now)
    elif told.outcome == "human":
        promise(lead, FollowUpKind.HAND_OFF, due_at=now, note=told.last_words, now=now)
    elif told.outcome == "completed" and lead.status == LeadStatus.QUALIFIED:
        promise(lead, FollowUpKind.SALES_CALL, due_at=told.callback_at or now, note="", now=now)


def promise(lead: Lead, kind: FollowUpKind, *, due_at: datetime | None, note: str, now: datetime) -> FollowUp:
    """Keep a promise in mind; a newer one of the same kind takes the place of an open one."""
    follow_up, _ = FollowUp.objects.update_or_create(
        lead=lead,
        kind=kind,
        done_at=None,
        defaults={"due_at": due_at, "note": note},
        create_defaults={"due_at": due_at, "note": note, "created_at": now},
    )
    return follow_up
