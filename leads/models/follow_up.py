"""What leads were promised, and who keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from leads.models.lead import Lead

if TYPE_CHECKING:
    from datetime import datetime


class Representative(models.Model):
    """A member of staff whom callers can be put through to."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="representative")
    phone = PhoneNumberField()
    takes_hand_offs = models.BooleanField(default=True, help_text="Off while they are away.")

    class Meta:
        ordering = ["user__username"]
        verbose_name = "sales representative"

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class FollowUpKind(models.TextChoices):
    """What was promised to a lead."""

    CALLBACK = "callback", "Call back"
    SALES_CALL = "sales_call", "Sales representative calls"
    HAND_OFF = "hand_off", "A person was asked for"


class FollowUp(models.Model):
    """A promise to a lead, open until somebody keeps it."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=FollowUpKind.choices)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty where the lead named no time.")
    note = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    dialed_for = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The due time that a call was queued for."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = "follow-up"
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "kind"], condition=Q(done_at__isnull=True), name="follow_up_one_open_per_kind"
            )
        ]
        indexes = [models.Index(fields=["done_at", "due_at"], name="follow_up_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.lead}"

    def keep(self, *, now: datetime) -> bool:
        """Mark the promise kept; False when it already was."""
        won = FollowUp.objects.filter(pk=self.pk, done_at__isnull=True).update(done_at=now)
        self.done_at = now if won else self.done_at
        return bool(won)
