"""Leads, listings and the question whether a lead qualifies, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework.request import Request

import leads.api
from calls.models import Call
from leads import operations
from leads.models import Activity, ErasedNumber, Lead, Listing, Requirement, Suppression
from leads.models.erased import digests_of
from realty.rest.pages import Ordering
from tests.api_client import client_who_may, master

pytestmark = pytest.mark.django_db

LEADS = "/api/v1/leads"
KNOWN = (
    *("budget_at_least", "budget_at_most", "city", "created_after", "created_before", "do_not_call", "format"),
    *("ordering", "owner", "page", "page_size", "phone", "search", "source", "status"),
    *("updated_after", "updated_before"),
)
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def wanting(**fields: object) -> Lead:
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820000001", email="meena@example.com", created_at=NOW)
    values = {"locations": [{"city": "Pune", "locality": "Wakad"}], "budget_max": 7_000_000, **fields}
    Requirement.objects.create(lead=lead, **values)
    return lead


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


def as_json(lead: Lead, **changes: object) -> dict[str, object]:
    lead.refresh_from_db()
    body = {
        "id": lead.pk,
        "name": "Meena Kulkarni",
        "phone": "+919820000001",
        "email": "meena@example.com",
        "language": "en-IN",
        "time_zone": "Asia/Kolkata",
        "source": "staff",
        "status": "new",
        "score": None,
        "score_reasons": [],
        "owner": None,
        "do_not_call": False,
        "notes": "",
        "requirement": {
            "locations": [{"city": "Pune", "locality": "Wakad"}],
            "category": "",
            "property_type": "",
            "bedrooms_min": None,
            "bedrooms_max": None,
            "budget_min": None,
            "budget_max": 7_000_000,
            "purpose": "",
            "timeline_months": None,
            "consent": None,
            "evidence": {},
            "updated_at": written(lead.requirement.updated_at),
        },
        "created_at": "2026-03-10T14:30:00+05:30",
        "updated_at": written(lead.updated_at),
        "last_contacted_at": None,
    }
    return {**body, **changes}


def written(moment: datetime) -> str:
    from django.utils.timezone import localtime

    return localtime(moment).isoformat()


def test_a_lead_is_read_whole() -> None:
    lead = wanting()
    answer = client_who_may("leads.view_lead").get(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, answer.json()) == (200, as_json(lead))


def test_a_lead_is_entered_with_what_they_want() -> None:
    sent = {
        "name": "Meena Kulkarni",
        "phone": "098200 00001",
        "email": "meena@example.com",
        "requirement": {"locations": [{"city": "poona", "locality": "Wakad"}], "budget_max": 7_000_000},
    }
    answer = client_who_may("leads.add_lead").post(LEADS, sent)
    lead = Lead.objects.get()
    expected = as_json(lead, source="api", created_at=written(lead.created_at))
    assert (answer.status_code, answer.json()) == (201, expected)
    assert list(Activity.objects.values_list("kind", "text", "actor__username")) == [
        ("created", "Entered through the API.", "program")
    ]


def test_a_lead_without_a_requirement_gets_an_empty_one() -> None:
    answer = master().post(LEADS, {"phone": "+919820000001"})
    assert answer.json()["requirement"]["locations"] == []


def test_a_second_lead_with_a_number_is_refused_with_the_id_of_the_first() -> None:
    lead = wanting()
    answer = master().post(LEADS, {"name": "Somebody", "phone": "98200-00001"})
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "duplicate_phone",
        "detail": "Another lead has this number already. Change that one instead; its id is in existing_id.",
        "field": "phone",
        "existing_id": lead.pk,
    }
    assert Lead.objects.count() == 1


def test_moving_a_lead_to_a_taken_number_is_refused_the_same_way() -> None:
    lead = wanting()
    other = Lead.objects.create(phone="+919820000002")
    answer = master().patch(f"{LEADS}/{other.pk}", {"phone": "9820000001"})
    assert (answer.status_code, answer.json()["existing_id"]) == (409, lead.pk)


def test_nonsense_is_refused_field_by_field() -> None:
    sent = {
        "phone": "12345",
        "time_zone": "Mars/Olympus",
        "requirement": {"locations": [{"locality": "Wakad"}], "budget_min": "lots", "bedrooms_min": 2.25},
    }
    answer = master().post(LEADS, sent)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "invalid",
        "detail": "The request cannot be used as it is. See errors.",
        "errors": [
            {
                "field": "phone",
                "code": "invalid_phone",
                "detail": "This phone number has too few digits. An Indian number has ten, like 98765 43210.",
            },
            {
                "field": "time_zone",
                "code": "unknown_time_zone",
                "detail": "No such time zone. Write one like Asia/Kolkata.",
            },
            {"field": "requirement.locations.0.city", "code": "required", "detail": "This field is required."},
            {
                "field": "requirement.bedrooms_min",
                "code": "max_decimal_places",
                "detail": "Ensure that there are no more than 1 decimal places.",
            },
            {"field": "requirement.budget_min", "code": "invalid", "detail": "A valid integer is required."},
        ],
    }


@pytest.mark.parametrize("zone", ["Mars/Phobos", "Asia"])
def test_a_lead_keeps_their_clock_when_the_new_one_does_not_exist(zone: str) -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"time_zone": zone})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["time_zone"])


def test_a_range_is_refused_when_half_of_it_contradicts_the_other_half_in_store() -> None:
    lead = wanting(budget_max=5_000_000)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"requirement": {"budget_min": 6_000_000}})
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [
            {
                "field": "requirement.budget_max",
                "code": "out_of_order",
                "detail": "budget_max must not be below budget_min.",
            }
        ],
    )


def test_a_patch_changes_what_it_names_and_drops_the_words_that_no_longer_prove_it() -> None:
    said = {"call": 1, "turn": 2, "words": "seventy lakhs"}
    lead = wanting(evidence={"budget_max": said, "locations": said})
    sent = {"notes": "Call after six", "requirement": {"budget_max": 8_000_000}}
    answer = master().patch(f"{LEADS}/{lead.pk}", sent)
    lead.refresh_from_db()
    unheard = dict.fromkeys(("recording", "start_s", "end_s", "confidence"))  # nothing of it was recorded
    evidence = {"locations": said | unheard}
    requirement = {**as_json(lead)["requirement"], "budget_max": 8_000_000, "evidence": evidence}
    assert (answer.status_code, answer.json()) == (200, as_json(lead, notes="Call after six", requirement=requirement))


def test_a_patch_leaves_what_a_call_wrote_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    lead = wanting()

    def ended_meanwhile(serializer: object) -> object:
        Lead.objects.filter(pk=lead.pk).update(score=90, status="qualified")
        return split(serializer)

    split = leads.api._split
    monkeypatch.setattr("leads.api._split", ended_meanwhile)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"notes": "Call after six"})
    lead.refresh_from_db()
    assert (answer.json()["score"], lead.score, lead.status, lead.notes) == (90, 90, "qualified", "Call after six")


def test_a_status_set_by_a_program_is_on_the_timeline() -> None:
    lead = wanting()
    assert master().patch(f"{LEADS}/{lead.pk}", {"status": "contacted"}).json()["status"] == "contacted"
    assert list(Activity.objects.values_list("kind", "text")) == [
        ("status", "Status set to contacted through the API.")
    ]


def test_a_put_of_what_was_read_changes_nothing() -> None:
    lead = wanting(bedrooms_min=Decimal("2.5"))
    client = master()
    before = client.get(f"{LEADS}/{lead.pk}").json()
    after = client.put(f"{LEADS}/{lead.pk}", before).json()
    after["updated_at"], after["requirement"]["updated_at"] = before["updated_at"], before["requirement"]["updated_at"]
    assert after == before


def test_a_put_of_one_field_leaves_the_others() -> None:
    lead = wanting()
    answer = master().put(f"{LEADS}/{lead.pk}", {"notes": "Rings in the evening."})
    assert (answer.status_code, answer.json()) == (200, as_json(lead, notes="Rings in the evening."))


def test_do_not_call_suppresses_the_number() -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"do_not_call": True})
    assert (answer.json()["do_not_call"], answer.json()["status"]) == (True, "do_not_call")
    assert [str(one.phone) for one in Suppression.objects.all()] == ["+919820000001"]


def test_do_not_call_is_not_taken_back_without_the_permission() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    client = client_who_may("leads.view_lead", "leads.change_lead")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"do_not_call": False, "notes": "please"})
    assert (answer.status_code, answer.json()) == (
        403,
        {
            "code": "do_not_call_stands",
            "detail": "The lead asked not to be called. "
            "Only users who may delete numbers not to call can take this back.",
            "field": "do_not_call",
        },
    )
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.notes) == (True, "")


def test_do_not_call_is_taken_back_with_the_permission_and_leaves_a_trace() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    client = client_who_may("leads.change_lead", "leads.delete_suppression")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"do_not_call": False})
    assert (answer.status_code, answer.json()["status"], Suppression.objects.count()) == (200, "contacted", 0)
    assert Activity.objects.latest("pk").actor == User.objects.get(username="program")


@pytest.mark.parametrize(
    ("stands", "sent"),
    [
        (True, {"status": "qualified", "notes": "please"}),
        (True, {"status": "new", "do_not_call": True}),
        (False, {"status": "qualified", "do_not_call": True}),
    ],
)
def test_beside_do_not_call_no_other_status_is_set(stands: bool, sent: dict[str, object]) -> None:
    lead = wanting()
    if stands:
        operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    before = as_json(lead, status="do_not_call" if stands else "new", do_not_call=stands)
    client = master()
    answer = client.patch(f"{LEADS}/{lead.pk}", sent)
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "code": "do_not_call_stands",
            "detail": "The lead asked not to be called, so no other status can be set. Take do_not_call back first.",
            "field": "status",
        },
    )
    assert client.get(f"{LEADS}/{lead.pk}").json() == before


def test_a_new_lead_is_not_both_never_called_and_qualified() -> None:
    sent = {"phone": "9820000001", "do_not_call": True, "status": "qualified"}
    answer = master().post(LEADS, sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "do_not_call_stands")
    assert not Lead.objects.exists()


def test_taking_do_not_call_back_may_set_the_status_at_once() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"do_not_call": False, "status": "new"})
    assert (answer.status_code, answer.json()) == (200, as_json(lead, status="new"))


def test_the_status_do_not_call_is_not_set_by_hand() -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"status": "do_not_call"})
    assert answer.json()["errors"] == [
        {"field": "status", "code": "use_do_not_call", "detail": "Send do_not_call: true instead."}
    ]


def test_a_deleted_lead_stays_suppressed() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    answer = master().delete(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, Lead.objects.count(), Suppression.objects.count()) == (204, 0, 1)


def test_a_lead_in_a_call_is_not_deleted() -> None:
    lead = wanting()
    Call.objects.create(lead=lead, provider="pretend", status="in_progress")
    answer = master().delete(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, answer.json()["code"], Lead.objects.count()) == (409, "live_call", 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=new", {"a", "b"}),
        ("status=new&status=qualified", {"a", "b", "c"}),
        ("source=portal", {"b"}),
        ("city=pune", {"a"}),
        ("city=pun", set()),
        ("do_not_call=true", {"c"}),
        ("do_not_call=False", {"a", "b"}),
        ("do_not_call=", {"a", "b", "c"}),
        ("phone=098200 00002", {"b"}),
        ("phone=%2B91-98200-00002", {"b"}),
        ("phone=9820000009", set()),
        ("search=Asha", {"a"}),
        ("search=98200 00002", {"b"}),
        ("search=%2B919820000002", {"b"}),
        ("search=09820000002", {"b"}),
        ("search=00002", {"b"}),
        ("search=b@EXAMPLE", {"b"}),
        ("budget_at_least=5000000", {"a"}),
        ("budget_at_most=5000000", {"b"}),
        ("created_after=2026-03-02T00:00:00Z", {"b", "c"}),
        ("created_before=2026-03-02T00:00:00Z", {"a"}),
        ("updated_before=2026-01-01T00:00:00Z", set()),
    ],
)
def test_leads_are_narrowed_down(query: str, found: set[str]) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    a = Lead.objects.create(name="a Asha", phone="+919820000001", created_at=day)
    b = Lead.objects.create(name="b", phone="+919820000002", email="b@example.com", source="portal", created_at=NOW)
    Lead.objects.create(name="c", status="qualified", do_not_call=True, created_at=NOW)
    Requirement.objects.create(lead=a, locations=[{"city": "Pune", "locality": None}], budget_max=6_000_000)
    Requirement.objects.create(lead=b, budget_max=4_000_000)
    rows = master().get(f"{LEADS}?{query}").json()["results"]
    assert {row["name"][0] for row in rows} == found


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "phone=12345",
            (
                "phone",
                "invalid_phone",
                "This phone number has too few digits. An Indian number has ten, like 98765 43210.",
            ),
        ),
        ("do_not_call=perhaps", ("do_not_call", "invalid", "Write true or false.")),
        (
            "page=1&page_size=5&ordering=name&format=json&dnc=true",
            (
                "dnc",
                "unknown",
                "No such parameter. Known are: " + ", ".join(KNOWN) + ".",
            ),
        ),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(query: str, error: tuple[str, str, str]) -> None:
    answer = master().get(f"{LEADS}?{query}")
    errors = [dict(zip(("field", "code", "detail"), error, strict=True))]
    detail = "The request cannot be used as it is. See errors."
    assert (answer.status_code, answer.json()) == (400, {"code": "invalid", "detail": detail, "errors": errors})


def test_leads_are_narrowed_down_by_owner() -> None:
    owner = User.objects.create_user("priya", is_staff=True)
    Lead.objects.create(name="hers", owner=owner)
    Lead.objects.create(name="nobody's")
    assert [row["name"] for row in master().get(f"{LEADS}?owner={owner.pk}").json()["results"]] == ["hers"]


def test_a_list_is_cut_into_pages() -> None:
    for number in range(5):
        Lead.objects.create(name="same", phone=f"+91982000000{number}", created_at=NOW)
    client = master()
    pages = [client.get(f"{LEADS}?ordering=name&page_size=2&page={page}").json() for page in (1, 2, 3)]
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert len({row["id"] for page in pages for row in page["results"]}) == 5
    assert pages[0]["count"] == 5


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ("-created_at", "-pk")),
        ("name", ("name", "pk")),
        ("-score,name", ("-score", "name", "-pk")),
        ("no", ("-created_at", "-pk")),
    ],
)
def test_equal_rows_keep_their_place_from_page_to_page(query: str, order: tuple[str, ...]) -> None:
    request = Request(RequestFactory().get("/", {"ordering": query}))
    assert Ordering().filter_queryset(request, Lead.objects.all(), leads.api.LeadViewSet()).query.order_by == order


def test_a_page_has_at_most_two_hundred_rows() -> None:
    Lead.objects.bulk_create(Lead(name=str(number)) for number in range(205))
    assert len(master().get(f"{LEADS}?page_size=5000").json()["results"]) == 200


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_of_any_length_takes_the_same_queries(rows: int, django_assert_num_queries: object) -> None:
    for number in range(rows):
        Requirement.objects.create(lead=Lead.objects.create(name=str(number)), budget_max=1)
    client = master()
    with django_assert_num_queries(4):  # the key, the user's keys, the count, the rows
        client.get(LEADS)


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


def test_a_number_that_was_erased_is_not_allowed_again_by_the_change_that_brings_it() -> None:
    lead = wanting()
    ErasedNumber.objects.create(digest=digests_of("+919820000077")[0])
    client = client_who_may("leads.view_lead", "leads.change_lead")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"phone": "+919820000077", "do_not_call": False})
    assert (answer.status_code, answer.json()["do_not_call"], ErasedNumber.objects.count()) == (200, True, 1)
