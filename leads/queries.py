"""Reads across leads: what they want, what was promised to them, how the week went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Count, Model, Q

from leads.models import (
    Activity,
    FollowUp,
    FollowUpKind,
    Lead,
    LeadStatus,
    Listing,
    ListingPurpose,
    ListingStatus,
    Requirement,
)
from leads.phones import normalise
from leads.qualification import ListingFacts, RequirementFacts, matches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)

_PHONE_LIKE = re.compile(r"(?=(?:\D*\d){3})[\d\s()+./-]+", re.ASCII)

SLOTS = (
    "locations",
    "category",
    "property_type",
    "bedrooms_min",
    "bedrooms_max",
    "budget_min",
    "budget_max",
    "purpose",
    "timeline_months",
    "consent",
)
LISTING_FIELDS = (
    "reference",
    "title",
    "city",
    "locality",
    "category",
    "property_type",
    "bedrooms",
    "price",
    "offered_for",
    "area_sqft",
    "status",
    "description",
)


def slots_of(requirement: Requirement | None) -> dict[str, Any]:
    """Slot to value as the dialogue spells them; empty where the lead has no requirement yet."""
    return {slot: getattr(requirement, slot) for slot in SLOTS} if requirement else {}


def empty_value(slot: str) -> Any:
    """What a requirement holds in a slot of which nothing is known."""
    return {"locations": [], "category": "", "property_type": "", "purpose": ""}.get(slot)


def requirement_of(lead: Lead) -> Requirement | None:
    """The lead's requirement, or None; no query where it was selected with the lead."""
    return getattr(lead, "requirement", None)


def has_inventory() -> bool:
    """Whether there are listings at all; without any, availability is no criterion."""
    return Listing.objects.exists()


def matching_listings(wanted: RequirementFacts) -> list[Listing]:
    """The available listings that nothing known of the requirement contradicts, in their usual order."""
    # The database narrows by what it can compare; names of places are compared by the pure rule.
    found = Listing.objects.filter(status=ListingStatus.AVAILABLE)
    if wanted.category:
        found = found.filter(category=wanted.category)
    if wanted.property_type:
        found = found.filter(property_type=wanted.property_type)
    if wanted.budget_max is not None:
        found = found.filter(price__lte=wanted.budget_max)
    return [listing for listing in found if matches(wanted, _facts(listing))]


def is_on_offer(slots: Mapping[str, Any]) -> bool | None:
    """Whether an available listing meets a requirement, slot to value; None where there are no listings at all."""
    return bool(matching_listings(RequirementFacts.from_slots(slots))) if has_inventory() else None


def _facts(listing: Listing) -> ListingFacts:
    return ListingFacts(
        city=listing.city,
        category=listing.category,
        price=listing.price,
        locality=listing.locality,
        property_type=listing.property_type,
        bedrooms=float(listing.bedrooms) if listing.bedrooms is not None else None,
        purpose="rent" if listing.offered_for == ListingPurpose.RENT else "buy",
    )


def matching_phone(rows: QuerySet[Row], typed: str, *, field: str = "phone") -> QuerySet[Row] | None:
    """The rows whose number is, or holds, what was typed in any spelling; None where that is no phone number."""
    if not _PHONE_LIKE.fullmatch(typed):
        return None
    try:
        return rows.filter(**{field: normalise(typed)})
    except ValueError:
        # Part of a number. The trunk zero is not stored, and neither are blanks and signs.
        return rows.filter(**{f"{field}__contains": re.sub(r"\D", "", typed, flags=re.ASCII).lstrip("0")})


def listed_places() -> list[tuple[str, str]]:
    """Each city and locality (empty: none was entered) that listings name, sold ones included: callers still ask."""
    return list(Listing.objects.order_by().values_list("city", "locality").distinct())


def wanted_cities() -> list[str]:
    """The cities where there are listings, by name."""
    return list(Listing.objects.order_by("city").values_list("city", flat=True).distinct())


def open_promises(lead: Lead) -> QuerySet[FollowUp]:
    """What was promised to a lead and not kept yet, the earliest first."""
    return lead.follow_ups.filter(done_at__isnull=True).order_by("due_at", "pk")


def callbacks_due(*, until: datetime) -> QuerySet[FollowUp]:
    """Open promises to ring back, and people asked for, due by `until` or at no named time; the oldest first."""
    kinds = (FollowUpKind.CALLBACK, FollowUpKind.HAND_OFF)
    due = Q(due_at__isnull=True) | Q(due_at__lte=until)
    return _open().filter(due, kind__in=kinds).order_by("due_at", "created_at", "pk")


def missed_wishes(promises: Collection[FollowUp]) -> dict[int, int]:
    """The ids of calls in which leads seem to ask to be left alone, by all their promises, until staff have looked."""
    leads = {one.lead_id for one in promises}
    open_still = FollowUp.objects.filter(lead__in=leads, kind=FollowUpKind.HAND_OFF, done_at=None)
    waits = {one.lead_id: one for one in open_still}
    told = Activity.objects.filter(lead__in=leads, data__has_key="not_to_call_in").order_by("pk")
    calls = {one.lead_id: one.data["not_to_call_in"] for one in told if _tells(waits.get(one.lead_id), one)}
    return {one.pk: calls[one.lead_id] for one in promises if one.lead_id in calls}


def _tells(promise: FollowUp | None, wish: Activity) -> bool:
    """Whether a hand-off is open for a wish; what was promised since may have taken the place of its note."""
    return promise is not None and (wish.text in promise.note or promise.created_at <= wish.at)


def waiting_for_sales() -> QuerySet[FollowUp]:
    """Qualified leads that no sales representative has called yet, the longest waiting first."""
    return _open().filter(kind=FollowUpKind.SALES_CALL).order_by("created_at", "pk")


def _open() -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(done_at__isnull=True).select_related("lead__requirement", "lead__owner")


def week(*, since: datetime) -> dict[str, int]:
    """How many leads came in since `since`, how many of those are qualified, and how many leads there are."""
    new = Q(created_at__gte=since)
    return Lead.objects.aggregate(
        leads=Count("pk"),
        new_leads=Count("pk", filter=new),
        new_qualified=Count("pk", filter=new & Q(status=LeadStatus.QUALIFIED)),
    )
