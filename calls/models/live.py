"""Answers that were recorded one by one, to be heard while somebody waits; and conversations of staff with an agent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from calls.models.call import Call
from voice.models import VoiceAgent


class TalkSession(models.Model):
    """A member of staff who tries an agent out in the browser: no lead, no call, forgotten soon after.

    `lines` are {"number", "heard", "said", "understood", "confidence"}, number 0 the opening.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(VoiceAgent, on_delete=models.CASCADE, related_name="+")
    dialogue: models.JSONField[Any, Any] = models.JSONField(default=dict)
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)
    touched_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"Talk {self.pk}"


class LiveState(models.TextChoices):
    """How far an answer is heard; LATE and FAILED had to be asked for again, and may still get their words."""

    WAITING = "waiting", "Waiting to be heard"
    HEARD = "heard", "Heard"
    TAKEN = "taken", "Answered"
    LATE = "late", "Heard too late"
    FAILED = "failed", "Could not be heard"


class LiveUtterance(models.Model):
    """One recorded answer of a call, which the provider keeps until it is heard, or of a talk, which is in `audio`.

    One of a call without the provider's id stands for all that the provider may have left once the call is over.
    """

    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.CASCADE, related_name="utterances")
    talk = models.ForeignKey(TalkSession, null=True, blank=True, on_delete=models.CASCADE, related_name="utterances")
    turn = models.PositiveSmallIntegerField()
    provider_recording_id = models.CharField(max_length=64, blank=True)
    audio = models.BinaryField(null=True, blank=True)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8, choices=LiveState.choices, default=LiveState.WAITING)
    text = models.TextField(blank=True, help_text="Until it is answered; then the turn has it.")
    confidence = models.FloatField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why it could not be heard, in a sentence for staff.")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="Until when it is waited for.")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a worker began to hear it.")
    heard_at = models.DateTimeField(null=True, blank=True)
    delete_after = models.DateTimeField(
        null=True, blank=True, help_text="When the provider is next asked to delete it; empty: it is gone."
    )
    delete_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "provider_recording_id"], condition=Q(talk=None), name="live_recorded_once"
            ),
            models.UniqueConstraint(fields=["talk", "turn"], condition=Q(state="waiting"), name="live_one_at_a_time"),
            models.CheckConstraint(condition=Q(call=None) ^ Q(talk=None), name="live_of_a_call_or_a_talk"),
        ]
        indexes = [
            models.Index(fields=["delete_after"], condition=Q(delete_after__isnull=False), name="live_to_delete"),
            models.Index(fields=["heard_at"], condition=Q(state="heard"), name="live_to_answer"),
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk} in turn {self.turn}"

    def settle(self, state: LiveState, **fields: Any) -> bool:
        """Compare and set how far it is; False when another process was faster."""
        won = LiveUtterance.objects.filter(pk=self.pk, state=self.state).update(state=state, **fields)
        if won:
            self.state = state
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(won)
