"""Campaigns from preview to end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calls import campaign_queries
from calls.models import Call, Campaign, CampaignMember
from calls.operations import campaigning
from calls.operations.feeding import feed
from tests.admin_rows import make_lead

pytestmark = pytest.mark.django_db


def members(campaign):
    return dict(CampaignMember.objects.filter(campaign=campaign).values_list("lead__name", "state"))


@pytest.fixture
def campaign(now, settings):
    settings.DEFAULT_PROVIDER = "twilio"
    make_lead(1, now)
    make_lead(2, now)
    make_lead(3, now, do_not_call=True, status="do_not_call")
    return Campaign.objects.create(name="Wakad", max_lines=1, reserved_lines=0, created_at=now)


def test_a_started_campaign_calls_as_many_at_once_as_it_may(campaign, now):
    seen = campaign_queries.preview(campaign, now=now)
    assert (seen.total, seen.now, seen.later, seen.skipped) == (3, 2, 0, 1)
    campaigning.start(campaign_id=campaign.pk, now=now)
    assert members(campaign) == {"Lead 1": "waiting", "Lead 2": "waiting", "Lead 3": "skipped"}
    assert (feed(now), feed(now)) == (1, 0)
    assert members(campaign) == {"Lead 1": "calling", "Lead 2": "waiting", "Lead 3": "skipped"}
    call = Call.objects.get()
    assert (call.campaign, call.origin, call.lead.name) == (campaign, "campaign", "Lead 1")


def test_stopping_takes_waiting_calls_back(campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    feed(now)
    campaigning.stop(campaign_id=campaign.pk, now=now + timedelta(seconds=1))
    assert members(campaign) == {"Lead 1": "skipped", "Lead 2": "skipped", "Lead 3": "skipped"}
    assert Call.objects.get().disposition == "canceled"
