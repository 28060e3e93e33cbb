"""The admin pages of webhooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from unfold.contrib.filters.admin import AllValuesCheckboxFilter
from unfold.decorators import display

from calls import queries
from calls.models import WebhookEvent
from calls.operations import replay
from leads.admin.base import RecordAdmin
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


class StateFilter(admin.SimpleListFilter):
    """Webhooks by whether they could be applied."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """Failed, being applied, applied."""
        return [("failed", "Failed"), ("waiting", "Being applied"), ("applied", "Applied")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:  # noqa: ARG002 -- Django's signature
        """Only those in the chosen state."""
        now = timezone.now()
        if self.value() == "applied":
            return queryset.filter(applied_at__isnull=False)
        if self.value() == "waiting":
            return queryset & queries.waiting_events(now=now)
        return queryset & queries.failed_events(now=now) if self.value() else queryset


@admin.action(description="Apply again", permissions=["apply"])
def apply_again(_admin: WebhookEventAdmin, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
    """Apply each that was not applied; one that fails again keeps its new error and does not stop the others."""
    applied = already = 0
    for event in queryset.order_by("received_at", "pk"):
        try:
            done = replay(event.pk, now=timezone.now())
        except Exception as error:  # noqa: BLE001 -- whatever it was, staff read it and the others go on
            messages.error(request, f"{event} failed again: {type(error).__name__}: {error}")
            continue
        applied, already = applied + done, already + (not done)
    if applied:
        messages.success(request, f"{applied} {'webhook was' if applied == 1 else 'webhooks were'} applied.")
    if already:
        messages.info(request, f"{already} {'was' if already == 1 else 'were'} applied before; nothing was changed.")


@admin.register(WebhookEvent)
class WebhookEventAdmin(RecordAdmin):
    """What providers told us, and what we answered."""

    list_display = ["when", "provider", "kind", "call", "state", "attempts", "error"]
    list_filter = [StateFilter, ("provider", AllValuesCheckboxFilter), ("kind", AllValuesCheckboxFilter)]
    list_filter_submit = True
    list_select_related = ["call"]
    search_fields = ["provider_call_id", "dedupe_key", "error"]
    search_help_text = "The provider's id of the call, or words of the error"
    actions = [apply_again]
    fields = [
        ("provider", "kind"),
        ("call", "provider_call_id"),
        ("received_at", "applied_at"),
        ("attempts", "error"),
        "sent",
        "answered",
    ]
    readonly_fields = ["sent", "answered"]

    @display(description="Received", ordering="received_at")
    def when(self, event: WebhookEvent) -> SafeString | str:
        """When it arrived."""
        return moment(event.received_at)

    @display(description="State", label={"applied": "success", "failed": "danger", "waiting": "warning"})
    def state(self, event: WebhookEvent) -> tuple[str, str]:
        """Whether it could be applied."""
        if event.applied_at:
            return "applied", "Applied"
        failed = queries.has_failed(event, now=timezone.now())
        return ("failed", "Failed") if failed else ("waiting", "Being applied")

    @display(description="What was sent")
    def sent(self, event: WebhookEvent) -> SafeString:
        """The request, with what is private left out."""
        text = json.dumps(event.request, indent=2, ensure_ascii=False)
        return format_html('<pre class="ra-code">{}</pre>', text)

    @display(description="What we answered")
    def answered(self, event: WebhookEvent) -> SafeString | str:
        """The response, word for word."""
        return format_html('<pre class="ra-code">{}</pre>', event.response) if event.response else "Nothing yet."

    def has_apply_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Who may apply webhooks again."""
        return bool(request.user.has_perm("calls.change_webhookevent"))
