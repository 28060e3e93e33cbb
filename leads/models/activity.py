"""What happened to leads."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from leads.models.lead import Lead


class ActivityKind(models.TextChoices):
    """What sort of thing happened to a lead."""

    CREATED = "created", "Lead created"
    CALL = "call", "Call"
    CALL_REFUSED = "call_refused", "Call not made"
    STATUS = "status", "Status changed"
    FOLLOW_UP = "follow_up", "Follow-up"
    DO_NOT_CALL = "do_not_call", "Do not call"
    NOTE = "note", "Note"


class Activity(models.Model):
    """One line of a lead's timeline: what happened, said in a sentence."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=16, choices=ActivityKind.choices)
    text = models.TextField()
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True, help_text="Ids of what it was about.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["lead", "-at"], name="activity_lead_newest")]

    def __str__(self) -> str:
        return self.text
