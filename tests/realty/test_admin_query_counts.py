"""Every list and every page asks the database as often for one row as for thirty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import Activity, ActivityKind, FollowUp, FollowUpKind, Lead
from tests.admin_rows import make_everything, make_lead

pytestmark = pytest.mark.django_db

LISTS = (
    "leads_lead",
    "leads_followup",
    "leads_suppression",
    "leads_activity",
    "leads_listing",
    "calls_call",
    "calls_webhookevent",
    "voice_voiceagent",
    "auth_user",
    "auth_group",
    "knox_authtoken",
    "django_q_failure",
)


def queries_for(client, url):
    client.get(url)  # content types are asked for once in a process
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(asked)


@pytest.mark.parametrize("page", ["index", *(f"{name}_changelist" for name in LISTS)])
def test_a_list_asks_as_often_for_one_row_as_for_thirty(admin_client, now, page):
    url = reverse(f"admin:{page}")
    make_everything(range(1), now)
    one = queries_for(admin_client, url)
    make_everything(range(1, 3), now)
    three = queries_for(admin_client, url)
    make_everything(range(3, 30), now)
    assert (one, three) == (queries_for(admin_client, url),) * 2


def test_a_lead_s_page_asks_as_often_for_a_long_history_as_for_a_short_one(admin_client, django_user_model, now):
    lead = make_lead(1, now)
    url = reverse("admin:leads_lead_change", args=[lead.pk])
    counts = []
    for number in range(30):
        user = django_user_model.objects.create_user(f"colleague{number}")
        lead.calls.create(provider="twilio", status="ended", created_at=now)
        Activity.objects.create(lead=lead, kind=ActivityKind.NOTE, text="A note", actor=user, at=now)
        if number < 3:
            FollowUp.objects.create(lead=lead, kind=FollowUpKind.values[number], due_at=now)
        if number in {0, 2, 29}:
            counts.append(queries_for(admin_client, url))
    assert len(set(counts)) == 1, counts


def test_a_call_s_page_asks_as_often_for_a_long_talk_as_for_a_short_one(admin_client, now):
    make_everything(range(1), now)
    call = Lead.objects.get().calls.get()
    urls = (reverse("admin:calls_call_change", args=[call.pk]), reverse("admin:calls_call_live", args=[call.pk]))
    short = [queries_for(admin_client, url) for url in urls]
    for number in range(1, 30):
        call.turns.create(number=number, heard="yes", said="Thank you", at=now)
    assert short == [queries_for(admin_client, url) for url in urls]
