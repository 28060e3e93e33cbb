"""Who must not be called, and who agreed to be."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from leads.models.lead import Lead


class SuppressionReason(models.TextChoices):
    """Why a number must not be called."""

    OPT_OUT = "opt_out", "Asked not to be called"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    STAFF = "staff", "Entered by staff"
    BLOCKED = "blocked", "Blocked by the provider"


class Suppression(models.Model):
    """A number that must never be called again, whatever lead it belongs to."""

    phone = PhoneNumberField(unique=True)
    reason = models.CharField(max_length=16, choices=SuppressionReason.choices, default=SuppressionReason.STAFF)
    words = models.TextField(blank=True, help_text="What the person said, where they said it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "number not to call"
        verbose_name_plural = "numbers not to call"

    def __str__(self) -> str:
        return str(self.phone)


class DndEntry(models.Model):
    """What a number's holder told the regulator that they do not want to be called about, as its lists spell it.

    The lists hold numbers of India's telecom regulator: categories 1 to 8 (2 is real estate, 0 all), modes 11 to 15,
    time bands 21 to 29, day types 31 to 38. An empty list blocks all of its kind.
    """

    phone = PhoneNumberField(unique=True)
    categories = models.JSONField(default=list, blank=True)
    modes = models.JSONField(default=list, blank=True)
    time_bands = models.JSONField(default=list, blank=True)
    day_types = models.JSONField(default=list, blank=True)
    imported_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-imported_at", "-pk"]
        verbose_name = "regulator's do-not-disturb entry"
        verbose_name_plural = "regulator's do-not-disturb list"

    def __str__(self) -> str:
        return str(self.phone)


class Consent(models.Model):
    """A lead agreed to be called by us, or took that back; the newest one counts."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="consents")
    given = models.BooleanField("agreed", default=True)
    source = models.CharField(max_length=80, help_text="Where they said so, such as: enquiry form of 3 March.")
    words = models.TextField(blank=True, help_text="What they agreed to, word for word.")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "consent to be called"
        verbose_name_plural = "consents to be called"

    def __str__(self) -> str:
        return f"{self.lead} {'agreed' if self.given else 'took it back'}"
