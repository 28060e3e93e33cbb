"""The doors of the API: keys, errors, slashes, the OpenAPI document."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from leads.models import Lead
from tests.api_client import client_of, client_who_may, master

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db

LEADS = "/api/v1/leads"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("api_key", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_the_openapi_document_is_valid_and_without_warnings(tmp_path: object) -> None:
    file = tmp_path / "schema.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    assert sorted(yaml.safe_load(file.read_text())["paths"]) == [
        "/api/v1/calls",
        "/api/v1/calls/{id}",
        "/api/v1/calls/{id}/cancel",
        "/api/v1/calls/{id}/recordings",
        "/api/v1/calls/{id}/transcript",
        "/api/v1/campaigns",
        "/api/v1/campaigns/{id}",
        "/api/v1/campaigns/{id}/members",
        "/api/v1/campaigns/{id}/pause",
        "/api/v1/campaigns/{id}/preview",
        "/api/v1/campaigns/{id}/redial",
        "/api/v1/campaigns/{id}/resume",
        "/api/v1/campaigns/{id}/start",
        "/api/v1/campaigns/{id}/stop",
        "/api/v1/leads",
        "/api/v1/leads/{id}",
        "/api/v1/leads/{id}/chat-link",
        "/api/v1/leads/{id}/recordings",
        "/api/v1/listings",
        "/api/v1/listings/{id}",
        "/api/v1/qualify",
        "/api/v1/reviews",
        "/api/v1/reviews/{id}",
        "/api/v1/reviews/{id}/decide",
    ]


def test_what_may_not_be_sent_empty_is_not_offered_so(client: Client) -> None:
    document = client.get("/api/v1/schema/?format=json").json()
    post = document["paths"]["/api/v1/campaigns"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    draft = document["components"]["schemas"][post["$ref"].rsplit("/", 1)[1]]
    assert "BlankEnum" not in json.dumps(draft["properties"]["provider"])
    answer = master().post("/api/v1/campaigns", {"name": "May", "provider": ""}, format="json")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["provider"])


@pytest.mark.parametrize("kind", ["leads", "listings", "calls"])
def test_no_list_takes_a_parameter_that_it_does_not_know(kind: str) -> None:
    client = master()
    answer = client.get(f"/api/v1/{kind}?page=1&statis=new&format=json")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["statis"])
    assert client.get(f"/api/v1/{kind}?page=1&format=json").status_code == 200


def test_swagger_is_served_from_our_own_files(client: Client) -> None:
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page.content.decode()
    assert "https://cdn" not in page.content.decode()
    assert client.get("/api/v1/schema/?format=json").json()["info"]["title"] == "RealtyAssistant"


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer", "bearer"])
def test_a_key_opens_the_door(scheme: str) -> None:
    _, key = AuthToken.objects.create(User.objects.create_superuser("master"))
    assert APIClient().get(LEADS, headers={"Authorization": f"{scheme} {key}"}).status_code == 200


def test_no_key_is_told_which_kind_is_wanted() -> None:
    answer = APIClient().get(LEADS)
    assert (answer.status_code, answer["WWW-Authenticate"], answer.json()) == (
        401,
        "Token",
        {"code": "not_authenticated", "detail": "Authentication credentials were not provided."},
    )


@pytest.mark.parametrize("key", ["", "ra_0000", "two words", "ra_\xe9", "\xff\xfe", "\x00", "x" * 5000])
def test_a_key_that_is_not_one_stays_outside(key: str) -> None:
    answer = APIClient().get(LEADS, HTTP_AUTHORIZATION=f"Token {key}")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_key_that_has_expired_stays_outside() -> None:
    client = master()
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get(LEADS).status_code == 401


def test_the_key_of_somebody_who_left_stays_outside() -> None:
    client = master()
    User.objects.update(is_active=False)
    assert client.get(LEADS).status_code == 401


def test_keys_are_made_listed_and_revoked() -> None:
    user = User.objects.create_superuser("priya")
    key = run("create", "--user", "priya", "--days", "30")
    stored = AuthToken.objects.get()
    assert stored.user == user
    assert stored.expiry is not None
    assert timedelta(days=29) < stored.expiry - timezone.now() <= timedelta(days=30)
    assert APIClient().get(LEADS, headers={"Authorization": f"Token {key}"}).status_code == 200
    listed = run("list")
    assert listed.startswith(f"{key[:15]}...  priya  made ")
    assert key not in listed
    run("revoke", key[:15] + "...")
    assert APIClient().get(LEADS, headers={"Authorization": f"Token {key}"}).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["create", "--user", "nobody"], "There is no user nobody."),
        (["create", "--user", "left"], "The user left is not active"),
        (["create", "--user", "priya", "--days", "0"], "--days 0 is not between 1 and 3650."),
        (["revoke", "ra_nothing"], "No key begins so."),
    ],
)
def test_a_key_that_cannot_be_made_or_revoked_is_told_why(arguments: list[str], sentence: str) -> None:
    User.objects.create_user("priya")
    User.objects.create_user("left", is_active=False)
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        run(*arguments)


@pytest.mark.parametrize(
    ("permissions", "method", "status"),
    [
        (["leads.view_lead"], "get", 200),
        (["leads.add_lead"], "get", 403),
        (["leads.view_lead"], "post", 403),
        (["leads.add_lead"], "post", 201),
    ],
)
def test_a_key_may_do_what_its_user_may(permissions: list[str], method: str, status: int) -> None:
    answer = getattr(client_who_may(*permissions), method)(LEADS, {"phone": "9820000001"})
    assert answer.status_code == status


def test_a_session_works_for_swagger_and_needs_the_csrf_token() -> None:
    User.objects.create_superuser("priya", password="pw")
    browser = APIClient(enforce_csrf_checks=True)
    browser.login(username="priya", password="pw")
    assert browser.get(LEADS).status_code == 200
    answer = browser.post(LEADS, {"phone": "9820000001"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", f"{LEADS}/999999", 404, "not_found"),
        ("get", f"{LEADS}/99999999999999999999999", 404, "not_found"),
        ("get", f"{LEADS}/one", 404, "not_found"),
        ("get", "/api/v1/nothing/", 404, "not_found"),
        ("post", "/api/v1/nothing", 404, "not_found"),
        ("get", "/api/", 404, "not_found"),
        ("delete", LEADS, 405, "method_not_allowed"),
        ("get", "/api/v1/qualify", 405, "method_not_allowed"),
        ("post", "/api/v1/docs/", 405, "method_not_allowed"),
        ("get", f"{LEADS}?page=0", 404, "not_found"),
    ],
)
def test_errors_have_one_shape(method: str, path: str, status: int, code: str) -> None:
    answer = getattr(master(), method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert set(answer.json()) == {"code", "detail"}
    assert answer.json()["code"] == code


def test_what_is_not_json_is_refused_in_json() -> None:
    client = master()
    posted = client.post(LEADS, "phone=9820000001", content_type="application/x-www-form-urlencoded")
    assert (posted.status_code, posted.json()["code"]) == (415, "unsupported_media_type")
    page = client.get(LEADS, headers={"Accept": "text/html"})
    assert (page.status_code, page.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "body", ["{", "[" * 100_000, '{"phone": NaN}', "\ufeff", '"\ud83d', "1" * 5000, '{"owner": -1e999}']
)
def test_a_body_that_is_not_json_is_a_parse_error(body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    answer = master().post(LEADS, raw, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("body", ["[]", '"text"', "7", "null", "true", "[[{}]]"])
@pytest.mark.parametrize("path", [LEADS, "/api/v1/calls", "/api/v1/listings", "/api/v1/qualify"])
def test_json_that_is_not_an_object_is_invalid(path: str, body: str) -> None:
    answer = master().post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_an_unknown_host_is_refused_in_json() -> None:
    answer = Client().get(LEADS, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_bug_answers_json_with_the_id_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.api.operations.judge", lambda requirement: 1 / 0)
    client = master()
    client.raise_request_exception = False
    answer = client.post("/api/v1/qualify", {"requirement": {}}, headers={"X-Request-ID": "request-0001"})
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "code": "server_error",
            "detail": "Something broke on our side. Send the request again; if it stays, tell us the request_id.",
            "request_id": "request-0001",
        },
    )


def test_pages_outside_the_api_stay_pages(client: Client) -> None:
    assert client.get("/nothing").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("slash", ["", "/"])
def test_addresses_work_with_and_without_a_slash(slash: str) -> None:
    client = master()
    made = client.post(f"{LEADS}{slash}", {"phone": "9820000001"})
    assert made.status_code == 201
    for path in (LEADS, f"{LEADS}/{made.json()['id']}", "/api/v1/calls", "/api/v1/docs", "/api/v1/schema"):
        assert client.get(f"{path}{slash}", headers={"Accept": "*/*"}).status_code == 200
    assert client.post(f"/api/v1/qualify{slash}", {"requirement": {}}).status_code == 200
    assert client.post(f"/api/v1/calls{slash}", {"lead": made.json()["id"]}).status_code == 201


BAD = [None, True, -1, 10**30, 1.5, "x" * 30_000, "nul\x00", "\ud800", [], {}, [[]], [{"city": None}], {"city": "\x00"}]
FIELDS = {
    LEADS: ["name", "phone", "email", "language", "time_zone", "source", "status", "owner", "do_not_call", "notes"],
    "/api/v1/listings": ["reference", "title", "city", "locality", "category", "bedrooms", "price", "area_sqft"],
    "/api/v1/calls": ["lead", "phone", "name", "agent"],
    "/api/v1/qualify": ["lead", "requirement", "consent"],
}
REQUIREMENT = ["locations", "category", "property_type", "bedrooms_min", "budget_max", "timeline_months", "consent"]


def sent(method: Callable[..., HttpResponse], path: str, body: object) -> HttpResponse:
    """The client's own JSON cannot spell half a character; an attacker's can."""
    return method(path, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("path", FIELDS)
def test_bad_values_never_break_us(path: str) -> None:
    client = master()
    for field in FIELDS[path]:
        for bad in BAD:
            answer = sent(client.post, path, {"phone": "9820000001", field: bad})
            assert answer.status_code in {200, 201, 400, 409}, (field, bad, answer.content)
            assert isinstance(answer.json(), dict)
            Lead.objects.all().delete()


@pytest.mark.parametrize("field", REQUIREMENT)
def test_bad_requirements_never_break_us(field: str) -> None:
    client = master()
    lead = Lead.objects.create(phone="+919820000001")
    for bad in BAD:
        answers = [
            sent(client.patch, f"{LEADS}/{lead.pk}", {"requirement": {field: bad}}),
            sent(client.post, "/api/v1/qualify", {"requirement": {field: bad}}),
        ]
        assert {answer.status_code for answer in answers} <= {200, 400}, (field, bad, [a.content for a in answers])


QUERIES = [
    "page=x",
    "page=99999999999999999999",
    "page_size=99999999999999999999",
    "ordering=%00",
    "ordering=password",
    "search=%00",
    "search=%ED%A0%80",
    "search=" + "9" * 110,
    "search=%25_%5C",
    "owner=99999999999999999999999",
    "owner=x",
    "lead=99999999999999999999999",
    "lead=1.5",
    "city=%00",
    "city=%22%5D",
    "status=nonsense",
    "do_not_call=maybe",
    "budget_at_least=1e400",
    "budget_at_least=NaN",
    "budget_at_most=99999999999999999999999",
    "bedrooms=Infinity",
    "bedrooms=1e-400",
    "price_min=-1",
    "created_after=yesterday",
    "created_after=0001-01-01T00:00:00%2B14:00",
    "created_before=9999-12-31T23:59:59-14:00",
    "created_after=2026-03-10T14:30",
    "updated_after=%00",
    "format=nothing",
    "cursor=%FF",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", [LEADS, "/api/v1/calls", "/api/v1/listings"])
def test_bad_queries_never_break_us(path: str, query: str) -> None:
    Lead.objects.create(phone="+919820000001", created_at=datetime(2026, 3, 10, tzinfo=UTC))
    answer = master().get(f"{path}?{query}")
    assert answer.status_code in {200, 400, 404}
    assert isinstance(answer.json(), dict)


def test_a_limit_on_requests_says_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"anon": "2/min", "user": "2/min", "place_call": "1/min"}
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", rates)
    client, other = master(), client_of(User.objects.create_superuser("other"))
    answers = [client.get(LEADS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert other.get(LEADS).status_code == 200
    assert [APIClient().get("/api/v1/schema").status_code for _ in range(3)] == [200, 200, 429]


def test_placing_calls_has_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"anon": "9/min", "user": "9/min", "place_call": "1/min"}
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", rates)
    client = master()
    assert [client.post("/api/v1/calls", {}).status_code for _ in range(2)] == [400, 429]
    assert client.get("/api/v1/calls").status_code == 200
