"""Campaigns: many leads called by one rule."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from leads.models import Lead
from voice.models import VoiceAgent


class CampaignState(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"
    FINISHED = "finished", "Finished"


class MemberState(models.TextChoices):
    """Where one lead of a campaign stands."""

    WAITING = "waiting", "Waiting"
    CALLING = "calling", "Being called"
    REACHED = "reached", "Reached"
    UNREACHED = "unreached", "Not reached"
    SKIPPED = "skipped", "Not called"


LIMITS = (
    "name",
    "agent",
    "provider",
    "opens",
    "closes",
    "max_lines",
    "reserved_lines",
    "daily_spend_cap",
    "starts_at",
    "ends_at",
)
"""What people decide of a draft, beside which leads it calls."""


class Campaign(models.Model):
    """Leads chosen once, called by one agent over one provider, under limits of its own."""

    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT)
    filter: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="Which leads, as the filters of the list of leads spell them."
    )
    lead_ids: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="These leads and no others, where they were chosen one by one."
    )
    agent = models.ForeignKey(VoiceAgent, null=True, blank=True, on_delete=models.SET_NULL, related_name="campaigns")
    provider = models.CharField(max_length=16, blank=True, help_text="Empty for the default one.")
    opens = models.TimeField(null=True, blank=True, help_text="Not before this hour of the lead's own clock.")
    closes = models.TimeField(null=True, blank=True, help_text="Not from this hour on.")
    max_lines = models.PositiveSmallIntegerField("calls at once", default=2)
    reserved_lines = models.PositiveSmallIntegerField(
        "lines kept free", default=1, help_text="Left to new leads, staff and promises."
    )
    daily_spend_cap = models.DecimalField(
        "spend a day (US dollars)", max_digits=9, decimal_places=2, null=True, blank=True, help_text="Empty for no cap."
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    redial_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="redials")
    pause_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(state__in=CampaignState.values), name="campaign_state_known")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse hours and dates in the wrong order, and limits that let nobody be called."""
        if bool(self.opens) != bool(self.closes):
            raise ValidationError({"closes": "Give both hours, or neither."})
        if self.opens and self.closes and self.opens >= self.closes:
            raise ValidationError({"closes": "The hours must end after they begin."})
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValidationError({"ends_at": "The campaign must end after it starts."})
        if self.max_lines == 0:
            raise ValidationError({"max_lines": "Give it one call at once or more."})
        if self.daily_spend_cap is not None and self.daily_spend_cap <= 0:
            raise ValidationError({"daily_spend_cap": "Give it more than 0, or leave it empty for no cap."})

    def move_to(self, new: CampaignState, *, among: tuple[CampaignState, ...], **fields: Any) -> bool:
        """Compare and set the state; False where it was in none of `among`."""
        won = Campaign.objects.filter(pk=self.pk, state__in=among).update(state=new, **fields)
        if won:
            self.refresh_from_db()
        return bool(won)


class CampaignMember(models.Model):
    """One lead of a campaign, and what came of it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="members")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="campaign_members")
    state = models.CharField(max_length=9, choices=MemberState.choices, default=MemberState.WAITING)
    code = models.CharField(max_length=32, blank=True, help_text="Why it was not called; what the last call came to.")
    detail = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="Not before this time.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["campaign", "lead"], name="campaign_member_unique")]
        indexes = [models.Index(fields=["campaign", "state", "next_at"], name="campaign_member_due")]

    def __str__(self) -> str:
        return f"{self.lead_id} in campaign {self.campaign_id}"
