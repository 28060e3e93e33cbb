"""Listings, and the question whether a lead qualifies for one, over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leads.models import Listing, Requirement
from tests.api_client import NOW, client_who_may, master, wanting

pytestmark = pytest.mark.django_db


def listing(**fields: object) -> Listing:
    values = {
        "reference": "PUN-1",
        "title": "2 BHK in Wakad",
        "city": "Pune",
        "locality": "Wakad",
        "category": "residential",
        "property_type": "apartment",
        "bedrooms": Decimal(2),
        "price": 6_500_000,
        "created_at": NOW,
    }
    return Listing.objects.create(**{**values, **fields})


def test_a_requirement_that_is_not_stored_is_judged() -> None:
    fits = listing()
    listing(reference="PUN-2", price=9_000_000)
    sent = {"requirement": {"locations": [{"city": "Pune"}], "budget_max": 7_000_000}, "consent": True}
    answer = client_who_may("leads.view_listing").post("/api/v1/qualify", sent)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "qualified",
        "score": 85,
        "reasons": [
            {"code": "consent_given", "sentence": "Agreed to a call from a sales representative.", "met": True},
            {"code": "budget_known", "sentence": "Budget: up to ₹70 lakh.", "met": True},
            {"code": "location_known", "sentence": "Location is known.", "met": True},
            {"code": "category_unknown", "sentence": "Residential or commercial is not known.", "met": None},
            {"code": "property_type_unknown", "sentence": "Property type is not known.", "met": None},
            {"code": "bedrooms_unknown", "sentence": "Number of bedrooms is not known.", "met": None},
            {"code": "listing_available", "sentence": "1 listing matches the requirement.", "met": True},
        ],
        "matching_count": 1,
        "matching_listings": [
            {
                "id": fits.pk,
                "reference": "PUN-1",
                "title": "2 BHK in Wakad",
                "city": "Pune",
                "locality": "Wakad",
                "category": "residential",
                "property_type": "apartment",
                "bedrooms": 2,
                "price": 6_500_000,
                "offered_for": "sale",
                "area_sqft": None,
                "status": "available",
                "description": "",
                "created_at": "2026-03-10T14:30:00+05:30",
            }
        ],
    }
    assert Requirement.objects.count() == 0


@pytest.mark.parametrize(
    ("consent", "status"), [(True, "qualified"), (False, "not_qualified"), (None, "not_qualified")]
)
def test_consent_decides(consent: bool | None, status: str) -> None:
    sent = {"requirement": {"budget_max": 7_000_000}, "consent": consent}
    assert master().post("/api/v1/qualify", sent).json()["status"] == status


def test_a_stored_lead_is_judged_again_and_the_verdict_kept() -> None:
    lead = wanting(consent=True)
    listing()
    answer = master().post("/api/v1/qualify", {"lead": lead.pk})
    lead.refresh_from_db()
    assert (answer.json()["status"], answer.json()["matching_count"]) == ("qualified", 1)
    assert (lead.status, lead.score) == ("qualified", answer.json()["score"])


def test_judging_a_lead_needs_the_permission_to_change_it() -> None:
    lead = wanting(consent=True)
    answer = client_who_may("leads.view_listing", "leads.view_lead").post("/api/v1/qualify", {"lead": lead.pk})
    lead.refresh_from_db()
    assert (answer.status_code, answer.json()["code"], lead.status) == (403, "permission_denied", "new")


@pytest.mark.parametrize("sent", [{}, {"lead": 1, "requirement": {}}, {"consent": True}])
def test_qualify_takes_a_lead_or_a_requirement(sent: dict[str, object]) -> None:
    if "lead" in sent:
        sent = {**sent, "lead": wanting().pk}
    assert master().post("/api/v1/qualify", sent).json()["errors"] == [
        {"field": "", "code": "one_of", "detail": "Send either lead or requirement."}
    ]


def test_listings_are_entered_and_narrowed_down() -> None:
    client = master()
    sent = {
        "reference": "MUM-1",
        "title": "Shop in Powai",
        "city": "Mumbai",
        "category": "commercial",
        "property_type": "shop",
        "price": 20_000_000,
    }
    listing()
    assert client.post("/api/v1/listings", sent).status_code == 201
    assert client.post("/api/v1/listings", sent).json()["errors"] == [
        {"field": "reference", "code": "unique", "detail": "listing with this reference already exists."}
    ]
    found = client.get("/api/v1/listings?city=mumbai&property_type=shop&price_max=20000000").json()["results"]
    assert [row["reference"] for row in found] == ["MUM-1"]
