"""The admin pages of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from calls import queries as calls
from calls.admin.campaign_views import COLLECTED
from calls.admin.uploading import add_recording, may_upload
from calls.display import DISPOSITION_COLOURS, DISPOSITION_LABELS
from calls.lifecycle import LIVE
from calls.operations import CallRefused, request_call
from calls.operations.foretelling import foretell
from leads.admin import erasing, views
from leads.admin.base import STATUS_COLOURS, FreshAdmin, LiveStays, SheetAdmin
from leads.admin.consents import ConsentInline, note_who
from leads.admin.evidence import keep_corrections, told_form
from leads.display import requirement_line
from leads.forms import LeadForm, NoteForm
from leads.imports import LeadExport, LeadResource
from leads.models import ActivityKind, Lead, Requirement
from leads.operations import allow_calls, record, set_do_not_call
from leads.queries import matching_phone, missed_wishes, open_promises, requirement_of, slots_of, wanted_cities
from leads.templatetags.words import moment, phone

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from leads.admin.base import StaffRequest

_MOST_CALLS = 50
_ICONS = {
    ActivityKind.CREATED: "person_add",
    ActivityKind.CALL: "call",
    ActivityKind.CALL_REFUSED: "phone_disabled",
    ActivityKind.STATUS: "swap_horiz",
    ActivityKind.FOLLOW_UP: "task_alt",
    ActivityKind.DO_NOT_CALL: "block",
    ActivityKind.NOTE: "sticky_note_2",
}


class CityFilter(admin.SimpleListFilter):
    """Leads who want something in a city where there are listings."""

    title = "city"
    parameter_name = "city"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 -- Django's signature
        """The cities of the listings."""
        return [(city, city) for city in wanted_cities()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:  # noqa: ARG002 -- Django's signature
        """Only leads who named the chosen city."""
        city = self.value()
        return queryset.filter(requirement__locations__icontains=f'"city": "{city}"') if city else queryset


class RequirementInline(StackedInline):
    """What the lead wants, beside the words that it came from."""

    model = Requirement
    verbose_name = "what they want"
    can_delete = False
    hide_title = True
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "locations",
                    ("category", "property_type"),
                    ("bedrooms_min", "bedrooms_max"),
                    ("budget_min", "budget_max"),
                    ("purpose", "timeline_months", "consent"),
                ]
            },
        )
    ]

    class Media:
        css = {"all": ["realty/review.css"]}

    def get_formset(self, request: HttpRequest, obj: Lead | None = None, **kwargs: Any) -> Any:
        """The form as this person may see it."""
        return super().get_formset(request, obj, **{**kwargs, "form": told_form(request, obj)})


@admin.action(description="Call now", permissions=["call"])
def call_selected(_admin: LeadAdmin, request: StaffRequest, queryset: QuerySet[Lead]) -> None:
    """Queue a call to each, and tell for each that was refused why."""
    leads = list(queryset[: _MOST_CALLS + 1])
    if len(leads) > _MOST_CALLS:
        messages.error(request, f"Nobody was called. Choose at most {_MOST_CALLS} leads at a time.")
        return
    queued = 0
    for lead in leads:
        try:
            request_call(lead_id=lead.pk, now=timezone.now(), by=request.user)
            queued += 1
        except CallRefused as refused:
            messages.warning(request, f"{lead} is not called. {refused.detail}")
    if queued:
        messages.success(request, f"{queued} {'call is' if queued == 1 else 'calls are'} on the way.")


@admin.action(description="Add to a campaign", permissions=["campaign"])
def add_to_campaign(_admin: LeadAdmin, request: StaffRequest, queryset: QuerySet[Lead]) -> HttpResponse:
    """Keep the chosen leads for the page that asks for the campaign."""
    request.session[COLLECTED] = list(queryset.order_by("pk").values_list("pk", flat=True))
    return HttpResponseRedirect(reverse("admin:calls_campaign_collect"))


@admin.action(description="Do not call again", permissions=["change"])
def do_not_call_selected(_admin: LeadAdmin, request: StaffRequest, queryset: QuerySet[Lead]) -> None:
    """Suppress the number of each."""
    changed = sum(set_do_not_call(lead_id=lead.pk, now=timezone.now(), by=request.user) for lead in queryset)
    messages.success(request, f"{changed} {'lead is' if changed == 1 else 'leads are'} never called again.")


@admin.action(description="Erase everywhere", permissions=["erase"])
def erase_selected(_admin: LeadAdmin, request: StaffRequest, queryset: QuerySet[Lead]) -> HttpResponse | None:
    """The page that shows what goes; for one person at a time."""
    chosen = list(queryset[:2])
    if len(chosen) != 1:
        messages.error(request, "Nobody was erased. Choose exactly one lead: each is looked at before.")
        return None
    return HttpResponseRedirect(reverse("admin:leads_lead_erase", args=[chosen[0].pk]))


class LeadColumns:
    """The columns of the list of leads."""

    @display(description="Name and phone", ordering="name")
    def who(self, lead: Lead) -> SafeString:
        """The name, and the number below it."""
        return format_html(
            '<span class="ra-who">{}<span class="ra-subtle">{}</span></span>',
            lead.name or "Unknown caller",
            phone(lead.phone) or "phone not known",
        )

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def standing(self, lead: Lead) -> tuple[str, str]:
        """The status in its colour."""
        return lead.status, lead.get_status_display()

    @display(description="Wants")
    def wants(self, lead: Lead) -> str:
        """The requirement in one line."""
        return requirement_line(slots_of(requirement_of(lead))) or "not known yet"

    @display(description="Last contacted", ordering="last_contacted_at")
    def contacted(self, lead: Lead) -> SafeString | str:
        """When a call last reached the lead."""
        return moment(lead.last_contacted_at) or "never"


@admin.register(Lead)
class LeadAdmin(LeadColumns, LiveStays, FreshAdmin, SheetAdmin):
    """Who may buy, what they want, and the button that calls them."""

    form = LeadForm
    of_recording = "call__lead"
    inlines = [RequirementInline, ConsentInline]
    resource_classes = [LeadResource]
    list_display = ["who", "standing", "score", "wants", "source", "owner", "contacted"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("owner", RelatedDropdownFilter),
        CityFilter,
        "do_not_call",
    ]
    list_select_related = ["requirement", "owner"]
    search_fields = ["name", "email"]
    search_help_text = "Name, e-mail, or a phone number in any spelling"
    actions = [call_selected, add_to_campaign, do_not_call_selected, erase_selected, "delete_selected"]
    readonly_fields = ["score"]
    fieldsets = [
        (None, {"fields": [("name", "phone"), ("email", "source"), ("language", "time_zone"), "as_of"]}),
        ("Standing", {"fields": [("status", "score"), "owner", "do_not_call", "notes"]}),
    ]
    change_form_outer_before_template = "leads/lead_header.html"
    change_form_outer_after_template = "leads/lead_aside.html"
    custom_urls = (
        ("<int:lead_id>/call/", "leads_lead_call", views.call_now),
        ("<int:lead_id>/chat/", "leads_lead_chat", views.chat_link),
        ("<int:lead_id>/erase/", "leads_lead_erase", erasing.erase_lead),
        ("<int:lead_id>/note/", "leads_lead_note", views.add_note),
        ("<int:lead_id>/done/", "leads_lead_done", views.keep_promise),
        ("<int:lead_id>/recording/", "leads_lead_recording", add_recording),
    )

    def has_call_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Who may place calls."""
        return bool(request.user.has_perm("calls.add_call"))

    def has_erase_permission(self, request: StaffRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Who may remove a person everywhere."""
        return erasing.may_erase(request)

    def has_campaign_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Who may put leads into campaigns."""
        return any(request.user.has_perm(f"calls.{verb}_campaign") for verb in ("add", "change"))

    def live_among(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        """Those with a call under way."""
        return rows.filter(calls__status__in=LIVE).distinct()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        """A term that reads as a phone number looks for the number, whatever its blanks and dashes."""
        if (by_phone := matching_phone(queryset, search_term)) is not None:
            return by_phone, False
        found: tuple[QuerySet[Lead], bool] = super().get_search_results(request, queryset, search_term)
        return found

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[LeadExport]]:  # noqa: ARG002 -- the library's signature
        """What goes out tells more than what comes in."""
        return [LeadExport]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Who enters a lead owns it."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, between the lead's header and its timeline."""
        lead = self.get_object(request, object_id)
        panels = panels_of(lead, request) if lead else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**panels, **(extra_context or {})})
        return response

    def save_model(self, request: StaffRequest, obj: Lead, form: ModelForm, change: bool) -> None:
        """Save, and let the timeline and the list of numbers not to call know."""
        asked, now = obj.do_not_call, timezone.now()
        turned = asked != form.initial.get("do_not_call", False)
        if turned:
            obj.do_not_call = not asked  # the operations below turn it, with all that belongs to it
        super().save_model(request, obj, form, change)
        if not change:
            record(obj, ActivityKind.CREATED, "Entered by staff.", now=now, by=request.user)
        elif "status" in form.changed_data and not (turned and asked):
            record(obj, ActivityKind.STATUS, f"Status set to {obj.get_status_display()}.", now=now, by=request.user)
        if turned:
            (set_do_not_call if asked else allow_calls)(lead_id=obj.pk, now=now, by=request.user)

    def save_formset(self, request: StaffRequest, form: ModelForm, formset: Any, change: bool) -> None:
        """Save what belongs to the lead; a consent with who wrote it down, a correction beside what it corrects."""
        note_who(formset, request.user)
        keep_corrections(formset, by=request.user)
        super().save_formset(request, form, formset, change)


def panels_of(lead: Lead, request: HttpRequest) -> dict[str, Any]:
    """What stands around a lead's form: may we call, what was promised, what happened."""
    may_see_calls = views.may_see_calls(request)
    live_call, promises, now = calls.live_call_of(lead), list(open_promises(lead)), timezone.now()
    return {
        "lead": lead,
        "wants": requirement_line(slots_of(requirement_of(lead))),
        "status_colour": STATUS_COLOURS.get(lead.status, ""),
        "live_call": live_call,
        "waiting": views.waiting_of(live_call, now=now),
        "may_cancel": request.user.has_perm("calls.change_call"),
        "may_see_calls": may_see_calls,
        "may_call": request.user.has_perm("calls.add_call"),
        "may_chat": request.user.has_perm("calls.add_chatlink"),
        "may_upload": may_upload(request),
        "refusal": views.refusal(lead, now=now),
        "request_key": str(uuid4()),
        "promises": promises,
        "foretold": foretell(promises, now=now),
        "missed_wishes": missed_wishes(promises),
        "may_erase": erasing.may_erase(request),
        "may_note": request.user.has_perm("leads.change_lead"),
        "may_keep": request.user.has_perm("leads.change_followup"),
        "note_form": NoteForm(),
        "timeline": calls.timeline(lead, with_calls=may_see_calls),
        "call_colours": DISPOSITION_COLOURS,
        "call_labels": DISPOSITION_LABELS,
        "activity_icons": _ICONS,
    }
