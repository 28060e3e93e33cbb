"""Is this lead worth a sales call: requirement, consent and availability in; status, score and reasons out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from leads.display import rupees

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["qualified", "not_qualified"]

_CITY_NAMES = {
    "gurgaon": "gurugram",
    "bangalore": "bengaluru",
    "bombay": "mumbai",
    "banaras": "varanasi",
    "calcutta": "kolkata",
    "madras": "chennai",
    "noida extension": "greater noida west",
}
_TYPES_WITHOUT_BEDROOMS = frozenset({"plot", "studio"})


@dataclass(frozen=True, slots=True)
class Place:
    """A city, and a locality in it; an empty locality means anywhere in the city."""

    city: str
    locality: str = ""


@dataclass(frozen=True, slots=True)
class RequirementFacts:
    """What a lead wants; money in whole rupees, None and empty text where it is not known."""

    locations: tuple[Place, ...] = ()
    category: str = ""
    property_type: str = ""
    bedrooms_min: float | None = None
    bedrooms_max: float | None = None
    budget_min: int | None = None
    budget_max: int | None = None
    purpose: str = ""

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> RequirementFacts:
        """Read the slots of a conversation; slots that say nothing of the requirement are ignored."""
        known = {key: slots[key] for key in cls.__dataclass_fields__ if slots.get(key) is not None}
        places = known.pop("locations", ())
        return cls(**known, locations=tuple(Place(one["city"], one["locality"] or "") for one in places))


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """What is for sale or rent; price in whole rupees (a month, when it is for rent)."""

    city: str
    category: str
    price: int
    locality: str = ""
    property_type: str = ""
    bedrooms: float | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for (`met` True) or against (False) a lead, or is not known (None)."""

    code: str
    sentence: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is 0 to 100: how ready the lead is for a salesperson, whatever the status."""

    status: Status
    score: int
    reasons: tuple[Reason, ...] = field(default=())


def matches(requirement: RequirementFacts, listing: ListingFacts) -> bool:
    """True when nothing known about the listing contradicts what is known of the requirement."""
    return (
        _place_matches(requirement, listing)
        and _same_or_unknown(requirement.category, listing.category)
        and _same_or_unknown(requirement.property_type, listing.property_type)
        and _bedrooms_match(requirement, listing)
        and _price_matches(requirement, listing)
        and _purpose_matches(requirement, listing)
    )


def qualify(requirement: RequirementFacts, *, consent: bool | None, availability: int | None) -> Verdict:
    """Judge a lead. `availability` counts matching listings; None where there is no inventory to match against."""
    weighed = (
        (_consent(consent), 40),
        (_budget(requirement), 25),
        (_known("location", "Location", requirement.locations), 15),
        (_known("category", "Residential or commercial", requirement.category), 5),
        (_known("property_type", "Property type", requirement.property_type), 5),
        (_bedrooms(requirement), 5),
        (_availability(availability), 5),
    )
    qualified = consent is True and _has_budget(requirement) and availability != 0
    return Verdict(
        status="qualified" if qualified else "not_qualified",
        score=sum(weight for reason, weight in weighed if reason.met),
        reasons=tuple(reason for reason, _ in weighed),
    )


def _place_matches(requirement: RequirementFacts, listing: ListingFacts) -> bool:
    if not requirement.locations:
        return True
    return any(
        _canonical(place.city) == _canonical(listing.city)
        and _same_or_unknown(_canonical(place.locality), _canonical(listing.locality))
        for place in requirement.locations
    )


def _canonical(name: str) -> str:
    plain = " ".join(name.casefold().replace("-", " ").split())
    return _CITY_NAMES.get(plain, plain)


def _same_or_unknown(wanted: str, offered: str) -> bool:
    return not wanted or not offered or wanted == offered


def _bedrooms_match(requirement: RequirementFacts, listing: ListingFacts) -> bool:
    if listing.bedrooms is None:
        return True
    low, high = requirement.bedrooms_min, requirement.bedrooms_max
    return (low is None or listing.bedrooms >= low) and (high is None or listing.bedrooms <= high)


def _price_matches(requirement: RequirementFacts, listing: ListingFacts) -> bool:
    """A ceiling is a ceiling; a floor excludes cheaper listings only where it is all that the lead named."""
    if requirement.budget_max is not None:
        return listing.price <= requirement.budget_max
    return requirement.budget_min is None or listing.price >= requirement.budget_min


def _purpose_matches(requirement: RequirementFacts, listing: ListingFacts) -> bool:
    wanted = "buy" if requirement.purpose == "invest" else requirement.purpose
    return _same_or_unknown(wanted, listing.purpose)


def _has_budget(requirement: RequirementFacts) -> bool:
    return requirement.budget_min is not None or requirement.budget_max is not None


def _consent(consent: bool | None) -> Reason:
    if consent is None:
        return Reason("consent_unknown", "Consent to a sales call was not answered.", met=None)
    if consent:
        return Reason("consent_given", "Agreed to a call from a sales representative.", met=True)
    return Reason("consent_declined", "Declined a call from a sales representative.", met=False)


def _budget(requirement: RequirementFacts) -> Reason:
    if not _has_budget(requirement):
        return Reason("budget_unknown", "Budget is not known as a figure.", met=None)
    low, high = requirement.budget_min, requirement.budget_max
    if low is None:
        said = f"up to {rupees(high)}"
    elif high is None:
        said = f"{rupees(low)} or more"
    else:
        said = f"{rupees(low)} to {rupees(high)}"
    return Reason("budget_known", f"Budget: {said}.", met=True)


def _known(code: str, label: str, value: object) -> Reason:
    if value:
        return Reason(f"{code}_known", f"{label} is known.", met=True)
    return Reason(f"{code}_unknown", f"{label} is not known.", met=None)


def _bedrooms(requirement: RequirementFacts) -> Reason:
    if requirement.category == "commercial" or requirement.property_type in _TYPES_WITHOUT_BEDROOMS:
        return Reason("bedrooms_not_applicable", "Bedrooms do not apply to this kind of property.", met=True)
    return _known("bedrooms", "Number of bedrooms", requirement.bedrooms_min or requirement.bedrooms_max)


def _availability(availability: int | None) -> Reason:
    if availability is None:
        return Reason("availability_not_checked", "There are no listings to match against.", met=None)
    if availability == 0:
        return Reason("no_listing", "No listing matches the requirement.", met=False)
    plural = "listing matches" if availability == 1 else "listings match"
    return Reason("listing_available", f"{availability} {plural} the requirement.", met=True)
