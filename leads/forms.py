"""What staff type about leads: phones, amounts and places in any usual way, nonsense refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminNullBooleanSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from leads.display import SLOT_LABELS, parse_bedrooms, parse_places, parse_rupees, places, rupees
from leads.models import LeadStatus, Requirement
from leads.phones import normalise
from leads.queries import SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable


class _Typed(forms.CharField):
    """Text that one function reads and another shows; the reader's ValueError is the error that staff see."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, read: Callable[[str], Any], show: Callable[[Any], str], empty: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read, self.show, self.empty = read, show, empty

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else self.show(value) if value is not None else ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return self.empty
        try:
            return self.read(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


def phone_field(**kwargs: Any) -> forms.Field:
    """A phone number, in any Indian or international spelling; its value is E.164 or None."""
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "tel", "autocomplete": "off"})
    return _Typed(normalise, lambda number: str(number.as_international), None, widget=widget, **kwargs)


def rupees_field(**kwargs: Any) -> forms.Field:
    """An amount such as 70 lakh; its value is whole rupees or None."""
    return _Typed(parse_rupees, rupees, None, **kwargs)


class FreshForm(forms.ModelForm):
    """A form whose change is refused, with the sentence `stale`, when the row changed since it was opened."""

    as_of = forms.CharField(required=False, widget=forms.HiddenInput)
    stale = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = self.instance.updated_at.isoformat() if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what happened since the form was opened."""
        cleaned = super().clean() or {}
        as_of = cleaned.get("as_of")
        if as_of and as_of != self.instance.updated_at.isoformat():
            raise ValidationError(self.stale)
        return cleaned


class LeadForm(FreshForm):
    """A lead; calls that end change one, too."""

    stale = (
        "This lead changed while you had it open, for instance by a call that ended. "
        "Open it again to see what is new, then make your change."
    )
    phone = phone_field(
        required=False,
        help_text="Any usual way of writing it, such as 98765 43210 or +971 50 123 4567.",
        error_messages={"unique": "Another lead has this number. Search for it and add to that lead."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "notes" in self.fields:
            self.fields["notes"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        """Settle what the status and the mark say of each other."""
        cleaned = super().clean()
        self._settle_calls(cleaned)
        return cleaned

    def _settle_calls(self, cleaned: dict[str, Any]) -> None:
        """The status "Do not call" means the mark too, and beside the mark no other status can be chosen."""
        if "status" not in self.changed_data or "status" not in cleaned:
            return
        if cleaned["status"] == LeadStatus.DO_NOT_CALL:
            cleaned["do_not_call"] = True
        elif cleaned.get("do_not_call"):
            self.add_error(
                "status",
                "This lead asked not to be called, so the status stays “Do not call”. "
                "If the lead took that back, clear “Do not call” below first.",
            )


def _bedrooms_field(label: str) -> forms.Field:
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    return _Typed(parse_bedrooms, lambda count: f"{float(count):g}", None, label=label, required=False, widget=widget)


class _ConsentSelect(UnfoldAdminNullBooleanSelectWidget):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "Not known"), ("true", "Yes"), ("false", "No")]


class RequirementForm(forms.ModelForm):
    """What a lead wants, as staff say it."""

    locations = _Typed(
        parse_places,
        places,
        [],
        label="Places",
        required=False,
        help_text="Locality first, its city in brackets: Wakad (Pune), Mumbai.",
    )
    bedrooms_min = _bedrooms_field("Bedrooms from")
    bedrooms_max = _bedrooms_field("Bedrooms up to")
    budget_min = rupees_field(label="Budget from", required=False, help_text="Such as 50 lakh.")
    budget_max = rupees_field(label="Budget up to", required=False, help_text="Such as 1.2 crore.")
    timeline_months = forms.IntegerField(
        label="Wants to move within",
        required=False,
        min_value=0,
        max_value=600,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Months; 0 is immediately.",
    )
    consent = forms.NullBooleanField(label="Agreed to a sales call", required=False, widget=_ConsentSelect)

    class Meta:
        model = Requirement
        fields = SLOTS

    def clean(self) -> dict[str, Any]:
        """A range written the wrong way round is refused beside its field."""
        cleaned = super().clean() or {}
        for name in ("bedrooms", "budget"):
            low, high = cleaned.get(f"{name}_min"), cleaned.get(f"{name}_max")
            if low is not None and high is not None and low > high:
                self.add_error(f"{name}_max", f"{SLOT_LABELS[name]} must not end below where it begins.")
        return cleaned


class ListingForm(forms.ModelForm):
    """A listing, its price typed as people say it."""

    price = rupees_field(help_text="Such as 85 lakh or 1.2 crore; a month's rent where it is to let.")


class SuppressionForm(forms.ModelForm):
    """A number that must not be called."""

    phone = phone_field(
        help_text="Any usual way of writing it, such as 98765 43210.",
        error_messages={"unique": "This number is on the list already."},
    )


class NoteForm(forms.Form):
    """A line that staff add to a lead's timeline."""

    text = forms.CharField(
        label="Add a note",
        max_length=2_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "placeholder": "What should the others know?"}),
        error_messages={"required": "Write the note first."},
    )
