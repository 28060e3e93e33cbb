"""Links to the chat, each for one lead or for one visitor of the brokerage's site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from calls.models.call import Call
from leads.models import Lead

if TYPE_CHECKING:
    from datetime import datetime


class ChatReason(models.TextChoices):
    """Why there is a link."""

    CALL_FAILED = "call_failed", "A call failed for good"
    LEAD_ASKED = "lead_asked", "The lead asked"
    STAFF = "staff", "Made by staff"
    WIDGET = "widget", "The website"


class ChatLink(models.Model):
    """The right to one chat; the address holds its signed id, so nobody finds one by counting."""

    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="chat_links")
    call = models.OneToOneField(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="chat_link", help_text="The chat itself."
    )
    instead_of = models.OneToOneField(
        Call,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="chat_instead",
        help_text="The failed call.",
    )
    reason = models.CharField(max_length=12, choices=ChatReason.choices)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    text_state = models.CharField(
        max_length=8, blank=True, help_text="due, sending, sent, unsure or failed; empty: none."
    )
    text_after = models.DateTimeField(null=True, blank=True, editable=False, help_text="Not before this time.")
    text_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    text_id = models.CharField(max_length=64, blank=True, help_text="The provider's id of the text message.")
    text_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["text_state", "text_after"], name="chat_text_due")]

    def __str__(self) -> str:
        return f"Chat link {self.pk}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.revoked_at is None and now < self.expires_at
