"""The buttons of a lead's page: call now, add a note, keep a promise. Each acts on POST only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from calls import queries
from calls.chat.links import for_staff
from calls.display import because
from calls.lifecycle import CallStatus
from calls.lines import provider
from calls.operations import CallRefused, gate, request_call
from calls.operations.gate import why_held
from leads.forms import NoteForm
from leads.models import ActivityKind, FollowUp, Lead
from leads.operations import record

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from calls.models import Call
    from leads.admin.base import StaffRequest

View = Callable[..., HttpResponseRedirect]


def lead_page(lead_id: int) -> str:
    """The address of a lead's page."""
    return reverse("admin:leads_lead_change", args=[lead_id])


def may_see_calls(request: HttpRequest) -> bool:
    """Whether the pages of calls are open to this person."""
    return any(request.user.has_perm(f"calls.{verb}_call") for verb in ("view", "change"))


def refusal(lead: Lead, *, now: datetime) -> str:
    """Why this lead must not be called now, in a sentence; empty where they may be."""
    decision = gate(lead, provider(""), now=now)
    return "" if decision.allowed else decision.detail


def waiting_of(call: Call | None, *, now: datetime) -> dict[str, Any]:
    """Of a call that waits: what holds it up now, when its time comes, and why it is made; nothing of any other."""
    if call is None or call.status != CallStatus.QUEUED:
        return {}
    held = why_held(call, now=now) or call.error
    return {"held": held, "later": queries.is_for_later(call, now=now), "because": because(call.origin, call.ladder)}


def _button(permission: str) -> Callable[[View], View]:
    """A view that needs a permission and a POST; anything else only shows the lead, so a prefetch does nothing."""

    def decorate(act: View) -> View:
        @wraps(act)
        def view(request: StaffRequest, lead_id: int, **_: Any) -> HttpResponseRedirect:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseRedirect(lead_page(lead_id))
            lead = Lead.objects.filter(pk=lead_id).first()
            if lead is None:
                raise Http404("There is no such lead; it may have been deleted.")
            return act(request, lead)

        return view

    return decorate


@_button("calls.add_call")
def call_now(request: StaffRequest, lead: Lead) -> HttpResponseRedirect:
    """Place a call and go where it can be watched; a refusal is told on the page that the button was on."""
    key, again = request.POST.get("request_key", ""), request.POST.get("call", "")
    try:
        call = request_call(lead_id=lead.pk, now=timezone.now(), by=request.user, request_key=key)
    except CallRefused as refused:
        messages.warning(request, f"Not called. {refused.detail}")
        back = reverse("admin:calls_call_change", args=[again]) if again.isdecimal() else lead_page(lead.pk)
        return HttpResponseRedirect(back)
    if may_see_calls(request):
        return HttpResponseRedirect(reverse("admin:calls_call_change", args=[call.pk]))
    messages.success(request, "The call is on its way.")
    return HttpResponseRedirect(lead_page(lead.pk))


@_button("calls.add_chatlink")
def chat_link(request: StaffRequest, lead: Lead) -> HttpResponseRedirect:
    """Make a link to the chat and go where it can be copied; one that still can be used is shown again."""
    link = for_staff(lead, now=timezone.now(), by=request.user)
    return HttpResponseRedirect(reverse("admin:calls_chatlink_change", args=[link.pk]))


@_button("leads.change_lead")
def add_note(request: StaffRequest, lead: Lead) -> HttpResponseRedirect:
    """Add a line to the lead's timeline."""
    form = NoteForm(request.POST)
    if form.is_valid():
        record(lead, ActivityKind.NOTE, form.cleaned_data["text"], now=timezone.now(), by=request.user)
    else:
        messages.warning(request, " ".join(str(error) for error in form.errors["text"]))
    return HttpResponseRedirect(f"{lead_page(lead.pk)}#timeline")


@_button("leads.change_followup")
def keep_promise(request: StaffRequest, lead: Lead) -> HttpResponseRedirect:
    """Mark one of the lead's follow-ups done."""
    chosen = request.POST.get("follow_up", "")
    follow_up = FollowUp.objects.filter(pk=chosen, lead=lead).first() if chosen.isdecimal() else None
    now = timezone.now()
    if follow_up and follow_up.keep(now=now):
        record(lead, ActivityKind.FOLLOW_UP, f"Done: {follow_up.get_kind_display()}.", now=now, by=request.user)
    back = reverse("admin:index") if request.POST.get("from") == "today" else f"{lead_page(lead.pk)}#follow-ups"
    return HttpResponseRedirect(back)
