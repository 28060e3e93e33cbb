"""Fields that the API needs and the framework lacks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django_filters.filters import BooleanFilter, IsoDateTimeFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

if TYPE_CHECKING:
    from datetime import datetime

_YEARS = range(1900, 2200)


@extend_schema_field({"type": "number"})
class Half(serializers.DecimalField):
    """A number with at most one decimal, such as 2.5 bedrooms; JSON gets a number, not text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=3, decimal_places=1, min_value=Decimal(0), **kwargs)

    def to_representation(self, value: Any) -> Any:
        """2 rather than 2.0."""
        number = float(value)
        return int(number) if number.is_integer() else number


class _MomentField(forms.Field):
    """A time of a plausible year: databases and zones fail near the ends of the calendar."""

    def to_python(self, value: Any) -> datetime | None:
        if value and not isinstance(value, str):  # JSON may hold anything where an address holds text
            raise forms.ValidationError("Write a time in ISO 8601, such as 2026-03-10T09:00:00Z.", code="invalid")
        moment: datetime | None = IsoDateTimeFilter.field_class().to_python(value)
        if moment is not None and moment.year not in _YEARS:
            raise forms.ValidationError("Write a time between the years 1900 and 2199.", code="invalid")
        return moment


class MomentFilter(IsoDateTimeFilter):  # type: ignore[misc]  # django-filter has no types
    """Filters by a time in ISO 8601; one without an offset is in the project's own zone."""

    field_class = _MomentField


class _YesNoField(forms.Field):
    """True, false or nothing; Django's own takes anything that it does not know for nothing."""

    known = {"": None, "true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        typed = str(value or "").lower()
        if typed not in self.known:
            raise forms.ValidationError("Write true or false.", code="invalid")
        return self.known[typed]


class YesNoFilter(BooleanFilter):  # type: ignore[misc]  # django-filter has no types
    """Filters by true or false, and refuses anything else."""

    field_class = _YesNoField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **kwargs)
