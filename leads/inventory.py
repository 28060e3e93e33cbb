"""What is on offer, and which of it fits a requirement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leads.models import Listing, ListingPurpose, ListingStatus
from leads.qualification import ListingFacts, matches

if TYPE_CHECKING:
    from leads.qualification import RequirementFacts

_PURPOSE = {ListingPurpose.SALE.value: "buy", ListingPurpose.RENT.value: "rent"}


def has_inventory() -> bool:
    """Whether the brokerage keeps listings at all; without any, availability is not a criterion."""
    return Listing.objects.exists()


def matching_listings(wanted: RequirementFacts) -> list[Listing]:
    """Every available listing that nothing known of the requirement rules out, cheapest first."""
    available = Listing.objects.filter(status=ListingStatus.AVAILABLE)
    if wanted.budget_max is not None:
        available = available.filter(price__lte=wanted.budget_max)
    return [listing for listing in available.order_by("price", "pk") if matches(wanted, facts_of(listing))]


def facts_of(listing: Listing) -> ListingFacts:
    """A listing as pure facts."""
    return ListingFacts(
        city=listing.city,
        locality=listing.locality,
        category=listing.category,
        property_type=listing.property_type,
        bedrooms=float(listing.bedrooms) if listing.bedrooms is not None else None,
        price=listing.price,
        purpose=_PURPOSE[listing.offered_for],
    )
