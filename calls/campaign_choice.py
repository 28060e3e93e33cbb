"""How a campaign's leads are chosen: the filters of the list of leads, and two of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_filters import rest_framework as filters

from calls.models import Call, Channel
from leads.filters import LeadFilter
from leads.models import Language, Lead
from realty.rest.fields import MomentFilter
from voice.events import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from calls.models import Campaign


class LeadChoice(LeadFilter):
    """Leads by what is known of them, by their language, and by when they were called last."""

    language = filters.MultipleChoiceFilter(choices=Language.choices)
    not_called_since = MomentFilter(method="uncalled", help_text="Nobody whom we have dialled since.")

    def uncalled(self, queryset: QuerySet[Lead], _name: str, value: datetime) -> QuerySet[Lead]:
        """Leads whom nobody has dialled since `value`."""
        dialled = Call.objects.filter(
            channel=Channel.VOICE, direction=Direction.OUTBOUND.value, asked_at__gte=value
        ).values("lead_id")
        return queryset.exclude(pk__in=dialled)


def chosen(campaign: Campaign) -> QuerySet[Lead]:
    """The leads of a campaign by their ids, the oldest first; nobody where its filter can no longer be used."""
    everybody = Lead.objects.order_by("pk")
    if campaign.lead_ids:
        return everybody.filter(pk__in=campaign.lead_ids)
    choice = LeadChoice(campaign.filter, queryset=everybody)
    return choice.qs.order_by("pk") if choice.is_valid() else everybody.none()


def problems(wanted: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a filter, by parameter; empty where it can be used."""
    known = LeadChoice.base_filters
    unknown = {
        name: [f"No such parameter. Known are: {', '.join(sorted(known))}."] for name in set(wanted) - set(known)
    }
    choice = LeadChoice(wanted, queryset=Lead.objects.none())
    errors = {} if choice.is_valid() else {name: [str(one) for one in found] for name, found in choice.errors.items()}
    return unknown | errors
