"""Failed attempts at the public doors are counted, and only those who fail are refused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from realty.rest.limits import FailureLimit, address
from tests.api_client import master

LOGIN = "/admin/login/"


def sign_in(username: str, password: str, *, origin: str = "203.0.113.7") -> HttpResponse:
    return Client(REMOTE_ADDR=origin).post(LOGIN, {"username": username, "password": password})


@pytest.fixture
def three_a_day(settings: object) -> None:
    settings.FAILURE_RATES = {"login": "3/day", "key": "3/day", "webhook": "3/day"}


@pytest.mark.django_db
@pytest.mark.usefixtures("three_a_day")
def test_guessing_a_password_is_stopped_before_the_right_one_is_tried() -> None:
    User.objects.create_superuser("priya", password="right")
    guesses = [sign_in("priya", "wrong").status_code for _ in range(3)]
    refused = sign_in("priya", "right")
    assert (guesses, refused.status_code) == ([200, 200, 200], 429)
    assert refused.content.decode().startswith("Too many failed attempts from here. Wait ")
    assert 1 <= int(refused["Retry-After"]) <= 86_400
    assert sign_in("priya", "right", origin="203.0.113.8").status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("three_a_day")
def test_guessing_at_many_users_is_stopped_too() -> None:
    answers = [sign_in(f"user{number}", "wrong").status_code for number in range(16)]
    assert answers == [200] * 15 + [429]


@pytest.mark.django_db
@pytest.mark.usefixtures("three_a_day")
def test_signing_in_is_not_counted() -> None:
    User.objects.create_superuser("priya", password="right")
    assert {sign_in("priya", "right").status_code for _ in range(5)} == {302}


@pytest.mark.django_db
@pytest.mark.usefixtures("three_a_day")
def test_wrong_keys_are_refused_and_a_good_one_from_the_same_address_is_not() -> None:
    wrong = [APIClient().get("/api/v1/leads", headers={"Authorization": "Token no"}) for _ in range(4)]
    assert [answer.status_code for answer in wrong] == [401, 401, 401, 429]
    assert wrong[3].json()["code"] == "throttled"
    assert master().get("/api/v1/leads").status_code == 200


@pytest.mark.usefixtures("three_a_day")
def test_bad_signatures_are_refused_and_a_good_one_from_the_same_address_is_not() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200 if "good" in request.headers else 403)

    limited, factory = FailureLimit(view), RequestFactory()
    bad = [limited(factory.post("/webhooks/twilio/voice")).status_code for _ in range(5)]
    good = limited(factory.post("/webhooks/twilio/voice", headers={"good": "1"})).status_code
    assert (bad, good) == ([403, 403, 403, 429, 429], 200)


@pytest.mark.parametrize(
    ("proxies", "sent", "expected"),
    [
        (0, {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "203.0.113.7"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.7"}, "203.0.113.7"),
        (1, {"REMOTE_ADDR": "10.0.0.1"}, "10.0.0.1"),
        (0, {"REMOTE_ADDR": "2001:db8::1"}, "2001:db8::/64"),
        (0, {"REMOTE_ADDR": "2001:db8::2:3"}, "2001:db8::/64"),
    ],
)
def test_only_our_own_proxy_says_where_a_request_came_from(
    proxies: int, sent: dict[str, str], expected: str, settings: object
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    assert address(RequestFactory().get("/", **sent)) == expected
