"""Several programs ask for the same thing at once; it happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.db import connection
from knox.models import AuthToken
from rest_framework.test import APIClient

from calls.models import Call
from leads.models import Lead

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(path: str, body: dict[str, object], **headers: str) -> list[HttpResponse]:
    _, key = AuthToken.objects.create(User.objects.create_superuser("program"))

    def post(_: int) -> HttpResponse:
        try:
            return APIClient().post(path, body, headers={"Authorization": f"Token {key}", **headers})
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(post, range(6)))


def test_one_idempotency_key_sent_at_once_places_one_call() -> None:
    lead = Lead.objects.create(phone="+919820000001")
    answers = at_once("/api/v1/calls", {"lead": lead.pk}, **{"Idempotency-Key": "7"})
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert {answer.json()["id"] for answer in answers} == {Call.objects.get().pk}


def test_one_number_called_at_once_makes_one_lead_and_one_call() -> None:
    answers = at_once("/api/v1/calls", {"phone": "98200 00001"})
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json().get("code", "live_call") for answer in answers} == {"live_call"}
    assert (Lead.objects.count(), Call.objects.count()) == (1, 1)


def test_one_number_entered_at_once_makes_one_lead() -> None:
    answers = at_once("/api/v1/leads", {"phone": "98200 00001"})
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    lead = Lead.objects.get()
    assert {answer.json().get("existing_id", lead.pk) for answer in answers} == {lead.pk}
