"""Leads as another program enters and changes them; each function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from leads.models import ActivityKind, Lead, LeadSource, LeadStatus, Requirement
from leads.operations import allow_calls, record, set_do_not_call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from django.contrib.auth.models import User


class DuplicatePhoneError(Exception):
    """Another lead has this number already; `existing_id` is theirs."""

    def __init__(self, existing_id: int) -> None:
        super().__init__(f"Lead {existing_id} has this number already.")
        self.existing_id = existing_id


class DoNotCallStandsError(Exception):
    """The lead asked not to be called, and beside that no other status can be set."""


def enter(values: Mapping[str, Any], requirement: Mapping[str, Any], *, now: datetime, by: User | None) -> Lead:
    """A new lead with what they want; `values` and `requirement` hold fields of the models.

    :raises DuplicatePhoneError: also where another process was a moment faster.
    :raises DoNotCallStandsError: for do_not_call with a status that says otherwise.
    """
    fields = {"source": LeadSource.API, "created_at": now, **values}
    asked_off = fields.pop("do_not_call", False)
    if asked_off:
        _require_status(fields, LeadStatus.NEW)
    try:
        with transaction.atomic():
            _require_free(fields.get("phone"))
            lead = Lead.objects.create(**fields)
            Requirement.objects.create(lead=lead, **requirement)
            record(lead, ActivityKind.CREATED, "Entered through the API.", now=now, by=by)
            if asked_off:
                set_do_not_call(lead_id=lead.pk, now=now, by=by)
    except IntegrityError:
        _require_free(fields.get("phone"))
        raise
    return lead


def lead_with_phone(phone: str) -> Lead | None:
    """The lead who has this E.164 number."""
    return Lead.objects.filter(phone=phone).first()


def enter_caller(phone: str, name: str, *, now: datetime, by: User) -> Lead:
    """A lead for a number that should be called; the one who has it where another process was faster."""
    try:
        return enter({"phone": phone, "name": name}, {}, now=now, by=by)
    except DuplicatePhoneError as found:
        return Lead.objects.get(pk=found.existing_id)


def change(
    lead_id: int,
    values: Mapping[str, Any],
    requirement: Mapping[str, Any],
    *,
    now: datetime,
    by: User,
    corrected: Callable[[Requirement, Mapping[str, Any]], None],
) -> None:
    """Write the given fields and no others, so that a call that ends meanwhile keeps what it found.

    `corrected` is told of a changed requirement, slot to the value before, right before that is saved.
    :raises DuplicatePhoneError: where another lead has the new number.
    :raises DoNotCallStandsError: for another status while the lead must not be called.
    """
    fields = dict(values)
    do_not_call = fields.pop("do_not_call", None)
    try:
        with transaction.atomic():
            lead = Lead.objects.select_for_update().get(pk=lead_id)
            stood = lead.do_not_call
            stands = stood if do_not_call is None else do_not_call
            if stands:
                _require_status(fields, lead.status)
            _write(lead, fields, now=now, by=by)
            _write_requirement(lead, requirement, corrected)
            if do_not_call or stood:  # a number that comes with this very change may bring its own "never"
                _set_calls(lead, do_not_call, now=now, by=by)
    except IntegrityError:
        _require_free(fields.get("phone"), but=lead_id)
        raise


def _require_free(phone: str | None, *, but: int = 0) -> None:
    if not phone:
        return
    found = Lead.objects.filter(phone=phone).exclude(pk=but).values_list("pk", flat=True).first()
    if found is not None:
        raise DuplicatePhoneError(found)


def _require_status(fields: Mapping[str, Any], before: str) -> None:
    """Beside do_not_call, the status may be sent back as it was; the operation below turns it."""
    if fields.get("status", before) not in {before, LeadStatus.DO_NOT_CALL}:
        raise DoNotCallStandsError


def _write(lead: Lead, fields: dict[str, Any], *, now: datetime, by: User) -> None:
    _require_free(fields.get("phone"), but=lead.pk)
    before = lead.status
    for name, value in fields.items():
        setattr(lead, name, value)
    lead.save(update_fields=[*fields, "updated_at"])
    if lead.status != before:
        text = f"Status set to {lead.get_status_display().lower()} through the API."
        record(lead, ActivityKind.STATUS, text, now=now, by=by)


def _write_requirement(
    lead: Lead, fields: Mapping[str, Any], corrected: Callable[[Requirement, Mapping[str, Any]], None]
) -> None:
    if not fields:
        return
    requirement, _ = Requirement.objects.get_or_create(lead=lead)
    before = {name: getattr(requirement, name) for name in fields}
    for name, value in fields.items():
        setattr(requirement, name, value)
    corrected(requirement, {name: was for name, was in before.items() if was != fields[name]})
    requirement.save()


def _set_calls(lead: Lead, do_not_call: bool | None, *, now: datetime, by: User) -> None:
    if do_not_call:
        set_do_not_call(lead_id=lead.pk, now=now, by=by)
    elif do_not_call is False and lead.do_not_call:
        allow_calls(lead_id=lead.pk, now=now, by=by)
