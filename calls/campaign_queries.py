"""Reads across campaigns: who would be called and who not, how far it is, what today cost."""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.utils import timezone

from calls.campaign_choice import chosen
from calls.campaigns import MICROS, Cost, spend_micros
from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.lines import provider as provider_named
from calls.models import (
    Call,
    Campaign,
    CampaignMember,
    CampaignState,
    DialerSettings,
    MemberState,
    ProviderState,
)
from calls.operations.gate import gate_many
from calls.origin import Origin
from leads.models import Lead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from calls.compliance import Decision
    from voice.providers.base import Provider

_AT_ONCE = 500  # leads whose facts are read together
_NAMES = 5  # of each group
_PAUSES = frozenset({"paused", "provider_paused", "campaign_paused"})

_LIVE_CALL = ("live_call", "A call or chat with them is under way or waiting already.")
_ELSEWHERE = ("other_campaign", "Another campaign that is under way is calling them already.")


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one lead: called now (no code), called from `again_at` on, or skipped for a reason."""

    lead: Lead
    code: str = ""
    detail: str = ""
    again_at: datetime | None = None
    skipped: bool = False


def passes(decision: Decision) -> bool:
    """Whether a refusal passes by itself, or when people lift a pause."""
    return decision.again_at is not None or decision.code in _PAUSES


def network_of(campaign: Campaign) -> Provider:
    """The provider that a campaign calls over."""
    return provider_named(campaign.provider)


def plan(campaign: Campaign, *, now: datetime) -> Iterator[Planned]:
    """What would become of each chosen lead, by their ids, if the campaign were started now."""
    network, started = network_of(campaign), copy.copy(campaign)
    started.state = CampaignState.RUNNING
    ids = list(chosen(campaign).values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        yield from _plan_some(started, network, ids[start : start + _AT_ONCE], now=now)


def _plan_some(campaign: Campaign, network: Provider, ids: list[int], *, now: datetime) -> Iterator[Planned]:
    leads = list(Lead.objects.filter(pk__in=ids).order_by("pk"))
    talking = set(Call.objects.filter(lead_id__in=ids, status__in=LIVE).values_list("lead_id", flat=True))
    others = CampaignMember.objects.filter(_busy_elsewhere(campaign), lead_id__in=ids)
    elsewhere = set(others.values_list("lead_id", flat=True))
    decisions = gate_many(leads, network, now=now, origin=Origin.CAMPAIGN, campaign=campaign)
    for lead in leads:
        if lead.pk in talking:
            yield Planned(lead, *_LIVE_CALL, skipped=True)
        elif lead.pk in elsewhere:
            yield Planned(lead, *_ELSEWHERE, skipped=True)
        else:
            decision = decisions[lead.pk]
            skipped = not decision.allowed and not passes(decision)
            yield Planned(lead, decision.code, decision.detail, decision.again_at, skipped)


def _busy_elsewhere(campaign: Campaign) -> Q:
    running = Q(campaign__state__in=(CampaignState.RUNNING, CampaignState.PAUSED))
    return running & Q(state__in=(MemberState.WAITING, MemberState.CALLING)) & ~Q(campaign_id=campaign.pk)


@dataclass(slots=True)
class Group:
    """Leads of a preview to whom the same happens. `since` is the first time at which one of them may be called."""

    code: str
    detail: str
    skipped: bool
    count: int = 0
    names: list[str] = field(default_factory=list)
    since: datetime | None = None

    @property
    def more(self) -> int:
        """How many there are beside those who are named."""
        return self.count - len(self.names)


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be called at once, later, and not at all; each group with its reason, the largest first."""

    total: int
    now: int
    later: int
    skipped: int
    groups: list[Group]


def preview(campaign: Campaign, *, now: datetime) -> Preview:
    """Exactly what a start at `now` would make of the chosen leads."""
    groups: dict[tuple[str, bool], Group] = {}
    for one in plan(campaign, now=now):
        group = groups.setdefault((one.code, one.skipped), Group(one.code, one.detail, one.skipped))
        group.count += 1
        if len(group.names) < _NAMES:
            group.names.append(str(one.lead))
        if one.again_at and (group.since is None or one.again_at < group.since):
            group.since = one.again_at
    counts = dict.fromkeys(("now", "later", "skipped"), 0)
    for group in groups.values():
        counts["skipped" if group.skipped else "later" if group.code else "now"] += group.count
    ordered = sorted(groups.values(), key=lambda group: (group.skipped, bool(group.code), -group.count, group.code))
    return Preview(total=sum(counts.values()), groups=ordered, **counts)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many members stand where."""

    waiting: int = 0
    calling: int = 0
    reached: int = 0
    unreached: int = 0
    skipped: int = 0
    qualified: int = 0

    @property
    def total(self) -> int:
        """All members."""
        return self.waiting + self.calling + self.reached + self.unreached + self.skipped


def progress(campaigns: list[int]) -> dict[int, Progress]:
    """How far each campaign is, by its id; one question for all."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    members = CampaignMember.objects.filter(campaign_id__in=campaigns).order_by()
    for campaign, state, count in members.values_list("campaign_id", "state").annotate(Count("pk")):
        counts[campaign][state] = count
    qualified = Call.objects.filter(campaign_id__in=campaigns, disposition=Disposition.QUALIFIED).order_by()
    for campaign, count in qualified.values_list("campaign_id").annotate(Count("lead", distinct=True)):
        counts[campaign]["qualified"] = count
    return {campaign: Progress(**counts[campaign]) for campaign in campaigns}


def going(campaign: Campaign) -> QuerySet[Call]:
    """The calls of a campaign that are under way or wait for their turn, the oldest first."""
    return Call.objects.filter(campaign=campaign, status__in=LIVE).select_related("lead").order_by("pk")


def waits(call: Call, *, now: datetime) -> bool:
    """Whether a live call only waits for the time of its next try, and takes no line."""
    return call.status == CallStatus.QUEUED and call.dial_after is not None and call.dial_after > now


def midnight(now: datetime) -> datetime:
    """When today began, by the project's clock."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def spent_today(campaign: Campaign, *, now: datetime) -> int:
    """Millionths of a US dollar that today's calls of a campaign cost so far, by the project's clock."""
    calls = Call.objects.filter(Q(dialed_at__gte=midnight(now)) | Q(status__in=LIVE), campaign=campaign)
    rows = calls.values_list("provider", "cost_micros", "answered_at", "ended_at", "status", "dial_after")
    return spend_micros(
        (
            Cost(micros, answered, ended, _price(name), placed=status != CallStatus.QUEUED or (due or now) <= now)
            for name, micros, answered, ended, status, due in rows
        ),
        now=now,
    )


def hold(campaign: Campaign, *, now: datetime) -> str:
    """Why a running campaign begins no calls: not_begun, paused, provider_paused, spend_cap; empty where it does."""
    if campaign.starts_at and campaign.starts_at > now:
        return "not_begun"
    if DialerSettings.current().paused:
        return "paused"
    if ProviderState.objects.filter(provider=network_of(campaign).name, paused=True).exists():
        return "provider_paused"
    cap = campaign.daily_spend_cap
    return "spend_cap" if cap is not None and spent_today(campaign, now=now) >= cap * MICROS else ""


def affordable(campaign: Campaign, *, now: datetime) -> int | None:
    """How many more calls today's spend has room for, each of one minute; None where there is no limit."""
    price = round(_price(network_of(campaign).name) * MICROS)
    if campaign.daily_spend_cap is None or not price:
        return None
    left = int(campaign.daily_spend_cap * MICROS) - spent_today(campaign, now=now)
    return max(0, left // price)


def members_of(campaign: Campaign, *, shown: str = "") -> QuerySet[CampaignMember]:
    """The members, by when they were chosen; those in one state, or the qualified ones, where `shown` names it."""
    members = CampaignMember.objects.filter(campaign=campaign).select_related("lead").order_by("pk")
    if shown == "qualified":
        calls = Call.objects.filter(campaign=campaign, disposition=Disposition.QUALIFIED)
        return members.filter(lead_id__in=calls.values("lead_id"))
    return members.filter(state=shown) if shown in MemberState.values else members


def missed(campaign: Campaign) -> QuerySet[CampaignMember]:
    """Who was not reached, or whose turn never came: the members to call again."""
    never_tried = Q(state=MemberState.SKIPPED, code__in=(CampaignState.STOPPED, CampaignState.FINISHED))
    return CampaignMember.objects.filter(Q(state=MemberState.UNREACHED) | never_tried, campaign=campaign)


def next_due(campaign: Campaign) -> datetime | None:
    """The earliest time at which a waiting member may be called; None where nobody waits."""
    waiting = CampaignMember.objects.filter(campaign=campaign, state=MemberState.WAITING)
    first: datetime | None = waiting.aggregate(first=Min("next_at"))["first"]
    return first


def state_of_provider(campaign: Campaign) -> ProviderState | None:
    """The provider's state where it is paused; None where calls go out."""
    return ProviderState.objects.filter(provider=network_of(campaign).name, paused=True).first()


def _price(name: str) -> float:
    try:
        return provider_named(name).cost_per_minute
    except KeyError:  # a provider of former times
        return 0.0
