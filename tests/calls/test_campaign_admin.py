"""What staff see and do on the pages of campaigns."""

from __future__ import annotations

import html

import pytest

from calls.models import Campaign, CampaignMember
from calls.operations import campaigning
from tests.admin_rows import make_lead

pytestmark = pytest.mark.django_db


def shown(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def campaign(now, settings):
    make_lead(1, now)
    make_lead(2, now, do_not_call=True, status="do_not_call")
    return Campaign.objects.create(name="Wakad", reserved_lines=0, created_at=now)


def test_a_draft_is_made_by_a_form_previewed_and_started(admin_client, campaign):
    answer = admin_client.get("/admin/calls/campaign/add/")
    assert "Which leads" in shown(answer)
    form = {"name": "Second", "max_lines": 2, "reserved_lines": 1, "status": ["new"], "budget_at_least": "50 lakh"}
    answer = admin_client.post("/admin/calls/campaign/add/", form)
    assert answer.status_code == 302, shown(answer)
    made = Campaign.objects.get(name="Second")
    assert made.filter == {"status": ["new"], "budget_at_least": 5_000_000}
    page = f"/admin/calls/campaign/{campaign.pk}/"
    assert "See who would be called" in shown(admin_client.get(f"{page}change/"))
    assert "Asked not to be called" in shown(admin_client.get(f"{page}preview/"))
    admin_client.post(f"{page}start/")
    assert sorted(CampaignMember.objects.values_list("state", flat=True)) == ["skipped", "waiting"]
    assert "Running" in shown(admin_client.get(f"{page}change/"))
    assert admin_client.get(f"{page}live/").status_code == 200
    assert "1 reached" not in shown(admin_client.get("/admin/calls/campaign/"))
    assert campaigning.pause
