"""How long which kind of record is kept, what each night deleted, and what is still to be deleted elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

_MOST_DAYS = 36_500
_FOR_EVER = "Write at most 36,500 days, a hundred years. Leave it empty to keep this for ever."


def _days(name: str, default: int | None, help_text: str) -> Any:
    bounds = [MinValueValidator(1), MaxValueValidator(_MOST_DAYS, _FOR_EVER)]
    return models.PositiveIntegerField(
        name, null=True, blank=True, default=default, validators=bounds, help_text=help_text
    )


class Retention(models.Model):
    """Days that each kind of record is kept; empty for ever. There is one row."""

    recordings = _days("recordings", 180, "From when they were fetched or uploaded; deleted at the provider, too.")
    words = _days("words of calls", 730, "Turns, transcripts, values to review and summaries; the call's facts stay.")
    webhooks = _days("webhooks", 90, "What providers sent, with numbers and words, and what we answered.")
    consultations = _days("language models", 365, "What each question to one cost; never what was asked.")
    listens = _days("listens", 730, "Who played which recording.")
    chat_links = _days("chat links", 90, "From when they expired.")
    utterances = _days("answers heard one by one", 7, "How each was heard, where Whisper hears live.")
    jobs = _days("failed jobs", 30, "What went wrong, for whoever mends it.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "retention"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="retention_one_row")]

    def __str__(self) -> str:
        return "Retention"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Always the one row."""
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> Retention:
        """The days as they stand; their defaults before anybody saved them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Purge(models.Model):
    """One night's purge; whichever process makes the row of a night does that night's work."""

    night = models.DateField(unique=True, editable=False)
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    counts: models.JSONField[Any, Any] = models.JSONField(default=dict, editable=False, help_text="Deleted, by kind.")

    class Meta:
        ordering = ["-night"]
        verbose_name = "purge"

    def __str__(self) -> str:
        return f"Purge of {self.night:%d %b %Y}"


class OwedDeletion(models.Model):
    """A recording of somebody who was erased, still to be deleted at its provider, or on our storage, or both."""

    provider = models.CharField(max_length=16, blank=True)
    provider_call_id = models.CharField(max_length=64, blank=True)
    provider_recording_id = models.CharField(max_length=64, blank=True)
    recording_id = models.PositiveBigIntegerField(default=0, help_text="What the recording's row was.")
    sha256 = models.CharField(max_length=64, blank=True)
    after = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["after"], name="owed_deletion_due")]

    def __str__(self) -> str:
        return f"Owed deletion {self.pk}"
