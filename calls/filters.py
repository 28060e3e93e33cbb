"""How lists of calls are narrowed down."""

from __future__ import annotations

from django_filters import rest_framework as filters

from calls.models import Call
from realty.rest.fields import MomentFilter

STATUSES = Call._meta.get_field("status").flatchoices


class CallFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Calls by lead, by how far they are and by what they came to."""

    lead = filters.NumberFilter("lead_id", min_value=1, max_value=2**63 - 1)
    status = filters.MultipleChoiceFilter(choices=STATUSES)
    disposition = filters.MultipleChoiceFilter(choices=Call._meta.get_field("disposition").flatchoices)
    direction = filters.ChoiceFilter(choices=Call._meta.get_field("direction").flatchoices)
    provider = filters.CharFilter(max_length=16)
    needs_review = filters.BooleanFilter()
    created_after = MomentFilter("created_at", "gte")
    created_before = MomentFilter("created_at", "lt")

    class Meta:
        model = Call
        fields: tuple[str, ...] = ()
