"""Calls, their turns, and the webhooks that moved them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from leads.models import Lead
from voice.events import Direction, EndReason
from voice.models import VoiceAgent

LONGEST_MODEL = 120
"""Characters of a language model's name; what is longer is cut."""


def _choices(enum: type[CallStatus | EndReason | Disposition | Direction]) -> list[tuple[str, str]]:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in enum]


class Call(models.Model):
    """One dial attempt to one lead, or one inbound call, and the record of how it went."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="calls")
    direction = models.CharField(max_length=8, choices=_choices(Direction), default=Direction.OUTBOUND.value)
    status = models.CharField(max_length=12, choices=_choices(CallStatus), default=CallStatus.QUEUED.value)
    end_reason = models.CharField(max_length=12, choices=_choices(EndReason), blank=True)
    disposition = models.CharField(max_length=16, choices=_choices(Disposition), blank=True)
    error = models.TextField(blank=True, help_text="What went wrong, in a sentence for staff.")
    provider = models.CharField(max_length=16)
    provider_call_id = models.CharField(max_length=64, blank=True)
    agent = models.ForeignKey(VoiceAgent, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls")
    agent_version = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    request_key = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    dial_after = models.DateTimeField(null=True, blank=True, help_text="Not before this time.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Technical failures so far.")
    caller = models.CharField(max_length=64, blank=True, help_text="The caller's number as the carrier sent it.")
    dialogue: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True, editable=False)
    reasons = models.JSONField(default=list, blank=True, help_text="Why the lead did or did not qualify.")
    summary = models.JSONField(default=list, blank=True, help_text="Points, each with the words that it rests on.")
    summary_rung = models.CharField(max_length=16, blank=True, editable=False, help_text="Who wrote the summary.")
    needs_review = models.BooleanField(default=False, help_text="Rules and language model heard different things.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dialed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_s = models.PositiveIntegerField("duration (s)", null=True, blank=True)
    ask_after = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When to ask the provider, should no word of it come before."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                # Somebody who rings us cannot be refused by a constraint; whom we ring can.
                condition=Q(status__in=[s.value for s in LIVE], direction=Direction.OUTBOUND.value),
                name="call_one_live_per_lead",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_call_id"],
                condition=~Q(provider_call_id=""),
                name="call_provider_id_unique",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in CallStatus]), name="call_status_known"),
            models.CheckConstraint(
                condition=Q(status=CallStatus.ENDED.value) | Q(end_reason=""), name="call_end_reason_only_when_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "dial_after"], name="call_due"),
            models.Index(fields=["status", "ask_after"], name="call_to_ask_about"),
            models.Index(fields=["lead", "-created_at"], name="call_lead_newest"),
            models.Index(fields=["-created_at", "-id"], name="call_newest"),
            models.Index(fields=["disposition", "-created_at"], name="call_disposition_newest"),
            models.Index(fields=["-created_at"], condition=Q(needs_review=True), name="call_to_review"),
        ]

    def __str__(self) -> str:
        return f"Call {self.pk}"

    @property
    def is_live(self) -> bool:
        """True until the line has closed."""
        return self.status in LIVE

    def move_to(self, new: CallStatus, **fields: Any) -> bool:
        """Compare and set the status; False when another worker moved this call first."""
        won = Call.objects.filter(pk=self.pk, status=self.status).update(status=new, **fields)
        if won:
            self.status = new
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(won)


class Turn(models.Model):
    """One exchange: what was heard, what it meant, and what the agent said to it. Turn 0 is the opening."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    asked = models.CharField(max_length=16, blank=True, help_text="What the agent had asked before.")
    heard = models.TextField(blank=True)
    digits = models.CharField(max_length=32, blank=True)
    confidence = models.FloatField(null=True, blank=True, help_text="The recogniser's, 0 to 1.")
    understood = models.JSONField(default=list, blank=True, help_text="Slots, with the words they came from.")
    said = models.TextField(blank=True)
    rung = models.CharField(max_length=16, default="rules", help_text="Who was followed: the rules or a model.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["call", "number"]
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="turn_number_unique")]

    def __str__(self) -> str:
        return f"Turn {self.number} of call {self.call_id}"


class Consultation(models.Model):
    """One question put to a language model, and what became of it; never what was asked or answered."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="consultations")
    turn = models.PositiveSmallIntegerField(null=True, help_text="The turn that it helped; empty after the call.")
    rung = models.CharField(max_length=16)
    model = models.CharField(max_length=LONGEST_MODEL)
    prompt = models.CharField(max_length=40)
    prompt_version = models.CharField(max_length=16)
    fault = models.CharField(max_length=24, blank=True, help_text="Why it was of no use; empty when it answered.")
    latency_ms = models.PositiveIntegerField("latency (ms)", default=0)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["rung", "-at"], name="consultation_rung_newest")]

    def __str__(self) -> str:
        return f"Consultation {self.pk} of call {self.call_id}"


class WebhookEvent(models.Model):
    """One webhook as it arrived, redacted, and what we answered; kept whatever happens after."""

    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=24)
    dedupe_key = models.CharField(max_length=160)
    provider_call_id = models.CharField(max_length=64, blank=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    request: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="What is needed to apply it again.")
    response = models.TextField(blank=True, help_text="What we answered, word for word.")
    response_type = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["provider", "dedupe_key"], name="webhook_event_unique")]
        indexes = [
            models.Index(fields=["applied_at", "received_at"], name="webhook_event_open"),
            models.Index(fields=["-received_at", "-id"], name="webhook_event_newest"),
        ]

    def __str__(self) -> str:
        return f"Webhook {self.pk}: {self.provider} {self.kind}"
