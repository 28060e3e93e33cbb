"""What was recorded, who listened to it, and what was heard in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from calls.models.call import Call, Turn


class RecordingState(models.TextChoices):
    """How far a recording has come to us; it moves only forward, but for one that staff have fetched again."""

    ANNOUNCED = "announced", "To be fetched"
    KEPT = "kept", "Kept"
    ABSENT = "absent", "Nothing was recorded"
    FAILED = "failed", "Could not be fetched"
    REFUSED = "refused", "The caller did not want it"
    DELETED = "deleted", "Deleted"


class TranscriptionState(models.TextChoices):
    """How far Whisper is with a recording."""

    NONE = "", "Not wanted"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Being transcribed"
    DONE = "done", "Transcribed"
    FAILED = "failed", "Could not be transcribed"


class Recording(models.Model):
    """One recording: announced by a provider and fetched by its id, never by an address; or uploaded by staff."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    provider_recording_id = models.CharField(max_length=64, blank=True)
    channels = models.PositiveSmallIntegerField(default=1)
    caller_channel = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="From 0; empty where both voices share one, or it is not known yet."
    )
    duration_s = models.PositiveIntegerField("duration (s)", null=True, blank=True)
    state = models.CharField(max_length=12, choices=RecordingState.choices, default=RecordingState.ANNOUNCED)
    announced_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When its second 0 was.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    file = models.FileField(upload_to="recordings", max_length=160, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    content_type = models.CharField(max_length=40, blank=True, editable=False)
    kept_at = models.DateTimeField(null=True, blank=True, editable=False)
    peaks: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, editable=False, help_text="The waveform: for each channel 0 to 100, some 800 columns."
    )
    error = models.TextField(blank=True, help_text="What went wrong, in a sentence for staff.")
    fetch_after = models.DateTimeField(null=True, blank=True, editable=False)
    fetch_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when whoever fetches or transcribes it is believed."
    )
    lease = models.CharField(max_length=32, blank=True, editable=False, help_text="Who holds it.")
    delete_there = models.BooleanField(default=False, editable=False, help_text="Still to be deleted at the provider.")
    deleted_there_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    transcription = models.CharField(max_length=8, choices=TranscriptionState.choices, blank=True)
    transcription_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    transcription_error = models.TextField(blank=True, help_text="Why there is no transcript, in a sentence for staff.")
    progress = models.PositiveSmallIntegerField(default=0, help_text="Per cent that Whisper has heard.")
    transcribed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "provider_recording_id"], name="recording_announced_once"),
            models.CheckConstraint(condition=Q(state__in=RecordingState.values), name="recording_state_known"),
            models.CheckConstraint(condition=~Q(state="kept") | ~Q(file=""), name="recording_kept_has_file"),
            models.CheckConstraint(condition=Q(state="kept") | Q(file=""), name="recording_file_only_when_kept"),
        ]
        indexes = [
            models.Index(fields=["fetch_after"], condition=Q(state="announced"), name="recording_to_fetch"),
            models.Index(fields=["transcription", "leased_until"], name="recording_to_hear"),
            models.Index(fields=["id"], condition=Q(delete_there=True), name="recording_to_delete_there"),
            models.Index(fields=["sha256"], name="recording_content"),
            models.Index(fields=["kept_at"], name="recording_kept"),
        ]
        permissions = [("listen_recording", "Can listen to recordings")]

    def __str__(self) -> str:
        return f"Recording {self.pk} of call {self.call_id}"


class Engine(models.TextChoices):
    """Who wrote a transcript."""

    WHISPER = "whisper", "Whisper"
    PROVIDER = "provider", "The provider's recogniser"


class Transcript(models.Model):
    """What one engine heard in one call. `lines` are objects as `voice.stt.lines.Line` stores them."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="transcripts")
    recording = models.ForeignKey(
        Recording, null=True, blank=True, on_delete=models.CASCADE, related_name="transcripts"
    )
    engine = models.CharField(max_length=8, choices=Engine.choices)
    model = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, blank=True, help_text="ISO 639-1, as given or detected.")
    lines: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    dropped: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="What was left out as a hallucination, with the code of the gate."
    )
    confidence = models.FloatField(null=True, blank=True)
    is_best = models.BooleanField(default=False)
    why = models.CharField(max_length=24, blank=True, help_text="Why it is the best or not, as a code.")
    took_s = models.FloatField("took (s)", null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=Q(is_best=True), name="transcript_one_best"),
            models.UniqueConstraint(fields=["recording", "engine"], name="transcript_one_per_engine"),
        ]

    def __str__(self) -> str:
        return f"{self.get_engine_display()}'s transcript of call {self.call_id}"


class Listen(models.Model):
    """One time that somebody of the staff played or downloaded a recording."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="listens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    view = models.CharField(max_length=32, blank=True, help_text="The page view; all that one page asks for is one.")
    downloaded = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["recording", "-at"], name="listen_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "user", "view"], condition=~Q(view=""), name="listen_once_a_page_view"
            )
        ]

    def __str__(self) -> str:
        return f"Listening to recording {self.recording_id}"


class ReviewReason(models.TextChoices):
    """Why a person should look at a value."""

    DISAGREES = "disagrees", "Heard live and heard in the recording differ"
    NOT_LIVE = "not_live", "Heard only in the recording"
    NOT_AGAIN = "not_again", "Not found in the recording"
    LOW_CONFIDENCE = "low_confidence", "Hard to hear"
    RULES_AND_MODEL = "rules_and_model", "Rules and language model read it differently"
    STAFF_CALL = "staff_call", "Told to staff"
    BY_HAND = "by_hand", "Corrected on the lead's page"


class ReviewState(models.TextChoices):
    """What became of a value to look at."""

    OPEN = "open", "To be looked at"
    ACCEPTED = "accepted", "Accepted"
    CORRECTED = "corrected", "Corrected"
    CLEARED = "cleared", "Cleared"
    OVERTAKEN = "overtaken", "Overtaken by a later call"


DECIDED = (ReviewState.ACCEPTED, ReviewState.CORRECTED, ReviewState.CLEARED)
"""What staff can make of a value."""


class ValueReview(models.Model):
    """One value of a lead that a person should look at, or has corrected.

    `live` and `again` are {"value", "words", "turn", "start_s", "end_s", "confidence"} as the conversation and the
    recording gave them; {} where nothing was heard. In a staff's own call, which has no turns, also what was "asked".
    `final` is what staff decided, null for unknown.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="value_reviews")
    turn = models.ForeignKey(Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    slot = models.CharField(max_length=24)
    reason = models.CharField(max_length=16, choices=ReviewReason.choices)
    live: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    again: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ReviewState.choices, default=ReviewState.OPEN)
    final: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "value to review"
        verbose_name_plural = "values to review"
        constraints = [models.UniqueConstraint(fields=["call", "slot"], name="value_review_once")]
        indexes = [
            models.Index(fields=["-created_at"], condition=Q(state="open"), name="value_review_open"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} of call {self.call_id}"
