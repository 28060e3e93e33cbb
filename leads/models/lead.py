"""Leads: who may buy."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from leads.models.erased import ErasedNumber
from leads.phones import zones_of

HOME_ZONE = "Asia/Kolkata"


class Language(models.TextChoices):
    """The languages that the agent speaks, as BCP 47 tags."""

    ENGLISH = "en-IN", "English"
    HINDI = "hi-IN", "Hindi"


class LeadStatus(models.TextChoices):
    """Where a lead stands with the brokerage."""

    NEW = "new", "New"
    CONTACTED = "contacted", "Contacted"
    CALLBACK = "callback", "Callback promised"
    QUALIFIED = "qualified", "Qualified"
    NOT_QUALIFIED = "not_qualified", "Not qualified"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    DO_NOT_CALL = "do_not_call", "Do not call"


class LeadSource(models.TextChoices):
    """How a lead reached us."""

    WEBSITE = "website", "Website"
    PORTAL = "portal", "Property portal"
    REFERRAL = "referral", "Referral"
    WALK_IN = "walk_in", "Walk-in"
    ADVERTISEMENT = "advertisement", "Advertisement"
    INBOUND_CALL = "inbound_call", "Inbound call"
    TEXT = "text", "Text message"
    IMPORT = "import", "Import"
    API = "api", "API"
    STAFF = "staff", "Entered by staff"


@cache
def _zones() -> frozenset[str]:
    """Every zone; finding them reads hundreds of files, and an import asks once a row."""
    return frozenset(available_timezones())


def known_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist.

    :raises ValidationError: with a sentence for the person who typed it.
    """
    if name not in _zones():
        raise ValidationError("No such time zone. Write one like Asia/Kolkata.", code="unknown_time_zone")


class Lead(models.Model):
    """A person who may buy; the phone number is who they are to us."""

    name = models.CharField(max_length=120, blank=True)
    phone = PhoneNumberField(
        unique=True,
        null=True,
        blank=True,
        help_text="Any usual way of writing it, such as 98765 43210 or +971 50 123 4567.",
    )
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(
        max_length=64,
        default=HOME_ZONE,
        validators=[known_time_zone],
        help_text="The lead's own clock, such as Asia/Kolkata.",
    )
    source = models.CharField(max_length=20, choices=LeadSource.choices, default=LeadSource.STAFF)
    status = models.CharField(max_length=20, choices=LeadStatus.choices, default=LeadStatus.NEW)
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 100; empty until qualified or not.")
    score_reasons = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    do_not_call = models.BooleanField("do not call", default=False)
    bad_number = models.CharField(
        max_length=20, blank=True, editable=False, help_text="The number that a carrier said cannot be called."
    )
    notes = models.TextField(blank=True)
    greeted = models.BooleanField(
        default=False, editable=False, help_text="Whether it was decided if the lead is called on arrival."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    last_contacted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("erase_lead", "Can erase a person everywhere")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            models.Index(fields=["status", "-created_at"], name="lead_status_newest"),
            models.Index(fields=["owner", "status"], name="lead_owner_status"),
            models.Index(fields=["name"], name="lead_name"),
            models.Index(fields=["created_at"], condition=Q(greeted=False), name="lead_not_greeted"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="lead_score_at_most_100"),
            models.CheckConstraint(condition=~Q(phone=""), name="lead_phone_never_empty"),
            models.CheckConstraint(condition=Q(status__in=LeadStatus.values), name="lead_status_known"),
        ]

    def __str__(self) -> str:
        return self.name or (str(self.phone) if self.phone else f"Unknown caller {self.pk}")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Let what was true of the old number go with it: its clock, unless another was chosen, and "wrong number"."""
        changed = kwargs.get("update_fields")
        if changed is None or "phone" in changed:
            followed = self._follow_number()
            kwargs |= {"update_fields": {*changed, *followed}} if changed else {}
        super().save(*args, **kwargs)

    def _follow_number(self) -> set[str]:
        """Correct what a new number changes; the names of the fields."""
        before = None if self._state.adding else Lead.objects.filter(pk=self.pk).values("phone", "time_zone").first()
        phone, zone = (before["phone"], before["time_zone"]) if before else ("", HOME_ZONE)
        followed: set[str] = set()
        if str(phone or "") == str(self.phone or ""):
            return followed
        if not self.do_not_call and ErasedNumber.holds(str(self.phone or "")):
            # However a number came back that its holder had erased, nobody calls it.
            self.do_not_call = True
            followed.add("do_not_call")
        if self.time_zone == zone == _clock_of(phone):
            self.time_zone = _clock_of(self.phone)
            followed.add("time_zone")
        if before and self.status == LeadStatus.WRONG_NUMBER:
            self.status = LeadStatus.CONTACTED
            followed.add("status")
        return followed


def _clock_of(phone: object) -> str:
    zones = zones_of(str(phone or ""))
    return zones[0] if len(zones) == 1 else HOME_ZONE
