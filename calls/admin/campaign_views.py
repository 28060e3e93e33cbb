"""What a campaign's page asks for beside itself: the preview, how far it is, and its buttons."""

from __future__ import annotations

import zlib
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from calls import campaign_display as words
from calls import campaign_queries as queries
from calls.campaigns import MICROS
from calls.display import DISPOSITION_LABELS, STATUS_COLOURS
from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.models import Call, Campaign, CampaignState, MemberState
from calls.operations import campaigning

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from calls.models import CampaignMember
    from leads.admin.base import StaffRequest

    Act = Callable[..., Campaign]

COLLECTED = "campaign_leads"
"""Where a session keeps the leads that were chosen in their list."""

_A_PAGE = 25  # members
_NOTES = 10
_OPEN = (CampaignState.RUNNING, CampaignState.PAUSED)
_HOLDS = {
    "not_begun": "Running, and waiting for its start.",
    "paused": "Running, but no calls go out: all calls are paused.",
    "provider_paused": "Running, but no calls go out: the provider is paused.",
    "spend_cap": "Running, but today's spend cap is reached. It goes on tomorrow.",
}


def page_of(campaign_id: int) -> str:
    """The address of a campaign's page."""
    return reverse("admin:calls_campaign_change", args=[campaign_id])


def _may(request: HttpRequest, *verbs: str) -> bool:
    return any(request.user.has_perm(f"calls.{verb}_campaign") for verb in verbs)


def _campaign(request: HttpRequest, campaign_id: int, *verbs: str) -> Campaign:
    if not _may(request, *verbs):
        raise PermissionDenied
    campaign = Campaign.objects.select_related("agent", "redial_of").filter(pk=campaign_id).first()
    if campaign is None:
        raise Http404("There is no such campaign; it may have been deleted.")
    return campaign


def live(request: HttpRequest, campaign_id: int, **_: Any) -> HttpResponse:
    """How far a campaign is, as a piece of page; 204 where the reader has seen it as it is."""
    panels = panels_of(_campaign(request, campaign_id, "view", "change"), request, now=timezone.now())
    if request.GET.get("seen") == panels["seen"]:
        return HttpResponse(status=204)
    return render(request, "calls/campaign_progress.html", panels)


def preview(request: HttpRequest, campaign_id: int, **_: Any) -> HttpResponse:
    """Who would be called and who not, and why; nothing is changed."""
    campaign = _campaign(request, campaign_id, "view", "change")
    if campaign.state != CampaignState.DRAFT:
        return HttpResponseRedirect(page_of(campaign.pk))
    seen = queries.preview(campaign, now=timezone.now())
    groups = [(one, words.reason(one.code, later=not one.skipped)) for one in seen.groups]
    context = {"campaign": campaign, "preview": seen, "groups": groups, "may_change": _may(request, "change")}
    shared = {"title": f"Who would be called: {campaign}", "opts": Campaign._meta}
    return render(request, "calls/campaign_preview.html", {**admin.site.each_context(request), **context, **shared})


def _button(act: Act, said: str) -> Callable[..., HttpResponseRedirect]:
    """A view that does one thing to a campaign, on POST only; a refusal is told on its page."""

    @wraps(act)
    def view(request: StaffRequest, campaign_id: int, **_: Any) -> HttpResponseRedirect:
        campaign = _campaign(request, campaign_id, "change")
        if request.method == "POST":
            try:
                campaign = act(campaign_id=campaign.pk, now=timezone.now(), by=request.user)
            except campaigning.CampaignRefused as refused:
                messages.warning(request, refused.detail)
            else:
                messages.success(request, said)
        return HttpResponseRedirect(page_of(campaign.pk))

    return view


start = _button(campaigning.start, "Started. This page shows how far it is.")
pause = _button(campaigning.pause, "Paused. Calls under way go on; no new ones begin.")
resume = _button(campaigning.resume, "Resumed.")
stop = _button(campaigning.stop, "Stopped. Calls that waited were taken back; those under way go on to their end.")
redial = _button(campaigning.redial, "A new draft with everybody who was not reached.")


def collect(request: StaffRequest, **_: Any) -> HttpResponse:
    """Put the leads that were chosen in their list into a new draft, or into one that is there."""
    if not (_may(request, "add") or _may(request, "change")):
        raise PermissionDenied
    lead_ids: list[int] = request.session.get(COLLECTED, [])
    if not lead_ids:
        messages.warning(request, "Choose leads in their list first, then “Add to a campaign”.")
        return HttpResponseRedirect(reverse("admin:leads_lead_changelist"))
    drafts = Campaign.objects.filter(state=CampaignState.DRAFT).exclude(lead_ids=[])
    if request.method == "POST":
        campaign = _collect(request, lead_ids)
        if campaign:
            del request.session[COLLECTED]
            return HttpResponseRedirect(page_of(campaign.pk))
    context = {
        "count": len(lead_ids),
        "drafts": drafts if _may(request, "change") else [],
        "may_add": _may(request, "add"),
    }
    shared = {"title": "Add to a campaign", "opts": Campaign._meta}
    return render(request, "calls/campaign_collect.html", {**admin.site.each_context(request), **context, **shared})


def _collect(request: StaffRequest, lead_ids: list[int]) -> Campaign | None:
    chosen, name = request.POST.get("campaign", ""), request.POST.get("name", "").strip()[:120]
    try:
        if chosen.isdecimal() and _may(request, "change"):
            return campaigning.add_leads(campaign_id=int(chosen), lead_ids=lead_ids, by=request.user)
        if name and _may(request, "add"):
            return campaigning.create(name=name, lead_ids=lead_ids, now=timezone.now(), by=request.user)
    except campaigning.CampaignRefused as refused:
        messages.warning(request, refused.detail)
        return None
    except Campaign.DoesNotExist:
        messages.warning(request, "That draft was deleted meanwhile. Make a new campaign, or choose another draft.")
        return None
    messages.warning(request, "Give the new campaign a name, or choose a draft.")
    return None


def panels_of(campaign: Campaign, request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """All that a campaign's page shows."""
    shared = {"campaign": campaign, "may_change": _may(request, "change")}
    if campaign.state == CampaignState.DRAFT:
        return {**shared, "chosen": len(campaign.lead_ids)}
    so_far = queries.progress([campaign.pk])[campaign.pk]
    provider = queries.state_of_provider(campaign) if campaign.state in _OPEN else None
    going, spent = list(queries.going(campaign)), queries.spent_today(campaign, now=now)
    later = {call.lead_id: call.dial_after for call in going if queries.waits(call, now=now)}
    calls = [call for call in going if not queries.waits(call, now=now)]
    held = queries.hold(campaign, now=now) if campaign.state == CampaignState.RUNNING else ""
    shown = request.GET.get("show", "")
    page = Paginator(queries.members_of(campaign, shown=shown), _A_PAGE).get_page(request.GET.get("p"))
    members = [_row(member, later.get(member.lead_id), now=now) for member in page]
    panels = {
        **shared,
        "sentence": _HOLDS.get(held) or words.STATE_SENTENCES[CampaignState(campaign.state)],
        "state_colour": "danger"
        if held in {"paused", "provider_paused"}
        else words.STATE_COLOURS[CampaignState(campaign.state)],
        "held": held,
        "is_open": campaign.state in _OPEN,
        "progress": so_far,
        "missed": 0 if campaign.state in _OPEN else queries.missed(campaign).count(),
        "done_percent": _percent(so_far),
        "tiles": _tiles(so_far),
        "shown": shown,
        "spent": words.dollars(spent),
        "cap": words.dollars(round(campaign.daily_spend_cap * MICROS)) if campaign.daily_spend_cap is not None else "",
        "calls": [(call, STATUS_COLOURS[CallStatus(call.status)]) for call in calls],
        "calls_count": len(calls),
        "retries": len(later),
        "next_retry": min((due for due in later.values() if due), default=None),
        "next_due": queries.next_due(campaign) if not going and so_far.waiting else None,
        "provider_name": queries.network_of(campaign).name.capitalize(),
        "provider": provider,
        "tripping": Call.objects.filter(pk__in=provider.tripped_by).select_related("lead") if provider else [],
        "may_resume_provider": request.user.has_perm("calls.change_providerstate"),
        "page": page,
        "members": members,
        "notes": _notes(campaign),
    }
    return {**panels, "seen": _seen(campaign, panels)}


def _tiles(so_far: queries.Progress) -> list[tuple[str, str, int]]:
    names = [(state.value, str(state.label)) for state in MemberState]
    return [(name, label, getattr(so_far, name)) for name, label in names] + [
        ("qualified", "Qualified", so_far.qualified)
    ]


def _percent(so_far: queries.Progress) -> int:
    done = so_far.total - so_far.waiting - so_far.calling
    return done * 100 // so_far.total if so_far.total else 0


def _row(member: CampaignMember, next_try: datetime | None, *, now: datetime) -> dict[str, Any]:
    """A member with what came of the calls; of one who was not called, why, and from when they may be."""
    state, since = MemberState(member.state), None
    if state in {MemberState.REACHED, MemberState.UNREACHED}:
        why = DISPOSITION_LABELS[Disposition(member.code)] if member.code in set(Disposition) else ""
    elif state is MemberState.WAITING and member.next_at and member.next_at > now:
        why, since = words.reason(member.code, later=True), member.next_at
    elif state is MemberState.CALLING and next_try:
        why, since = "Called again", next_try
    else:
        why = words.reason(member.code) if state is MemberState.SKIPPED else ""
    return {"member": member, "colour": words.MEMBER_COLOURS[state], "why": why, "since": since}


def _notes(campaign: Campaign) -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(Campaign)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(campaign.pk)).select_related("user")
    return list(entries.order_by("-action_time", "-pk")[:_NOTES])


def _seen(campaign: Campaign, panels: dict[str, Any]) -> str:
    """Equal for two pages that show the same."""
    provider = panels["provider"]
    rows = [(one["member"].pk, one["member"].state, one["why"], one["member"].attempts) for one in panels["members"]]
    facts = (
        campaign.state,
        panels["held"],
        panels["progress"],
        panels["spent"],
        [(call.pk, call.status) for call, _ in panels["calls"]],
        panels["retries"],
        provider and provider.paused_at,
        rows,
        panels["next_due"],
    )
    return f"{zlib.crc32(repr(facts).encode()):x}"
