"""The form of a campaign: which leads, as the list of leads is filtered, and within which limits."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from calls.campaign_choice import problems
from calls.lines import is_set_up
from calls.models import Campaign
from calls.models.campaign import LIMITS
from leads.display import rupees
from leads.forms import rupees_field
from leads.models import Language, LeadSource, LeadStatus
from leads.queries import wanted_cities

CHOICE = (
    "status",
    "source",
    "language",
    "owner",
    "city",
    "budget_at_least",
    "budget_at_most",
    "created_after",
    "not_called_since",
)
_DATES = ("created_after", "not_called_since")


def _several(label: str, choices: list[tuple[str, str]]) -> forms.Field:
    widget = UnfoldAdminSelect2MultipleWidget
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=widget, help_text="None: any."
    )


class CampaignForm(forms.ModelForm):
    """A draft; its choice of leads is kept as the filters of the list of leads."""

    provider = forms.ChoiceField(required=False, widget=UnfoldAdminSelect2Widget)
    status = _several("Status", LeadStatus.choices)
    source = _several("Source", LeadSource.choices)
    language = _several("Language", Language.choices)
    owner = forms.ModelChoiceField(
        get_user_model().objects.order_by("username"), required=False, widget=UnfoldAdminSelect2Widget
    )
    city = forms.ChoiceField(required=False, widget=UnfoldAdminSelect2Widget, help_text="A city that they asked for.")
    budget_at_least = rupees_field(label="Budget at least", required=False, help_text="Such as 50 lakh.")
    budget_at_most = rupees_field(label="Budget at most", required=False, help_text="Such as 1.2 crore.")
    created_after = forms.DateField(label="Came in since", required=False, widget=UnfoldAdminSingleDateWidget)
    not_called_since = forms.DateField(
        label="Not called since",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="By us, from that day on.",
    )

    class Meta:
        model = Campaign
        fields = LIMITS
        widgets = {"name": UnfoldAdminTextInputWidget}
        labels = {"opens": "Not before", "closes": "Until", "starts_at": "Starts", "ends_at": "Ends"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        default = settings.DEFAULT_PROVIDER.capitalize()
        offered = (name for name in settings.PROVIDERS if is_set_up(name) or name == self.instance.provider)
        stored = {**self.instance.filter}
        if "provider" in self.fields:
            choices = [("", f"The default one ({default})"), *((name, name.capitalize()) for name in offered)]
            cast("forms.ChoiceField", self.fields["provider"]).choices = choices
        if "city" in self.fields:
            cities = dict.fromkeys([*wanted_cities(), stored.get("city", "")])
            choices = [("", "Any"), *((city, city) for city in cities if city)]
            cast("forms.ChoiceField", self.fields["city"]).choices = choices
        for name in set(CHOICE) & self.fields.keys():
            value = stored.get(name)
            self.initial.setdefault(name, _day(value) if name in _DATES and value else value)

    def clean(self) -> dict[str, Any]:
        """Keep the choice of leads as a filter, and refuse one that cannot be used."""
        cleaned = super().clean() or {}
        if not set(CHOICE) & self.fields.keys():
            return cleaned
        wanted = {name: _stored(cleaned[name]) for name in CHOICE if cleaned.get(name) not in (None, "", [])}
        for name, errors in problems(wanted).items():
            self.add_error(name if name in self.fields else None, errors)
        low, high = cleaned.get("budget_at_least"), cleaned.get("budget_at_most")
        if low is not None and high is not None and low > high:
            self.add_error("budget_at_most", "The budget must not end below where it begins.")
        self.instance.filter = wanted
        return cleaned


def chosen_in_words(stored: dict[str, Any]) -> str:
    """A stored choice of leads, as a person reads it."""
    told = []
    for name in CHOICE:
        if (value := stored.get(name)) in (None, "", []):
            continue
        label = CampaignForm.base_fields[name].label or name.capitalize()
        told.append(f"{label}: {_in_words(name, value)}")
    return "; ".join(told) or "Everybody"


def _in_words(name: str, value: Any) -> str:
    if name in _DATES:
        return f"{_day(value):%d %B %Y}"
    if name == "owner":
        return str(get_user_model().objects.filter(pk=value).first() or "somebody who is gone")
    field = CampaignForm.base_fields[name]
    if isinstance(value, list):
        labels = dict(cast("list[tuple[str, str]]", cast("forms.MultipleChoiceField", field).choices))
        return ", ".join(str(labels.get(one, one)) for one in value)
    return rupees(value) if name.startswith("budget") else str(value)


def _stored(value: Any) -> Any:
    """A value as the list of leads takes it in its address."""
    if isinstance(value, date):
        return timezone.make_aware(datetime.combine(value, time())).isoformat()
    if isinstance(value, list):
        return value
    return value.pk if hasattr(value, "pk") else value


def _day(text: str) -> date:
    return timezone.localtime(datetime.fromisoformat(text)).date()
