"""Campaigns as JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from calls import campaign_queries as queries
from calls.campaign_choice import problems
from calls.models import Campaign, CampaignMember
from calls.models.campaign import LIMITS
from leads.models import Lead

_MOST_LEADS = 20_000


class ProgressSerializer(serializers.Serializer[Any]):
    """How many leads of a campaign stand where."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    calling = serializers.IntegerField()
    reached = serializers.IntegerField()
    unreached = serializers.IntegerField()
    skipped = serializers.IntegerField()
    qualified = serializers.IntegerField(help_text="Of those reached.")


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign, with how far it is."""

    progress = serializers.SerializerMethodField()
    filter = serializers.JSONField(read_only=True)

    class Meta:
        model = Campaign
        fields = (
            "id",
            "state",
            *LIMITS,
            "filter",
            "redial_of",
            "pause_reason",
            "created_by",
            "created_at",
            "started_at",
            "ended_at",
            "progress",
        )
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, campaign: Campaign) -> Any:
        """From the view's one question for all; its own where it is alone."""
        known: dict[int, queries.Progress] = self.context.get("progress") or queries.progress([campaign.pk])
        return ProgressSerializer(known[campaign.pk]).data


class DraftSerializer(serializers.ModelSerializer[Campaign]):
    """A new draft: its limits, and which leads, by filter or one by one."""

    provider = serializers.ChoiceField(
        choices=sorted(settings.PROVIDERS), required=False, help_text="Without one, the default provider calls."
    )
    filter = serializers.DictField(
        required=False,
        help_text="As the parameters of the list of leads, and `language` and `not_called_since`. Several values of "
        "one parameter are an array. An empty filter chooses everybody.",
    )
    leads = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        min_length=1,
        max_length=_MOST_LEADS,
        help_text="These leads and no others.",
    )

    class Meta:
        model = Campaign
        fields = (*LIMITS, "filter", "leads")

    def validate_filter(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """A filter that the list of leads would take."""
        if errors := problems(wanted):
            raise serializers.ValidationError(errors, code="invalid")
        return wanted

    def validate_leads(self, lead_ids: list[int]) -> list[int]:
        """Leads that exist, each once."""
        wanted = list(dict.fromkeys(lead_ids))
        found = Lead.objects.in_bulk(wanted)
        if missing := [str(pk) for pk in wanted if pk not in found][:10]:
            raise serializers.ValidationError(f"There are no leads {', '.join(missing)}.", code="does_not_exist")
        return wanted

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two choices, and hours and dates in order."""
        if ("filter" in attrs) == ("leads" in attrs):
            raise serializers.ValidationError("Send either filter or leads.", code="one_of")
        Campaign(**{name: value for name, value in attrs.items() if name in LIMITS}).clean()
        return attrs


class GroupSerializer(serializers.Serializer[Any]):
    """Leads of a preview to whom the same happens."""

    code = serializers.CharField(
        allow_blank=True, help_text="Stable; empty for those called as soon as a line is free."
    )
    detail = serializers.CharField(allow_blank=True, help_text="The reason of the first of them, for people.")
    skipped = serializers.BooleanField(help_text="Whether they are not called at all.")
    count = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField(), help_text="The first few.")
    since = serializers.DateTimeField(allow_null=True, help_text="When the first of them may be called.")


class PreviewSerializer(serializers.Serializer[Any]):
    """Who would be called and who not, were the campaign started now."""

    total = serializers.IntegerField()
    now = serializers.IntegerField()
    later = serializers.IntegerField()
    skipped = serializers.IntegerField()
    groups = GroupSerializer(many=True)


class MemberSerializer(serializers.ModelSerializer[CampaignMember]):
    """One lead of a campaign, and what came of it."""

    class Meta:
        model = CampaignMember
        fields = ("lead", "state", "code", "detail", "attempts", "next_at", "updated_at")
        read_only_fields = fields
