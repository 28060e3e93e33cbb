"""The admin pages of what people allow: the regulator's list, and consents to be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from leads.admin.base import StaffAdmin
from leads.dnd import import_dnd
from leads.forms import phone_field
from leads.models import Consent, DndEntry
from leads.preferences import CATEGORIES, DAY_TYPES, MODES, TIME_BANDS
from leads.queries import matching_phone
from leads.templatetags.words import moment, phone

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest


class _Codes(forms.TypedMultipleChoiceField):
    """The regulator's codes of one kind, as ticks; none is all."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "ra-ticks"})

    def __init__(self, known: dict[int, str], **kwargs: Any) -> None:
        choices = [(code, f"{code}: {name}") for code, name in known.items()]
        super().__init__(choices=choices, coerce=int, empty_value=[], required=False, **kwargs)


class DndEntryForm(forms.ModelForm):
    """One number of the list."""

    phone = phone_field(
        help_text="Any usual way of writing it, such as 98765 43210.",
        error_messages={"unique": "This number is on the list already. Search for it and change its entry."},
    )
    categories = _Codes(CATEGORIES, help_text="Only calls about these; none ticked means all.")
    modes = _Codes(MODES, help_text="Only by these ways; none ticked means all.")
    time_bands = _Codes(TIME_BANDS, help_text="Only at these hours; none ticked means all.")
    day_types = _Codes(DAY_TYPES, help_text="Only on these days; none ticked means all.")


class DndFileForm(forms.Form):
    """The file to take over."""

    file = forms.FileField(
        label="CSV file or Excel workbook",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"required": "Choose the file first.", "empty": "This file is empty. Choose another."},
    )


@admin.register(DndEntry)
class DndEntryAdmin(StaffAdmin):
    """What the regulator's list says of numbers."""

    form = DndEntryForm
    list_display = ["number", "what", "how", "hours", "days", "since"]
    search_fields = ["phone"]
    search_help_text = "A phone number, or a part of one, in any spelling"
    fields = ["phone", "categories", "modes", "time_bands", "day_types"]
    actions_list: ClassVar[list[str]] = ["take_over"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DndEntry], search_term: str
    ) -> tuple[QuerySet[DndEntry], bool]:
        """A number is found whatever its blanks and dashes."""
        if (by_phone := matching_phone(queryset, search_term)) is not None:
            return by_phone, False
        found: tuple[QuerySet[DndEntry], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def has_take_over_permission(self, request: HttpRequest) -> bool:
        """A list adds entries and changes others."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    @action(description="Import a list", url_path="import", icon="upload", permissions=["take_over"])
    def take_over(self, request: StaffRequest) -> HttpResponse:
        """Ask for a file, take it over, and tell of each bad row why."""
        if not self.has_take_over_permission(request):
            raise PermissionDenied
        form = DndFileForm(request.POST or None, request.FILES or None)
        told = None
        if request.method == "POST" and form.is_valid():
            try:
                told = import_dnd(form.cleaned_data["file"].file, now=timezone.now())
            except ValueError as error:
                form.add_error("file", str(error))
        if told:
            messages.success(request, f"Import finished: {told.new:,} new, {told.replaced:,} replaced.")
            if not told.faults:
                return HttpResponseRedirect(reverse("admin:leads_dndentry_changelist"))
        page = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Import a do-not-disturb list",
            "form": form,
            "told": told,
        }
        return render(request, "leads/dnd_import.html", page)

    @display(description="Phone", ordering="phone")
    def number(self, entry: DndEntry) -> SafeString | str:
        """The number, spaced."""
        return phone(entry.phone)

    @display(description="Blocks")
    def what(self, entry: DndEntry) -> str:
        """What it wants no calls about."""
        return _named(entry.categories, CATEGORIES) or "All categories"

    @display(description="By")
    def how(self, entry: DndEntry) -> str:
        """By which ways."""
        return _named(entry.modes, MODES) or "Every way"

    @display(description="Hours")
    def hours(self, entry: DndEntry) -> str:
        """At which hours."""
        return _named(entry.time_bands, TIME_BANDS) or "All day"

    @display(description="Days")
    def days(self, entry: DndEntry) -> str:
        """On which days."""
        return _named(entry.day_types, DAY_TYPES) or "Every day"

    @display(description="Imported", ordering="imported_at")
    def since(self, entry: DndEntry) -> SafeString | str:
        """When it was taken over."""
        return moment(entry.imported_at)


def _named(codes: list[int], known: dict[int, str]) -> str:
    return ", ".join(known.get(code, str(code)) for code in codes)


class ConsentInline(TabularInline):
    """What a lead said about being called; the newest row counts."""

    model = Consent
    extra = 0
    formfield_overrides: ClassVar[dict[Any, Any]] = {models.TextField: {"widget": UnfoldAdminTextInputWidget}}
    hide_title = True
    fields = ["given", "source", "words", "at"]
    verbose_name_plural = "consents to be called (the newest counts)"
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: what was said stays; a change of mind is a row of its own."""
        return False


def note_who(formset: Any, user: User) -> None:
    """Note on new consents who wrote them down."""
    for form in formset.forms if formset.model is Consent else ():
        form.instance.noted_by = user


@admin.register(Consent)
class ConsentAdmin(StaffAdmin):
    """Who agreed to be called, and who took it back."""

    list_display = ["lead", "said", "source", "words", "noted_by", "when"]
    list_filter = [("given", BooleanRadioFilter)]
    list_filter_submit = True
    list_select_related = ["lead", "noted_by"]
    search_fields = ["lead__name", "source", "words"]
    search_help_text = "Name of the lead, or where and what they said"
    autocomplete_fields = ["lead"]
    fields = ["lead", "given", "source", "words", "at"]

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: what was said stays; a change of mind is a row of its own."""
        return False

    def save_model(self, request: StaffRequest, obj: Consent, form: Any, change: bool) -> None:
        """Note who wrote it down."""
        obj.noted_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="Said", label={True: "success", False: "danger"}, ordering="given")
    def said(self, consent: Consent) -> tuple[bool, str]:
        """Yes, or no more."""
        return consent.given, "Agreed" if consent.given else "Took it back"

    @display(description="When", ordering="at")
    def when(self, consent: Consent) -> SafeString | str:
        """When they said so."""
        return moment(consent.at)
