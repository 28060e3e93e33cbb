"""Writes to leads that span rows; each is one transaction and says what a second run does."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from phonenumber_field.phonenumber import PhoneNumber

from leads.models import (
    Activity,
    ActivityKind,
    ErasedNumber,
    FollowUp,
    FollowUpKind,
    Lead,
    LeadSource,
    LeadStatus,
    Requirement,
    Suppression,
    SuppressionReason,
)
from leads.models.erased import digests_of
from leads.qualification import RequirementFacts, Verdict, qualify
from leads.queries import has_inventory, matching_listings, slots_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User


_SAID_NO = {"not_interested", "already_bought"}
_STANDS = {LeadStatus.CALLBACK, LeadStatus.DO_NOT_CALL, LeadStatus.WRONG_NUMBER}
_JUDGED = {LeadStatus.QUALIFIED, LeadStatus.NOT_QUALIFIED}


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
def lead_for_writer(phone: str, *, now: datetime) -> Lead:
    """The lead who has this E.164 number, or a new one, whom staff answer before any machine calls."""
    values = {"source": LeadSource.TEXT, "created_at": now, "greeted": True}
    lead, created = Lead.objects.get_or_create(phone=phone, defaults=values)
    if created:
        record(lead, ActivityKind.CREATED, "The lead wrote a text message to us.", now=now)
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
    suppress(str(lead.phone or ""), reason, now=now, words=words)
    if lead.do_not_call:
        return False
    lead.do_not_call = True
    lead.status = LeadStatus.DO_NOT_CALL
    lead.save(update_fields=["do_not_call", "status", "updated_at"])
    FollowUp.objects.filter(lead=lead, done_at__isnull=True).update(done_at=now)
    record(lead, ActivityKind.DO_NOT_CALL, "Must not be called again.", now=now, by=by, words=words)
    return True


@transaction.atomic
def mark_bad_number(lead: Lead, *, now: datetime) -> None:
    """A carrier says that this number cannot be called; true until the lead gets another. A second run adds nothing."""
    number = str(lead.phone or "")
    if Lead.objects.filter(pk=lead.pk).exclude(bad_number=number).update(bad_number=number):
        record(lead, ActivityKind.NOTE, "The carrier says that this number cannot be called. Correct it.", now=now)


def suppress(phone: str, reason: SuppressionReason, *, now: datetime, words: str = "") -> bool:
    """Put an E.164 number on the list of numbers not to call; False when it stood there, or is empty."""
    if not phone:
        return False
    values = {"reason": reason, "words": words, "created_at": now}
    return Suppression.objects.get_or_create(phone=phone, defaults=values)[1]


@transaction.atomic
def allow_calls(*, lead_id: int, now: datetime, by: User) -> bool:
    """The lead took the request back: staff may call again; False when calls were allowed already."""
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    removed, _ = Suppression.objects.filter(phone=lead.phone).delete() if lead.phone else (0, {})
    ErasedNumber.objects.filter(digest__in=digests_of(str(lead.phone or ""))).delete()
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
def note_claim(*, lead_id: int, phone: str, now: datetime) -> None:
    """A visitor says that they have a known lead's number, and nothing proves it: staff read it on both leads.

    Every run adds the two lines.
    """
    visitor = Lead.objects.get(pk=lead_id)
    known = Lead.objects.filter(phone=phone).first()
    if known is None:
        return
    text = "A visitor of the website gave this number. What they wrote stands with lead {}; is it the same person?"
    record(known, ActivityKind.NOTE, text.format(visitor.pk), now=now, other_lead=visitor.pk)
    text = "This visitor gave the number of lead {}. Nothing was taken over there; is it the same person?"
    record(visitor, ActivityKind.NOTE, text.format(known.pk), now=now, other_lead=known.pk)


@transaction.atomic
def merge_stranger(*, stranger_id: int, lead_id: int, now: datetime) -> None:
    """Move what hangs on a withheld caller's lead to the lead that they turned out to be, and delete the empty one.

    A second run finds nothing to move.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    stranger = Lead.objects.select_for_update().filter(pk=stranger_id).first()
    if stranger is None:
        return
    Activity.objects.filter(lead=stranger).update(lead=lead)
    for follow_up in FollowUp.objects.filter(lead=stranger, done_at__isnull=True):
        promise(lead, FollowUpKind(follow_up.kind), due_at=follow_up.due_at, note=follow_up.note, now=now)
    FollowUp.objects.filter(lead=stranger, done_at__isnull=False).update(lead=lead)
    if stranger.notes:
        lead.notes = f"{lead.notes}\n{stranger.notes}".strip()
        lead.save(update_fields=["notes", "updated_at"])
    record(lead, ActivityKind.NOTE, "A caller who withheld their number said that they are this lead.", now=now)
    stranger.delete()


@transaction.atomic
def requalify(*, lead_id: int, now: datetime, by: User | None = None) -> Verdict:
    """Judge a lead by what is known and on offer today; a second run finds the same.

    A lead who must not be called, or whose number is somebody else's, keeps that status.
    """
    lead = Lead.objects.select_for_update().get(pk=lead_id)
    requirement, _ = Requirement.objects.get_or_create(lead=lead)
    verdict = judge(requirement)
    before = lead.status
    store_verdict(lead, verdict)
    if before not in {LeadStatus.DO_NOT_CALL, LeadStatus.WRONG_NUMBER}:
        lead.status = LeadStatus(verdict.status)
    lead.save()
    if lead.status != before:
        record(lead, ActivityKind.STATUS, f"Judged again: {lead.get_status_display().lower()}.", now=now, by=by)
    return verdict


def judge_again(lead: Lead, requirement: Requirement, *, before: Verdict, now: datetime, by: User | None) -> None:
    """Judge a lead whose requirement was put right: a decision can qualify, or take that back, and do nothing else.

    `before` is the verdict on the requirement as it was: what the decision does not turn stays, for staff may have set
    the status. Whoever waits to be called back, said no, or must not be called keeps that standing. The caller locks
    `lead`.
    """
    verdict, was = judge(requirement), lead.status
    said_no = any(one["code"] in _SAID_NO for one in lead.score_reasons)
    if said_no or lead.do_not_call or was in _STANDS:
        return
    becomes = was if verdict.status == before.status else LeadStatus(verdict.status)
    if was not in _JUDGED and becomes != LeadStatus.QUALIFIED:
        return
    store_verdict(lead, verdict)
    lead.status = becomes
    lead.save(update_fields=["score", "score_reasons", "status", "updated_at"])
    if becomes == was:
        return
    record(lead, ActivityKind.STATUS, f"Judged again: {lead.get_status_display().lower()}.", now=now, by=by)
    if lead.status == LeadStatus.QUALIFIED:
        promise(lead, FollowUpKind.SALES_CALL, due_at=now, note="", now=now)
    elif was == LeadStatus.QUALIFIED:
        owed = FollowUp.objects.filter(lead=lead, kind=FollowUpKind.SALES_CALL, done_at__isnull=True)
        owed.update(done_at=now)


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


def store_verdict(lead: Lead, verdict: Verdict) -> None:
    """Put score and reasons on the lead; the caller saves it."""
    lead.score = verdict.score
    lead.score_reasons = [asdict(reason) for reason in verdict.reasons]


def promise(
    lead: Lead, kind: FollowUpKind, *, due_at: datetime | None, note: str, now: datetime, by_hand: bool = False
) -> FollowUp:
    """Keep a promise in mind; a newer one of the same kind takes the place of an open one.

    With `by_hand` no call is queued when it falls due.
    """
    values = {"due_at": due_at, "note": note, "dialed_for": due_at if by_hand else None}
    follow_up, _ = FollowUp.objects.update_or_create(
        lead=lead, kind=kind, done_at=None, defaults=values, create_defaults={**values, "created_at": now}
    )
    return follow_up
