"""How much room campaigns find among all other calls, and what they cost the dispatcher when they are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import Call, Campaign, CampaignMember, DialerSettings
from calls.operations import campaigning
from calls.operations.feeding import feed
from tests.admin_rows import make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(now, settings):
    """One that has a single line to itself, of the single line that there is."""
    settings.DEFAULT_PROVIDER = "twilio"
    DialerSettings(max_lines=1, reserved_lines=0).save()
    lead = make_lead(1, now)
    made = Campaign.objects.create(name="Wakad", lead_ids=[lead.pk], max_lines=1, reserved_lines=0, created_at=now)
    return campaigning.start(campaign_id=made.pk, now=now)


def another_call(now, **fields):
    values = {"provider": "twilio", "status": "in_progress", "created_at": now} | fields
    return Call.objects.create(lead=make_lead(9, now), **values)


@pytest.mark.parametrize(
    ("other", "queued"),
    [
        ({}, 0),
        ({"status": "queued", "origin": "retry"}, 0),
        ({"channel": "chat", "provider": "chat", "direction": "inbound"}, 1),
        ({"provider": "vapi"}, 1),
        ({"status": "unconfirmed"}, 0),
        ({"status": "unconfirmed", "dialed_ago": timedelta(hours=1)}, 1),
    ],
    ids=["a call", "one that is due", "a chat", "another provider", "an unsure call", "one that must be over"],
)
def test_only_what_takes_a_line_of_the_provider_holds_a_campaign_up(campaign, now, other, queued):
    dialed_at = now - other.pop("dialed_ago", timedelta(0))
    another_call(now, dial_after=now, dialed_at=dialed_at, **other)
    assert feed(now) == queued


def test_what_waits_of_a_paused_campaign_holds_no_other_campaign_up(campaign, now):
    paused = Campaign.objects.create(name="Paused", state="paused")
    another_call(now, status="queued", origin="retry", campaign=paused, dial_after=now)
    assert feed(now) == 1


def test_campaigns_that_are_over_are_never_read_as_every_call_times_every_member(campaign, now):
    campaigning.stop(campaign_id=campaign.pk, now=now)
    with CaptureQueriesContext(connection) as asked:
        feed(now)
    both = [one["sql"] for one in asked if "calls_call" in one["sql"] and "calls_campaignmember" in one["sql"]]
    assert both, "somebody must look whether anything is left to clear up"
    assert not [sql for sql in both if "JOIN" in sql]


def test_who_was_queued_when_the_campaign_was_stopped_reads_as_stopped_and_is_called_again_by_a_redial(campaign, now):
    feed(now)
    campaigning.stop(campaign_id=campaign.pk, now=now)
    member = CampaignMember.objects.get()
    assert (member.state, member.code, member.attempts) == ("skipped", "stopped", 0)
    again = campaigning.redial(campaign_id=campaign.pk, now=now)
    assert again.lead_ids == [member.lead_id]


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"daily_spend_cap": "0.01"}, "cap_too_low"), ({"reserved_lines": 1}, "no_lines"), ({"max_lines": 0}, "no_lines")],
)
def test_a_campaign_that_could_never_begin_a_call_is_not_started(campaign, now, limits, code):
    draft = Campaign.objects.create(name="Baner", **({"reserved_lines": 0} | limits))
    make_lead(2, now)
    with pytest.raises(campaigning.CampaignRefused) as refused:
        campaigning.start(campaign_id=draft.pk, now=now)
    assert refused.value.code == code
    assert not CampaignMember.objects.filter(campaign=draft).exists()
