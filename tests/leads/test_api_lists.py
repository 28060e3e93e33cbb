"""Lists of leads over HTTP: narrowed down, ordered, cut into pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework.request import Request

import leads.api
from leads.models import Lead, Requirement
from realty.rest.pages import Ordering
from tests.api_client import NOW, master

pytestmark = pytest.mark.django_db

LEADS = "/api/v1/leads"
KNOWN = (
    *("budget_at_least", "budget_at_most", "city", "created_after", "created_before", "do_not_call", "format"),
    *("ordering", "owner", "page", "page_size", "phone", "search", "source", "status"),
    *("updated_after", "updated_before"),
)


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
