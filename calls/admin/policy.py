"""The admin pages of how calls are made: the dialer's settings, policies and holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from phonenumbers import SUPPORTED_REGIONS
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from calls.models import CallingHours, CallingPolicy, DialerSettings, Holiday
from calls.models.policy import WEEKDAYS
from calls.schedule import hours_of
from leads.admin.base import OneRowAdmin, StaffAdmin
from leads.forms import FreshForm, phone_field
from leads.models import LeadSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest


# A clock of the browser's own, for the hours meant are the lead's or the office's, whatever zone the reader sits in.
_HOURS = {models.TimeField: {"widget": UnfoldAdminTextInputWidget(attrs={"type": "time"})}}


def _ticks(
    choices: list[tuple[Any, str]], *, coerce: Callable[[Any], Any] = str, **kwargs: Any
) -> forms.TypedMultipleChoiceField:
    widget = forms.CheckboxSelectMultiple(attrs={"class": "ra-ticks"})
    return forms.TypedMultipleChoiceField(
        choices=choices, coerce=coerce, empty_value=[], required=False, widget=widget, **kwargs
    )


class DialerSettingsForm(FreshForm):
    """How calls are made; an old page must not undo a pause."""

    stale = (
        "These settings changed while you had them open; somebody may have paused all calls. "
        "Open them again to see what is new, then make your change."
    )
    hand_off_number = phone_field(
        required=False,
        help_text="Rung when a caller asks for a person and the lead's owner takes no hand-offs.",
    )
    new_lead_sources = _ticks(LeadSource.choices, help_text="None ticked means all.", label="Only from")
    staff_days = _ticks(WEEKDAYS, coerce=int, label="Staff work on")

    def clean_hand_off_number(self) -> str:
        """No number is an empty one."""
        return self.cleaned_data["hand_off_number"] or ""


@admin.register(DialerSettings)
class DialerSettingsAdmin(OneRowAdmin):
    """The one row of settings."""

    formfield_overrides = _HOURS
    form = DialerSettingsForm
    fieldsets = [
        ("Pause", {"fields": ["paused", "paused_reason", "as_of"]}),
        ("Lines", {"fields": [("max_lines", "reserved_lines")]}),
        ("Further tries", {"fields": ["technical_ladder", "people_ladder", "dial_callbacks"]}),
        ("New leads", {"fields": ["call_new_leads", "new_lead_agent", "new_lead_sources"]}),
        (
            "Staff",
            {
                "fields": [
                    ("staff_from", "staff_until"),
                    "staff_days",
                    "hand_off_number",
                    ("ring_staff_first", "ring_staff_s"),
                ]
            },
        ),
        ("Chat", {"fields": ["send_chat_link"]}),
    ]


class _CountryForm(forms.ModelForm):
    """A rule for one country, or for all."""

    def clean_region(self) -> str:
        """The two letters as the numbering plans write them."""
        region: str = self.cleaned_data["region"].strip().upper()
        if region and region not in SUPPORTED_REGIONS:
            raise ValidationError("There is no country with these two letters. Write IN, US or AE, for instance.")
        return region


class _HoursForm(forms.ModelForm):
    """The hours of one weekday."""

    def has_changed(self) -> bool:
        """A new row that nobody touched is wanted too: it shows the hours that it stands for."""
        return bool(self.instance._state.adding or super().has_changed())


class CallingHoursInline(TabularInline):
    """The hours of each weekday."""

    model = CallingHours
    form = _HoursForm
    formfield_overrides = _HOURS
    extra = 0
    max_num = 7
    verbose_name_plural = "calling hours, on the lead's own clock; a weekday without a row has none"

    def get_formset(self, request: HttpRequest, obj: CallingPolicy | None = None, **kwargs: Any) -> Any:
        """A new policy begins with a row for each weekday."""
        return super().get_formset(
            request, obj, **kwargs, formset=_WholeWeek if obj is None else forms.BaseInlineFormSet
        )

    def get_extra(self, request: HttpRequest, obj: CallingPolicy | None = None, **kwargs: Any) -> int:  # noqa: ARG002 -- Django's signature
        """Seven for a new policy."""
        return 7 if obj is None else 0


class _WholeWeek(forms.BaseInlineFormSet):
    """Seven days, each filled in; one that is not wanted is deleted after saving, or its hours changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        opens, closes = hours_of("")
        kwargs["initial"] = [{"weekday": day, "opens": opens, "closes": closes} for day, _ in WEEKDAYS]
        super().__init__(*args, **kwargs)


@admin.register(CallingPolicy)
class CallingPolicyAdmin(StaffAdmin):
    """When and how often the people of one country may be called."""

    form = _CountryForm
    inlines = [CallingHoursInline]
    list_display = ["country", "hours", "max_per_day", "max_total", "needs_consent", "public_holidays"]
    fields = [
        "region",
        ("max_per_day", "max_total"),
        "needs_consent",
        "public_holidays",
        "recording_notice_required",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallingPolicy]:
        """Policies with their hours."""
        rows: QuerySet[CallingPolicy] = super().get_queryset(request).prefetch_related("hours")
        return rows

    @display(description="Country", ordering="region")
    def country(self, policy: CallingPolicy) -> str:
        """The country, or all the others."""
        return str(policy)

    @display(description="Hours")
    def hours(self, policy: CallingPolicy) -> str:
        """The week in one line."""
        return _week(list(policy.hours.all())) or "None: nobody is called"


def _week(rows: list[CallingHours]) -> str:
    """Hours with the days that keep them: those that are the same told once."""
    spans: dict[str, list[str]] = {}
    for row in rows:
        spans.setdefault(f"{row.opens:%H:%M} to {row.closes:%H:%M}", []).append(row.get_weekday_display()[:3])
    told = [f"{span} {'every day' if len(days) == 7 else ', '.join(days)}" for span, days in spans.items()]
    return "; ".join(told)


@admin.register(Holiday)
class HolidayAdmin(StaffAdmin):
    """Days on which nobody is called."""

    form = _CountryForm
    list_display = ["name", "date", "country"]
    list_filter = [("date", RangeDateFilter)]
    list_filter_submit = True
    search_fields = ["name"]
    search_help_text = "Name of the holiday"
    fields = [("date", "region"), "name"]

    @display(description="Country", ordering="region")
    def country(self, holiday: Holiday) -> str:
        """Where it is kept."""
        return holiday.region or "Every country"
