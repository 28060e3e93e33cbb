"""The Today page, and who sees what of it."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call, WebhookEvent
from leads.models import FollowUp, FollowUpKind, Lead
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

_LISTS = ("callbacks", "waiting", "live", "attention", "failed_events")


def shown(client):
    answer = client.get("/admin/")
    return {name: answer.context[name]["rows"] for name in _LISTS if name in answer.context}


def test_an_empty_installation_says_what_to_do_first(admin_client):
    text = admin_client.get("/admin/").content.decode()
    for sentence in ("There are no leads yet.", "Enter the first one", "import a list", "Nothing failed. All is well."):
        assert sentence in text


def test_today_lists_who_waits_and_what_failed(admin_client):
    now = timezone.now()
    leads = [make_lead(number, now) for number in range(9)]
    due = FollowUp.objects.create(lead=leads[0], kind=FollowUpKind.CALLBACK, due_at=now - timedelta(days=2))
    untimed = FollowUp.objects.create(lead=leads[1], kind=FollowUpKind.CALLBACK)
    person = FollowUp.objects.create(lead=leads[2], kind=FollowUpKind.HAND_OFF, due_at=now)
    FollowUp.objects.create(lead=leads[3], kind=FollowUpKind.CALLBACK, due_at=now + timedelta(days=3))
    FollowUp.objects.create(lead=leads[4], kind=FollowUpKind.CALLBACK, due_at=now, done_at=now)
    sales = FollowUp.objects.create(lead=leads[5], kind=FollowUpKind.SALES_CALL, due_at=now)
    live = Call.objects.create(lead=leads[6], provider="twilio", status="ringing")
    lost = Call.objects.create(lead=leads[7], provider="twilio", status="ended", end_reason="lost")
    unsure = Call.objects.create(lead=leads[8], provider="twilio", status="unconfirmed")
    Call.objects.create(
        lead=leads[7], provider="twilio", status="ended", end_reason="failed", created_at=now - timedelta(days=30)
    )
    failed = WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="1", error="KeyError: 'x'")
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="2", error="", applied_at=now)
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="3", received_at=now)
    died = WebhookEvent.objects.create(
        provider="twilio", kind="heard", dedupe_key="4", received_at=now - timedelta(minutes=2)
    )
    found = shown(admin_client)
    assert {one.pk for one in found.pop("callbacks")} == {due.pk, untimed.pk, person.pk}
    assert found == {
        "waiting": [sales],
        "live": [unsure, live],
        "attention": [unsure, lost],
        "failed_events": [failed, died],
    }


def test_what_is_wrong_with_a_call_is_a_sentence(admin_client, now):
    Call.objects.create(lead=make_lead(1, now), provider="twilio", status="ended", end_reason="lost")
    Call.objects.create(lead=make_lead(2, now), provider="twilio", status="unconfirmed")
    text = html.unescape(admin_client.get("/admin/").content.decode())
    assert "The provider's last word never came." in text
    assert "The provider may or may not have taken this call." in text


def test_the_week_is_counted(admin_client):
    now = timezone.now()
    Lead.objects.bulk_create(
        [Lead(name="old", created_at=now - timedelta(days=8)), *(Lead(name="new", created_at=now) for _ in range(3))]
    )
    lead = Lead.objects.filter(name="new").first()
    for disposition, answered in (("qualified", now), ("busy", None)):
        Call.objects.create(
            lead=lead, provider="twilio", status="ended", disposition=disposition, answered_at=answered, created_at=now
        )
    context = admin_client.get("/admin/").context
    assert context["week"] == {"leads": 4, "new_leads": 3, "new_qualified": 0}
    assert context["calls_week"] == {"calls": 2, "answered": 1, "qualified": 1}


@pytest.mark.parametrize(
    ("permission", "lists"),
    [
        ("leads.view_lead", {"callbacks", "waiting"}),
        ("calls.view_call", {"live", "attention"}),
        ("calls.view_webhookevent", {"failed_events"}),
    ],
)
def test_everybody_sees_only_what_they_may(client, permission, lists):
    client.force_login(staff("looker", permission))
    assert shown(client).keys() == lists


def test_somebody_without_rights_is_told_so(client):
    client.force_login(staff("nobody"))
    assert "You have no rights here yet." in client.get("/admin/").content.decode()


def test_a_login_without_a_destination_leads_to_today(client, django_user_model):
    django_user_model.objects.create_superuser("boss", password="secret")
    answer = client.post("/admin/login/", {"username": "boss", "password": "secret"})
    assert answer.url == "/admin/"
