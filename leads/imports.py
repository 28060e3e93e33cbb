"""Leads and listings from and to spreadsheets; a row that cannot be read is told by its number, with a sentence."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from import_export import fields, resources, widgets
from import_export.formats.base_formats import CSV

from leads.display import parse_rupees, requirement_line
from leads.models import (
    Category,
    ErasedNumber,
    Lead,
    LeadSource,
    LeadStatus,
    Listing,
    ListingPurpose,
    ListingStatus,
    PropertyType,
)
from leads.operations import set_do_not_call
from leads.phones import normalise
from leads.queries import LISTING_FIELDS, requirement_of, slots_of

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet, TextChoices

logger = logging.getLogger(__name__)

_WHOLE_FILE = {"raise_errors", "use_transactions", "collect_failed_rows", "rollback_on_validation_errors"}
_STANDS = "This lead asked not to be called, so the status stays “Do not call”. Leave the cell blank."
_ERASED = "Whoever has this number had themselves erased. Leave the row out."
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
        amount = parse_rupees(str(value or ""))
        if not amount:
            raise ValueError("The price must be above zero.")
        return amount


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


class _RowByRow(resources.ModelResource):
    """Rows that are saved one at a time: calls are written between two of them, and a good row stays whatever follows.

    A second run of the same file changes nothing. A blank cell leaves what is known as it is.
    """

    def import_data(self, dataset: Any, dry_run: bool = False, **kwargs: Any) -> Any:
        """What became of each row; a dry run writes nothing."""
        # The library wraps a dry run in one transaction, which on SQLite keeps every caller waiting until its end.
        told = {name: value for name, value in kwargs.items() if name not in _WHOLE_FILE}
        return self.import_data_inner(dataset, dry_run, False, False, False, **told)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:  # noqa: ARG002 -- the library's signature
        """Refuse a file without the column that tells rows apart."""
        self._rows: dict[Any, int] = {}
        (name,) = self.get_import_id_fields()
        if name not in dataset.headers:
            del dataset[:]
            columns = ", ".join(self.get_diff_headers())
            raise ValueError(f"There is no column “{name}”. The first line of the file names the columns: {columns}.")

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """The record with this row's number; a number that is none is told with the row's other faults."""
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None

    def import_field(self, field: Any, instance: Model, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Take over a cell, unless it is blank and the record is known already."""
        known = not instance._state.adding
        if known and not str(row.get(field.column_name) or "").strip():
            return
        super().import_field(field, instance, row, is_m2m, **kwargs)

    def import_instance(self, instance: Model, row: Any, **kwargs: Any) -> None:
        """Take over a row; a second row about the same record is refused, since only one of them can be right."""
        super().import_instance(instance, row, **kwargs)
        (name,) = self.get_import_id_fields()
        first = self._rows.setdefault(getattr(instance, name), kwargs["row_number"])
        if first != kwargs["row_number"]:
            raise ValidationError({name: f"Row {first} has the same {name}. Keep one of the two rows."})

    def validate_instance(
        self,
        instance: Model,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: ARG002 -- the library's signature
    ) -> None:
        """Refuse what no record may hold, cell by cell; whether the record is new was looked up before."""
        errors = dict(import_validation_errors or {})
        try:
            instance.full_clean(exclude=errors.keys(), validate_unique=False, validate_constraints=False)
        except ValidationError as found:
            errors = found.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def do_instance_save(self, instance: Model, is_create: bool) -> None:
        """Save one row; of a known record the file's columns alone, since a call may end meanwhile."""
        stamp = {"updated_at"} & {field.name for field in instance._meta.fields}
        columns = {field.attribute for field in self.get_import_fields()} | stamp
        try:
            with transaction.atomic():
                instance.save(force_insert=is_create, update_fields=None if is_create else columns)
        except DatabaseError as error:
            logger.warning("A row of an import was not saved: %s", type(error).__name__)
            raise ValidationError("This row could not be saved just now. Import the file again.") from error


class LeadResource(_RowByRow):
    """One row a lead; the phone number says which."""

    phone = fields.Field("phone", "phone", widget=_Phone())
    source = fields.Field("source", "source", widget=_Choice(LeadSource, LeadSource.IMPORT))
    status = fields.Field("status", "status", widget=_Choice(LeadStatus, LeadStatus.NEW))

    class Meta:
        model = Lead
        fields = ("name", "phone", "email", "source", "status", "notes")
        import_id_fields = ("phone",)
        skip_unchanged = True
        report_skipped = True

    def init_instance(self, row: Any = None) -> Lead:  # noqa: ARG002 -- the library's signature
        """A new lead, also from a file without a column that says where they came from."""
        return Lead(source=LeadSource.IMPORT)

    def import_instance(self, instance: Model, row: Any, **kwargs: Any) -> None:
        """Take over a row; an old file must not take back that somebody asked not to be called."""
        before = getattr(instance, "status", "")
        super().import_instance(instance, row, **kwargs)
        if instance._state.adding and ErasedNumber.holds(str(getattr(instance, "phone", "") or "")):
            raise ValidationError({"phone": _ERASED})
        if not isinstance(instance, Lead) or not instance.do_not_call:
            return
        if instance.status not in {before, LeadStatus.DO_NOT_CALL}:
            raise ValidationError({"status": _STANDS})

    def do_instance_save(self, instance: Model, is_create: bool) -> None:
        """Save one row; who must not be called is kept from being called for good, as everywhere."""
        super().do_instance_save(instance, is_create)
        if isinstance(instance, Lead) and instance.status == LeadStatus.DO_NOT_CALL:
            set_do_not_call(lead_id=instance.pk, now=timezone.now())


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


class ListingResource(_RowByRow):
    """One row a listing; the reference says which. Prices may be typed as 85 lakh."""

    price = fields.Field("price", "price", widget=_Rupees())
    category = fields.Field("category", "category", widget=_Choice(Category, Category.RESIDENTIAL))
    property_type = fields.Field("property_type", "property_type", widget=_Choice(PropertyType))
    offered_for = fields.Field("offered_for", "offered_for", widget=_Choice(ListingPurpose, ListingPurpose.SALE))
    status = fields.Field("status", "status", widget=_Choice(ListingStatus, ListingStatus.AVAILABLE))

    class Meta:
        model = Listing
        fields = LISTING_FIELDS
        import_id_fields = ("reference",)
        skip_unchanged = True
        report_skipped = True
