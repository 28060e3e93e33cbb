"""The admin pages of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from calls import queries
from calls.admin import views
from calls.display import DISPOSITION_COLOURS, DISPOSITION_LABELS, STATUS_COLOURS
from calls.disposition import Disposition
from calls.lifecycle import LIVE
from calls.models import Call, Channel
from leads.admin.base import LiveStays, RecordAdmin
from leads.display import duration
from leads.queries import matching_phone
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

_LONGEST_ID = 19  # digits; an address with thousands of them is no number at all


class DispositionFilter(DropdownFilter):
    """Calls by what they came to, in the words of the list."""

    title = "what it came to"
    parameter_name = "disposition__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """Every disposition."""
        return [(one.value, label) for one, label in DISPOSITION_LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:  # noqa: ARG002 -- Django's signature
        """Only those that came to the chosen one."""
        return queryset.filter(disposition=self.value()) if self.value() else queryset


@admin.register(Call)
class CallAdmin(LiveStays, RecordAdmin):
    """Conversations as records, watched while they happen."""

    of_recording = "call"
    list_display = ["when", "lead", "way", "line", "outcome", "provider", "lasted"]
    list_display_links = ["when", "lead"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        DispositionFilter,
        ("direction", ChoicesDropdownFilter),
        "provider",
        "needs_review",
    ]
    list_select_related = ["lead"]
    search_fields = ["lead__name", "provider_call_id"]
    search_help_text = "Name or phone number of the lead, or the provider's id of the call"
    fields = ["lead"]
    change_form_template = "calls/call_page.html"
    custom_urls = (
        ("<int:call_id>/live/", "calls_call_live", views.live),
        ("<int:call_id>/cancel/", "calls_call_cancel", views.cancel),
        ("<int:call_id>/review/", "calls_call_review", views.review),
    )

    @display(description="When", ordering="created_at")
    def when(self, call: Call) -> SafeString | str:
        """When it was asked for, or rang in."""
        return moment(call.created_at)

    @display(description="Direction", ordering="direction")
    def way(self, call: Call) -> str:
        """Who rang whom; a chat is neither."""
        return call.get_channel_display() if call.channel == Channel.CHAT else call.get_direction_display()

    @display(description="Line", ordering="status", label=STATUS_COLOURS)
    def line(self, call: Call) -> tuple[str, str]:
        """Where the line is."""
        return call.status, call.get_status_display()

    @display(description="Came to", ordering="disposition", label=DISPOSITION_COLOURS)
    def outcome(self, call: Call) -> tuple[str, str] | None:
        """What it meant; nothing while it goes on."""
        return (call.disposition, DISPOSITION_LABELS[Disposition(call.disposition)]) if call.disposition else None

    @display(description="Lasted", ordering="duration_s", empty_value="–")
    def lasted(self, call: Call) -> str | None:
        """How long the line was open."""
        return duration(call.duration_s) or None

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Superusers only, and no call that is under way; nor its lead, which would take it along."""
        return super().has_delete_permission(request, obj) and not (isinstance(obj, Call) and obj.is_live)

    def live_among(self, rows: QuerySet[Call]) -> QuerySet[Call]:
        """Those that are under way."""
        return rows.filter(status__in=LIVE)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        """A term that reads as a phone number looks for the lead's number, in any spelling."""
        if (by_phone := matching_phone(queryset, search_term, field="lead__phone")) is not None:
            return by_phone, False
        found: tuple[QuerySet[Call], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The conversation instead of a form."""
        is_id = object_id.isdecimal() and len(object_id) <= _LONGEST_ID
        call = queries.with_conversation(int(object_id)) if is_id else None
        panels = views.panels_of(call, request) if call else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**panels, **(extra_context or {})})
        return response
