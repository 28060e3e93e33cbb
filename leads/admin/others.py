"""The admin pages of listings, follow-ups, numbers not to call, and of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils import timezone
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, ChoicesDropdownFilter
from unfold.decorators import display

from leads.admin.base import RecordAdmin, SheetAdmin, StaffAdmin
from leads.display import bhk, places, rupees, words
from leads.forms import ListingForm, SuppressionForm
from leads.imports import ListingResource
from leads.models import Activity, FollowUp, Listing, Suppression
from leads.templatetags.words import moment, phone

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


@admin.register(Listing)
class ListingAdmin(SheetAdmin):
    """What there is to sell or to let."""

    form = ListingForm
    resource_classes = [ListingResource]
    list_display = ["reference", "title", "place", "property", "asks", "offered_for", "state"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("offered_for", ChoicesDropdownFilter),
        ("property_type", ChoicesDropdownFilter),
        ("city", AllValuesCheckboxFilter),
    ]
    list_filter_submit = True
    search_fields = ["reference", "title", "city", "locality"]
    search_help_text = "Reference, title or place"
    fieldsets = [
        (None, {"fields": [("reference", "status"), "title", ("city", "locality")]}),
        (
            "Property",
            {
                "fields": [
                    ("category", "property_type"),
                    ("bedrooms", "area_sqft"),
                    ("price", "offered_for"),
                    "description",
                ]
            },
        ),
    ]

    @display(description="Place", ordering="city")
    def place(self, listing: Listing) -> str:
        """Where it is."""
        return places([{"city": listing.city, "locality": listing.locality}])

    @display(description="Property", ordering="property_type")
    def property(self, listing: Listing) -> str:
        """Its size, where it has one, and its kind."""
        size = f"{bhk(listing.bedrooms, listing.bedrooms)} " if listing.bedrooms is not None else ""
        return size + words(listing.property_type).lower() if size else words(listing.property_type)

    @display(description="Price", ordering="price")
    def asks(self, listing: Listing) -> str:
        """The price in lakh and crore."""
        return rupees(listing.price)

    @display(description="Status", ordering="status", label={"available": "success", "reserved": "warning", "sold": ""})
    def state(self, listing: Listing) -> tuple[str, str]:
        """Whether it can still be had."""
        return listing.status, listing.get_status_display()


class DoneFilter(admin.SimpleListFilter):
    """Open promises unless others are asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """Open or done."""
        return [("open", "Open"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:  # noqa: ARG002 -- Django's signature
        """Only those in the chosen state."""
        return queryset if self.value() is None else queryset.filter(done_at__isnull=self.value() == "open")


@admin.action(description="Mark as done", permissions=["change"])
def mark_done(_admin: FollowUpAdmin, request: HttpRequest, queryset: QuerySet[FollowUp]) -> None:
    """Keep the chosen promises; those kept already stay as they are."""
    kept = sum(promise.keep(now=timezone.now()) for promise in queryset)
    messages.success(request, f"{kept} {'follow-up is' if kept == 1 else 'follow-ups are'} done.")


@admin.register(FollowUp)
class FollowUpAdmin(StaffAdmin):
    """Promises to leads."""

    list_display = ["lead", "kind", "due", "note", "done"]
    list_filter = [DoneFilter, ("kind", ChoicesDropdownFilter)]
    list_select_related = ["lead"]
    search_fields = ["lead__name", "note"]
    search_help_text = "Name of the lead, or words of the note"
    autocomplete_fields = ["lead"]
    actions = [mark_done]
    fields = ["lead", "kind", "due_at", "note", "done_at"]

    @display(description="Due", ordering="due_at")
    def due(self, promise: FollowUp) -> SafeString | str:
        """When it was promised for."""
        return moment(promise.due_at) or "no time named"

    @display(description="Done", ordering="done_at")
    def done(self, promise: FollowUp) -> SafeString | str:
        """When it was kept."""
        return moment(promise.done_at) or "open"


@admin.register(Suppression)
class SuppressionAdmin(StaffAdmin):
    """Numbers that are never called."""

    form = SuppressionForm
    list_display = ["number", "reason", "words", "since"]
    list_filter = [("reason", ChoicesDropdownFilter)]
    search_fields = ["phone", "words"]
    fields = ["phone", "reason", "words"]

    @display(description="Phone", ordering="phone")
    def number(self, suppression: Suppression) -> SafeString | str:
        """The number, spaced."""
        return phone(suppression.phone)

    @display(description="Since", ordering="created_at")
    def since(self, suppression: Suppression) -> SafeString | str:
        """When it was added."""
        return moment(suppression.created_at)


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    """What happened to leads, the newest first."""

    list_display = ["when", "lead", "kind", "text", "actor"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    list_select_related = ["lead", "actor"]
    search_fields = ["lead__name", "text"]
    search_help_text = "Name of the lead, or what happened"
    fields = ["lead", "kind", "text", "actor", "at"]

    @display(description="When", ordering="at")
    def when(self, activity: Activity) -> SafeString | str:
        """When it happened."""
        return moment(activity.at)
