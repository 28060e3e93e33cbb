"""Leads, requirements and listings as JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework import serializers

from leads.models import Lead, LeadStatus, Listing, Requirement
from leads.phones import normalise
from leads.queries import LISTING_FIELDS, SLOTS
from realty.rest.fields import Half
from voice.understanding.gazetteer import Places, plain

_MOST_RUPEES = 10**12


class Phone(serializers.CharField):
    """A phone number typed in any usual way; E.164 comes back."""

    def to_internal_value(self, data: Any) -> str:
        """The number in E.164."""
        text = super().to_internal_value(data)
        try:
            return normalise(text)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem), code="invalid_phone") from None


class PlaceSerializer(serializers.Serializer[Any]):
    """A city under the name that conversations use (Gurugram for Gurgaon), and a locality where one was named."""

    city = serializers.CharField(max_length=64)
    locality = serializers.CharField(max_length=96, allow_null=True, required=False)

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        """Both keys always, also where a PATCH makes every field optional."""
        place = super().to_internal_value(data)
        if "city" not in place:
            raise serializers.ValidationError({"city": [self.fields["city"].error_messages["required"]]}, "required")
        return {"city": _canonical(place["city"]), "locality": place.get("locality")}


def _canonical(city: str) -> str:
    cities = [known for known, locality in Places.default().named(plain(city)) if locality is None]
    return cities[0] if cities else city


class EvidenceSerializer(serializers.Serializer[Any]):
    """Where a value comes from: the call and turn, the words, and their place in the recording."""

    call = serializers.IntegerField()
    turn = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # fields have an attribute of that name
        ["live", "staff"], required=False
    )
    recording = serializers.IntegerField(required=False, allow_null=True)
    start_s = serializers.FloatField(required=False, allow_null=True, help_text="Seconds into the recording.")
    end_s = serializers.FloatField(required=False, allow_null=True)
    confidence = serializers.FloatField(required=False, allow_null=True, help_text="0 to 1, of the weakest word.")


class RequirementSerializer(serializers.ModelSerializer[Requirement]):
    """What a lead wants; keys that are not sent stay as they are."""

    locations = serializers.ListField(child=PlaceSerializer(), required=False, max_length=20)
    bedrooms_min = Half(allow_null=True, required=False, max_value=50)
    bedrooms_max = Half(allow_null=True, required=False, max_value=50)
    budget_min = serializers.IntegerField(min_value=0, max_value=_MOST_RUPEES, allow_null=True, required=False)
    budget_max = serializers.IntegerField(min_value=0, max_value=_MOST_RUPEES, allow_null=True, required=False)
    timeline_months = serializers.IntegerField(min_value=0, max_value=600, allow_null=True, required=False)
    evidence = serializers.DictField(
        child=EvidenceSerializer(), read_only=True, help_text="Slot to where its value comes from."
    )

    class Meta:
        model = Requirement
        fields = (*SLOTS, "evidence", "updated_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A range that ends below its beginning is refused, whichever half of it was sent."""
        for low, high in (("budget_min", "budget_max"), ("bedrooms_min", "bedrooms_max")):
            begin, end = self._now_or_before(attrs, low), self._now_or_before(attrs, high)
            if begin is not None and end is not None and begin > end:
                message = f"{high} must not be below {low}."
                raise serializers.ValidationError({high: [message]}, code="out_of_order")
        return attrs

    def _now_or_before(self, attrs: dict[str, Any], name: str) -> Any:
        lead = getattr(self.parent, "instance", None)
        stored = Requirement.objects.filter(lead=lead).first() if lead and name not in attrs else None
        return attrs[name] if name in attrs else getattr(stored, name, None)


class ReasonSerializer(serializers.Serializer[Any]):
    """One thing that speaks for (met) or against a lead; null where it is not known."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    met = serializers.BooleanField(allow_null=True)


class LeadSerializer(serializers.ModelSerializer[Lead]):
    """A lead with what they want."""

    name = serializers.CharField(max_length=120, allow_blank=True, required=False)
    phone = Phone(allow_null=True, max_length=40)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=get_user_model().objects.filter(is_active=True, is_staff=True), allow_null=True, required=False
    )
    score_reasons = ReasonSerializer(many=True, read_only=True)
    requirement = RequirementSerializer(allow_null=True, required=False)

    class Meta:
        model = Lead
        fields = (
            "id",
            "name",
            "phone",
            "email",
            "language",
            "time_zone",
            "source",
            "status",
            "score",
            "score_reasons",
            "owner",
            "do_not_call",
            "notes",
            "requirement",
            "created_at",
            "updated_at",
            "last_contacted_at",
        )
        read_only_fields = ("score", "created_at", "updated_at", "last_contacted_at")

    def validate_status(self, value: str) -> str:
        """The status of a lead who asked not to be called follows from do_not_call alone."""
        if value == LeadStatus.DO_NOT_CALL and getattr(self.instance, "status", "") != value:
            raise serializers.ValidationError("Send do_not_call: true instead.", code="use_do_not_call")
        return value


class ListingSerializer(serializers.ModelSerializer[Listing]):
    """One property that the brokerage offers."""

    bedrooms = Half(allow_null=True, required=False, max_value=50)
    price = serializers.IntegerField(min_value=1, max_value=_MOST_RUPEES, help_text="Rupees; a month's rent if to let.")
    area_sqft = serializers.IntegerField(min_value=1, max_value=10**9, allow_null=True, required=False)
    description = serializers.CharField(max_length=20_000, allow_blank=True, required=False)

    class Meta:
        model = Listing
        fields = ("id", *LISTING_FIELDS, "created_at")


class QualifySerializer(serializers.Serializer[Any]):
    """A stored lead, or a requirement that is not stored."""

    lead = serializers.PrimaryKeyRelatedField(queryset=Lead.objects.all(), required=False)
    requirement = RequirementSerializer(required=False)
    consent = serializers.BooleanField(allow_null=True, required=False, help_text="Agreed to a sales call.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("lead" in attrs) == ("requirement" in attrs):
            raise serializers.ValidationError("Send either lead or requirement.", code="one_of")
        return attrs


class VerdictSerializer(serializers.Serializer[Any]):
    """Whether the lead is worth a sales call, and why."""

    status = serializers.ChoiceField(["qualified", "not_qualified"])
    score = serializers.IntegerField(min_value=0, max_value=100)
    reasons = ReasonSerializer(many=True)
    matching_count = serializers.IntegerField()
    matching_listings = ListingSerializer(many=True, help_text="The first twenty.")


class ChatLinkSerializer(serializers.Serializer[dict[str, Any]]):
    """The way to a chat, for whoever is to write there."""

    url = serializers.URLField(read_only=True)
    expires_at = serializers.DateTimeField(read_only=True)
