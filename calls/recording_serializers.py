"""Recordings that staff upload, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rest_framework import serializers

from calls.models.call import choices
from calls.operations.uploading import Told
from voice.events import Direction

if TYPE_CHECKING:
    from datetime import datetime


class RecordingUploadSerializer(serializers.Serializer[Any]):
    """A recording of a call that staff made themselves."""

    file = serializers.FileField(allow_empty_file=True, help_text="WAV, MP3, M4A or OGG; what is in it counts.")
    direction = serializers.ChoiceField(choices=choices(Direction), help_text="Outbound: staff rang.")
    began_at = serializers.DateTimeField(help_text="When the call began.")
    customer_track = serializers.ChoiceField(
        choices=["left", "right"], required=False, help_text="Leave it out where both voices share one track."
    )

    def validate_began_at(self, value: datetime) -> datetime:
        """A call that is still to come cannot have been recorded."""
        if value > timezone.now():
            raise serializers.ValidationError("This is still to come.", code="in_future")
        return value

    def told(self) -> Told:
        """What staff told, as the operation takes it."""
        known = self.validated_data
        track = known.get("customer_track")
        return Told(Direction(known["direction"]), known["began_at"], None if track is None else int(track == "right"))
