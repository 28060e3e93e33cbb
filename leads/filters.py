"""How lists of leads and listings are narrowed down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django_filters import rest_framework as filters

from leads.models import Category, Lead, LeadSource, LeadStatus, Listing, ListingPurpose, ListingStatus, PropertyType
from leads.phones import normalise
from realty.rest.fields import MomentFilter, YesNoFilter

if TYPE_CHECKING:
    from django.db.models import QuerySet

_MOST = 10**12


class _PhoneField(forms.CharField):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        try:
            return normalise(text) if text else ""
        except ValueError as problem:
            raise forms.ValidationError(str(problem), code="invalid_phone") from None


class PhoneFilter(filters.CharFilter):  # type: ignore[misc]  # django-filter has no types
    """Filters by a whole phone number, typed in any usual way."""

    field_class = _PhoneField


class LeadFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Leads by what is known of them; `search` looks in name, phone and e-mail."""

    status = filters.MultipleChoiceFilter(choices=LeadStatus.choices)
    source = filters.MultipleChoiceFilter(choices=LeadSource.choices)
    owner = filters.ModelChoiceFilter(queryset=get_user_model().objects.all())
    do_not_call = YesNoFilter()
    phone = PhoneFilter(max_length=40, help_text="The whole number, in any usual spelling.")
    city = filters.CharFilter(method="in_city", max_length=64, help_text="A city that the lead asked for.")
    search = filters.CharFilter(method="matching", max_length=120, help_text="In name, phone and e-mail.")
    budget_at_least = filters.NumberFilter("requirement__budget_max", "gte", min_value=0, max_value=_MOST)
    budget_at_most = filters.NumberFilter("requirement__budget_max", "lte", min_value=0, max_value=_MOST)
    created_after = MomentFilter("created_at", "gte")
    created_before = MomentFilter("created_at", "lt")
    updated_after = MomentFilter("updated_at", "gte")
    updated_before = MomentFilter("updated_at", "lt")

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def in_city(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        """Leads who asked for the city, whatever the case of its letters."""
        # JSON has no case-insensitive contains that both databases know; quotes keep "Goa" out of "Goalpara".
        return queryset.filter(requirement__locations__icontains=f'"city": "{value.strip()}"')

    def matching(self, queryset: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        """Leads whose name or e-mail holds the text, or whose number holds its digits."""
        found = Q(name__icontains=value) | Q(email__icontains=value)
        digits = re.sub(r"\D", "", value, flags=re.ASCII)
        if len(digits) >= 4:
            found |= Q(phone__contains=digits.removeprefix("0"))
        return queryset.filter(found)


class ListingFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Listings by what they are."""

    city = filters.CharFilter(lookup_expr="iexact", max_length=64)
    locality = filters.CharFilter(lookup_expr="iexact", max_length=96)
    category = filters.ChoiceFilter(choices=Category.choices)
    property_type = filters.MultipleChoiceFilter(choices=PropertyType.choices)
    offered_for = filters.ChoiceFilter(choices=ListingPurpose.choices)
    status = filters.MultipleChoiceFilter(choices=ListingStatus.choices)
    bedrooms = filters.NumberFilter(min_value=0, max_value=50)
    price_min = filters.NumberFilter("price", "gte", min_value=0, max_value=_MOST)
    price_max = filters.NumberFilter("price", "lte", min_value=0, max_value=_MOST)

    class Meta:
        model = Listing
        fields: tuple[str, ...] = ()
