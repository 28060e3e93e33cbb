"""Calls and their turns as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from calls.models import Call, Turn
from leads.models import Lead
from leads.serializers import Phone, ReasonSerializer
from voice.models import VoiceAgent


class HeardSerializer(serializers.Serializer[Any]):
    """A slot that a turn filled, with the words that it came from and where they stand in what was heard."""

    slot = serializers.CharField()
    value = serializers.JSONField()
    words = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class PointSerializer(serializers.Serializer[Any]):
    """One point of a summary, with the caller's own words that it rests on; empty where it sums up several."""

    text = serializers.CharField()
    quote = serializers.CharField()
    turn = serializers.IntegerField(allow_null=True)


class TurnSerializer(serializers.ModelSerializer[Turn]):
    """One exchange: what was heard, what it meant, and what the agent said to it."""

    understood = HeardSerializer(many=True, read_only=True)

    class Meta:
        model = Turn
        fields = (
            "number",
            "asked",
            "heard",
            "heard_again",
            "better",
            "better_why",
            "digits",
            "confidence",
            "understood",
            "said",
            "rung",
            "at",
            "start_s",
            "end_s",
            "said_start_s",
            "said_end_s",
        )
        read_only_fields = fields


class SpeedSerializer(serializers.Serializer[Any]):
    """How long each step from the lead's arrival, or from the request, to the provider took; in seconds."""

    arrived_to_queued = serializers.FloatField(allow_null=True, help_text="Only for calls to leads on arrival.")
    queued_to_started = serializers.FloatField(allow_null=True)
    started_to_asked = serializers.FloatField(allow_null=True)
    asked_to_accepted = serializers.FloatField(allow_null=True)


class CallSerializer(serializers.ModelSerializer[Call]):
    """A call without its turns."""

    reasons = ReasonSerializer(many=True, read_only=True)
    summary = PointSerializer(many=True, read_only=True)
    speed = SpeedSerializer(read_only=True)

    class Meta:
        model = Call
        fields: tuple[str, ...] = (
            "id",
            "lead",
            "channel",
            "direction",
            "origin",
            "campaign",
            "retry_of",
            "ladder",
            "attempt",
            "status",
            "end_reason",
            "disposition",
            "error",
            "provider",
            "agent",
            "requested_by",
            "reasons",
            "summary",
            "summary_rung",
            "needs_review",
            "dial_after",
            "created_at",
            "dialed_at",
            "asked_at",
            "placed_at",
            "speed",
            "answered_by",
            "answered_at",
            "ended_at",
            "duration_s",
            "transfer_state",
            "voicemail_left_at",
            "recording_consent",
            "recording_consent_at",
            "recording_words",
            "cost_micros",
            "cost_is_estimate",
        )
        read_only_fields = fields


class CallWithTurnsSerializer(CallSerializer):
    """A call with the conversation, turn by turn."""

    turns = TurnSerializer(many=True, read_only=True)

    class Meta(CallSerializer.Meta):
        fields = (*CallSerializer.Meta.fields, "turns")
        read_only_fields = fields


class PlaceCallSerializer(serializers.Serializer[Any]):
    """Whom to call: a lead, or a number that becomes one where no lead has it."""

    lead = serializers.PrimaryKeyRelatedField(
        queryset=Lead.objects.all(),
        required=False,
        error_messages={"does_not_exist": "There is no lead with the id {pk_value}."},
    )
    phone = Phone(max_length=40, required=False)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    agent = serializers.PrimaryKeyRelatedField(
        queryset=VoiceAgent.objects.all(),
        required=False,
        help_text="Without one, the default agent calls.",
        error_messages={"does_not_exist": "There is no voice agent with the id {pk_value}."},
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two, and a name only with a number."""
        if ("lead" in attrs) == ("phone" in attrs):
            raise serializers.ValidationError("Send either lead or phone.", code="one_of")
        if "lead" in attrs and "name" in attrs:
            raise serializers.ValidationError({"name": ["The lead has a name; send it with phone only."]}, "one_of")
        return attrs
