"""The admin pages of campaigns: a form while it is a draft, then what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from calls import campaign_queries
from calls.admin import campaign_views as views
from calls.admin.campaign_form import CHOICE, CampaignForm, chosen_in_words
from calls.campaign_display import STATE_COLOURS
from calls.models import Campaign, CampaignState
from calls.models.campaign import LIMITS
from leads.admin.base import StaffAdmin
from leads.templatetags.words import moment

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest

_HOW = [
    ("name", "agent"),
    ("provider", "daily_spend_cap"),
    ("max_lines", "reserved_lines"),
    ("opens", "closes"),
    ("starts_at", "ends_at"),
]
_WHO = [("status", "source"), ("language", "owner"), ("city", "created_after")]
_WHAT = [("budget_at_least", "budget_at_most"), ("not_called_since",)]


@admin.register(Campaign)
class CampaignAdmin(StaffAdmin):
    """Leads chosen once, called under limits of their own, watched while that happens."""

    form = CampaignForm
    list_display = ["name", "standing", "so_far", "provider_name", "agent", "made"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_select_related = ["agent"]
    search_fields = ["name"]
    change_form_template = "calls/campaign_page.html"
    custom_urls = (
        ("collect/", "calls_campaign_collect", views.collect),
        ("<int:campaign_id>/live/", "calls_campaign_live", views.live),
        ("<int:campaign_id>/preview/", "calls_campaign_preview", views.preview),
        ("<int:campaign_id>/start/", "calls_campaign_start", views.start),
        ("<int:campaign_id>/pause/", "calls_campaign_pause", views.pause),
        ("<int:campaign_id>/resume/", "calls_campaign_resume", views.resume),
        ("<int:campaign_id>/stop/", "calls_campaign_stop", views.stop),
        ("<int:campaign_id>/redial/", "calls_campaign_redial", views.redial),
    )

    @display(description="State", ordering="state", label=STATE_COLOURS)
    def standing(self, campaign: Campaign) -> tuple[str, str]:
        """Where it stands."""
        return campaign.state, campaign.get_state_display()

    @display(description="So far")
    def so_far(self, campaign: Campaign) -> str:
        """How far it is, in one line."""
        so_far: campaign_queries.Progress = vars(campaign)["so_far"]
        if campaign.state == CampaignState.DRAFT:
            return "nobody called yet"
        return f"{so_far.reached} reached, {so_far.qualified} qualified of {so_far.total}"

    @display(description="Provider", ordering="provider")
    def provider_name(self, campaign: Campaign) -> str:
        """The provider, by the name that people read."""
        return campaign_queries.network_of(campaign).name.capitalize()

    @display(description="Made", ordering="created_at")
    def made(self, campaign: Campaign) -> SafeString | str:
        """When it was made."""
        return moment(campaign.created_at)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, each campaign with how far it is."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if found := getattr(response, "context_data", {}).get("cl"):
            progress = campaign_queries.progress([campaign.pk for campaign in found.result_list])
            for campaign in found.result_list:
                vars(campaign)["so_far"] = progress[campaign.pk]
        return response

    def get_fieldsets(
        self,
        request: HttpRequest,
        obj: Campaign | None = None,
    ) -> list[tuple[str | None, dict[str, Any]]]:
        """How it calls, and whom; leads chosen one by one are only counted."""
        how: tuple[str | None, dict[str, Any]] = (None, {"fields": _HOW})
        if obj and obj.lead_ids:
            return [how]
        if obj and not self.has_change_permission(request, obj):
            return [how, ("Which leads", {"fields": ["choice"]})]
        whom = "Empty fields choose everybody. Who of them may be called, the preview tells."
        return [how, ("Which leads", {"fields": [*_WHO, *_WHAT], "description": whom})]

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        """Whoever may not change a draft reads the choice of leads."""
        return ["choice"] if obj and not self.has_change_permission(request, obj) else []

    @display(description="Chosen")
    def choice(self, campaign: Campaign) -> str:
        """The filter in words."""
        return chosen_in_words(campaign.filter)

    def get_form(self, request: HttpRequest, obj: Campaign | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Only a draft has a form."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj and obj.lead_ids:
            for name in CHOICE:
                form.base_fields.pop(name, None)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """What was started is changed by its buttons alone."""
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (obj is None or obj.state == CampaignState.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """A campaign that calls must be stopped first, and its last call be over, which it may have to hold back."""
        if obj and (obj.state in {CampaignState.RUNNING, CampaignState.PAUSED} or campaign_queries.going(obj).exists()):
            return False
        return bool(super().has_delete_permission(request, obj))

    def save_model(self, request: StaffRequest, obj: Campaign, form: ModelForm, change: bool) -> None:
        """Keep who made it; of a draft save what the form shows, and not a state that a button changed meanwhile."""
        if change:
            obj.save(update_fields=[*LIMITS, "filter"])
            return
        obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def response_post_save_add(self, request: HttpRequest, obj: Campaign) -> HttpResponse:  # noqa: ARG002 -- Django's signature
        """On to where it is looked at and started."""
        return HttpResponseRedirect(views.page_of(obj.pk))

    response_post_save_change = response_post_save_add

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form of a draft; of any other campaign, how far it is."""
        campaign = self.get_object(request, object_id)
        panels = views.panels_of(campaign, request, now=timezone.now()) if campaign else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**panels, **(extra_context or {})})
        return response
