"""Dates as staff in India read and type them."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template

from leads.models import Activity, ActivityKind, FollowUp
from tests.admin_rows import make_lead

pytestmark = pytest.mark.django_db


def test_a_time_is_shown_with_the_day_first_and_without_am_and_pm(admin_client, now):
    activity = Activity.objects.create(lead=make_lead(1, now), kind=ActivityKind.NOTE, text="A note", at=now)
    page = admin_client.get(f"/admin/leads/activity/{activity.pk}/change/").content.decode()
    assert "10 Mar 2026, 14:30" in page


def test_a_date_is_typed_with_the_day_first(admin_client, now):
    lead = make_lead(1, now)
    typed = {"lead": lead.pk, "kind": "callback", "due_at_0": "05/04/2026", "due_at_1": "18:30", "note": ""}
    admin_client.post("/admin/leads/followup/add/", typed | {"done_at_0": "", "done_at_1": ""})
    assert FollowUp.objects.get().due_at == datetime(2026, 4, 5, 13, 0, tzinfo=UTC)


def test_numbers_are_written_as_before():
    assert Template("{{ n }} {{ f }}").render(Context({"n": 1234567, "f": 0.5})) == "1234567 0.5"
