"""The admin pages of providers: which one is paused, why, and the button that resumes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from calls.models import Call, ProviderState
from calls.operations.breaking import pause_provider, resume_provider
from calls.operations.pace import state_of
from leads.admin.base import RecordAdmin
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest


def _switch(request: StaffRequest, provider_id: int) -> HttpResponseRedirect:
    """Pause or resume a provider, on POST only."""
    if not request.user.has_perm("calls.change_providerstate"):
        raise PermissionDenied
    state = ProviderState.objects.filter(pk=provider_id).first()
    if state is None:
        raise Http404("There is no such provider.")
    if request.method == "POST":
        _tell(request, state, resume=request.POST.get("to") == "resume")
    campaign = request.POST.get("campaign", "")
    if campaign.isdecimal():
        return HttpResponseRedirect(reverse("admin:calls_campaign_change", args=[campaign]))
    return HttpResponseRedirect(reverse("admin:calls_providerstate_change", args=[state.pk]))


def _tell(request: StaffRequest, state: ProviderState, *, resume: bool) -> None:
    now = timezone.now()
    if resume and resume_provider(provider=state.provider, now=now):
        messages.success(request, f"{state} places calls again. Failures until now trip its breaker no more.")
    elif not resume and pause_provider(provider=state.provider, now=now, by=request.user):
        messages.success(request, f"{state} places no more calls; those under way go on.")
    else:
        messages.info(request, f"{state} was {'not paused' if resume else 'paused'} already; nothing was changed.")


def switch(request: StaffRequest, provider_id: int, **_: Any) -> HttpResponseRedirect:
    """The button of a provider's page, and of a campaign's."""
    return _switch(request, provider_id)


@admin.register(ProviderState)
class ProviderStateAdmin(RecordAdmin):
    """Whether a provider places calls; nobody writes that by hand."""

    list_display = ["name", "standing", "since", "reason"]
    fields = ["since", "tripped"]
    readonly_fields = ["since", "tripped"]
    change_form_outer_before_template = "calls/provider_header.html"
    custom_urls = (("<int:provider_id>/switch/", "calls_providerstate_switch", switch),)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Never: a pause would be forgotten with its row."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every provider, those that nothing was asked of yet included: they can be paused, too."""
        for name in settings.PROVIDERS:
            state_of(name)
        page: HttpResponse = super().changelist_view(request, extra_context)
        return page

    @display(description="Provider", ordering="provider")
    def name(self, state: ProviderState) -> str:
        """The name that people read."""
        return str(state)

    @display(description="State", ordering="paused", label={"paused": "danger", "open": "success"})
    def standing(self, state: ProviderState) -> tuple[str, str]:
        """Whether it places calls."""
        return ("paused", "Paused") if state.paused else ("open", "Places calls")

    @display(description="Since", empty_value="–")
    def since(self, state: ProviderState) -> SafeString | str | None:
        """When it was paused or resumed last."""
        return moment(state.paused_at if state.paused else state.resumed_at) or None

    @display(description="Calls that tripped it last")
    def tripped(self, state: ProviderState) -> SafeString | str:
        """The calls, as links."""
        calls = Call.objects.filter(pk__in=state.tripped_by).select_related("lead").order_by("pk")
        rows = [(reverse("admin:calls_call_change", args=[call.pk]), call.pk, call.error) for call in calls]
        row = '<li><a class="ra-link" href="{}">Call {}</a> <span class="ra-subtle">{}</span></li>'
        return format_html("<ul>{}</ul>", format_html_join("", row, rows)) if rows else "None."

    def changeform_view(
        self,
        request: StaffRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The record, below the button that turns it."""
        state = self.get_object(request, object_id) if object_id else None
        may = request.user.has_perm("calls.change_providerstate")
        return super().changeform_view(
            request, object_id, form_url, {"state": state, "may_switch": may, **(extra_context or {})}
        )
