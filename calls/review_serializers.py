"""Recordings, what was heard in them, and the values that wait for a person, as JSON."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from calls.models import Recording, Transcript, ValueReview
from calls.operations.reviewing import CHOICES, version_of


class ReadingSerializer(serializers.Serializer[Any]):
    """A value as one hearing gives it; an empty object where nothing was heard."""

    value = serializers.JSONField(
        required=False, help_text="As the requirement holds it; of a range its ends by their names, such as budget_max."
    )
    words = serializers.CharField(required=False)
    turn = serializers.IntegerField(required=False, allow_null=True)
    start_s = serializers.FloatField(required=False, allow_null=True, help_text="Seconds into the recording.")
    end_s = serializers.FloatField(required=False, allow_null=True)
    confidence = serializers.FloatField(required=False, allow_null=True, help_text="0 to 1, of the weakest word.")

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """The reading; without one nothing, instead of a null for whatever may be null."""
        return super().to_representation(instance) if instance else {}


class ReviewSerializer(serializers.ModelSerializer[ValueReview]):
    """One value to look at, or that somebody has decided."""

    lead = serializers.IntegerField(source="call.lead_id", read_only=True)
    slot = serializers.CharField(read_only=True, help_text="A slot of the requirement; budget and bedrooms are ranges.")
    live = ReadingSerializer(read_only=True)
    again = ReadingSerializer(read_only=True)
    version = serializers.SerializerMethodField(help_text="Another one after a new transcript; send it back to decide.")

    class Meta:
        model = ValueReview
        fields = (
            "id",
            "lead",
            "call",
            "slot",
            "reason",
            "live",
            "again",
            "state",
            "final",
            "decided_by",
            "decided_at",
            "created_at",
            "version",
        )
        read_only_fields = fields

    def get_version(self, review: ValueReview) -> str:
        """What tells this review from the same one after a new transcript."""
        return version_of(review)


class DecisionSerializer(serializers.Serializer[Any]):
    """What is right: the live value, the recording's, another one, or none."""

    choice = serializers.ChoiceField(list(CHOICES))
    value = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text='With the choice "other": the value, or of a range {"budget_min": ..., "budget_max": ...}.',
    )
    version = serializers.CharField(
        default="",
        max_length=64,
        help_text="The review's version that you looked at; with it a review that has changed since is a 409.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Another value has to be told, and only another one."""
        if (attrs["choice"] == "other") != ("value" in attrs):
            raise serializers.ValidationError(
                'Send a value with the choice "other", and with no other choice.', "one_of"
            )
        return attrs


class TranscriptWordsSerializer(serializers.Serializer[Any]):
    """A stretch of speech; each word is [text, start in seconds, end in seconds, probability]."""

    speaker = serializers.ChoiceField(["caller", "agent", "staff", "unknown"])
    start_s = serializers.FloatField(allow_null=True, help_text="Null where the provider heard it, and told no time.")
    end_s = serializers.FloatField(allow_null=True)
    text = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True, help_text="Null for the agent's own words.")
    words = serializers.ListField(child=serializers.ListField())


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    """What one engine heard."""

    lines = TranscriptWordsSerializer(many=True, read_only=True)

    class Meta:
        model = Transcript
        fields = (
            "id",
            "recording",
            "engine",
            "model",
            "language",
            "confidence",
            "is_best",
            "why",
            "lines",
            "dropped",
            "took_s",
            "made_at",
        )
        read_only_fields = fields


class RecordingSerializer(serializers.ModelSerializer[Recording]):
    """A recording without its sound."""

    audio = serializers.SerializerMethodField(
        help_text="Where staff who may listen hear it, with their login; null for a key whose user may not."
    )

    class Meta:
        model = Recording
        fields = (
            "id",
            "channels",
            "caller_channel",
            "duration_s",
            "state",
            "announced_at",
            "started_at",
            "uploaded_by",
            "size_bytes",
            "content_type",
            "kept_at",
            "deleted_at",
            "error",
            "transcription",
            "progress",
            "transcription_error",
            "transcribed_at",
            "audio",
        )
        read_only_fields = fields

    def get_audio(self, recording: Recording) -> str | None:
        """The address, for who may listen."""
        if not (self.context.get("may_listen") and recording.file):
            return None
        return reverse("admin:calls_recording_audio", args=[recording.pk])
