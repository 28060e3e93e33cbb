"""Leads and listings from and to spreadsheets; a row that cannot be read is told by its number, with a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from import_export import fields, resources, widgets
from import_export.formats.base_formats import CSV

from leads.display import parse_rupees, requirement_line
from leads.models import Category, Lead, LeadSource, LeadStatus, Listing, ListingPurpose, ListingStatus, PropertyType
from leads.phones import normalise
from leads.queries import requirement_of, slots_of

if TYPE_CHECKING:
    from django.db.models import QuerySet, TextChoices


_NUMBER = re.compile(r"[+-]?[\d.]+")


class Sheet(CSV):
    """CSV in which no cell is a formula: what a caller or a portal wrote must not run in somebody's spreadsheet."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        """The rows as text, each cell that a spreadsheet would calculate marked as text."""
        rows = [[_harmless(cell) for cell in row] for row in dataset]
        return super().export_data(type(dataset)(*rows, headers=dataset.headers), **kwargs)


def _harmless(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "@", "+", "-", "\t", "\r")) and not _NUMBER.fullmatch(text) else text


class _Phone(widgets.CharWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 -- the library's signature
        if not str(value or "").strip():
            raise ValueError("There is no phone number in this row. Every lead needs one to be told apart.")
        return normalise(str(value))


class _Rupees(widgets.IntegerWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:  # noqa: ARG002 -- the library's signature
        return parse_rupees(str(value or ""))


class _Choice(widgets.CharWidget):
    """A choice by its stored name or by its label, whatever the case."""

    def __init__(self, choices: type[TextChoices], default: str = "") -> None:
        super().__init__()
        self.default = default
        self.labels = {str(value): str(label) for value, label in choices.choices}
        self.values = {label.casefold(): value for value, label in self.labels.items()}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 -- the library's signature
        typed = str(value or "").strip()
        if not typed:
            return self.default
        if typed in self.labels:
            return typed
        if typed.casefold() in self.values:
            return self.values[typed.casefold()]
        raise ValueError(f"“{typed}” is not one of: {', '.join(self.labels.values())}.")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 -- the library's signature
        return self.labels.get(str(value), str(value))


class LeadResource(resources.ModelResource):
    """One row a lead; the phone number says which. A blank cell leaves what is known as it is."""

    phone = fields.Field("phone", "phone", widget=_Phone())
    source = fields.Field("source", "source", widget=_Choice(LeadSource, LeadSource.IMPORT))
    status = fields.Field("status", "status", widget=_Choice(LeadStatus, LeadStatus.NEW))

    class Meta:
        model = Lead
        fields = ("name", "phone", "email", "source", "status", "notes")
        import_id_fields = ("phone",)
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = True

    def get_instance(self, instance_loader: Any, row: Any) -> Lead | None:
        """The lead with this row's number; a number that is none is told with the row's other faults."""
        try:
            found: Lead | None = super().get_instance(instance_loader, row)
        except ValueError:
            return None
        return found

    def import_field(self, field: Any, instance: Lead, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Take over a cell, unless it is blank and the lead is known already."""
        known = not instance._state.adding
        if known and not str(row.get(field.column_name) or "").strip():
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)


class LeadExport(LeadResource):
    """The same rows on their way out, with what each lead wants."""

    wants = fields.Field(column_name="wants", readonly=True)

    class Meta:
        fields = (*LeadResource.Meta.fields, "wants")

    def get_queryset(self) -> QuerySet[Lead]:
        """Leads with what they want, in one query."""
        return Lead.objects.select_related("requirement")

    def dehydrate_wants(self, lead: Lead) -> str:
        """The requirement in one line."""
        return requirement_line(slots_of(requirement_of(lead)))


class ListingResource(resources.ModelResource):
    """One row a listing; the reference says which. Prices may be typed as 85 lakh."""

    price = fields.Field("price", "price", widget=_Rupees())
    category = fields.Field("category", "category", widget=_Choice(Category, Category.RESIDENTIAL))
    property_type = fields.Field("property_type", "property_type", widget=_Choice(PropertyType))
    offered_for = fields.Field("offered_for", "offered_for", widget=_Choice(ListingPurpose, ListingPurpose.SALE))
    status = fields.Field("status", "status", widget=_Choice(ListingStatus, ListingStatus.AVAILABLE))

    class Meta:
        model = Listing
        fields = (
            "reference",
            "title",
            "city",
            "locality",
            "category",
            "property_type",
            "bedrooms",
            "price",
            "offered_for",
            "area_sqft",
            "status",
            "description",
        )
        import_id_fields = ("reference",)
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = True
