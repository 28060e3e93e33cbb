"""A campaign's preview, and whom its filter chooses."""

from __future__ import annotations

import random
from collections import Counter
from datetime import time, timedelta

import pytest

from calls import campaign_queries
from calls.campaign_choice import chosen
from calls.models import Call, Campaign, CampaignMember, DialerSettings
from calls.operations import campaigning
from calls.operations.feeding import feed
from leads.models import Activity, Consent, DndEntry, Lead, Suppression
from tests.admin_rows import make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _twilio(settings):
    """A provider that rings people, so that hours, lists and consent count; nothing is dialled without a worker."""
    settings.DEFAULT_PROVIDER = "twilio"


def random_leads(count, now):
    """Leads in every situation that the gate and the rules of membership know."""
    dice = random.Random(7)
    elsewhere = Campaign.objects.create(name="Elsewhere", state="running", max_lines=0)
    for number in range(count):
        asked, zone = dice.random() < 0.1, dice.choice(["Asia/Kolkata", "America/New_York", "Asia/Tokyo"])
        phone = None if dice.random() < 0.1 else f"+9198765{number:05d}"
        lead = make_lead(number, now, phone=phone, do_not_call=asked, time_zone=zone)
        Lead.objects.filter(pk=lead.pk).update(
            status=dice.choice(["new", "new", "contacted", "wrong_number"]),
            bad_number=phone if phone and dice.random() < 0.05 else "",
        )
        if dice.random() < 0.2:
            Consent.objects.create(lead=lead, given=dice.random() < 0.5, source="form", at=now)
        if phone and dice.random() < 0.1:
            Suppression.objects.create(phone=phone)
        if phone and dice.random() < 0.2:
            bands = dice.choice([[], [23], [25]])
            DndEntry.objects.create(phone=phone, categories=[2], modes=[], time_bands=bands, day_types=[])
        for _ in range(dice.choice([0, 0, 0, 3, 12])):
            asked_at = now - timedelta(hours=dice.randrange(30))
            Call.objects.create(
                lead=lead, provider="twilio", status="ended", end_reason="busy", asked_at=asked_at, created_at=now
            )
        if dice.random() < 0.05:
            Call.objects.create(lead=lead, provider="twilio", status="ringing", created_at=now)
        if dice.random() < 0.05:
            CampaignMember.objects.create(campaign=elsewhere, lead=lead, next_at=now)


@pytest.mark.parametrize("hour", [0, 9, 17])
def test_what_a_preview_tells_is_what_happens(hour, now):
    now += timedelta(hours=hour - 9)
    random_leads(300, now)
    campaign = Campaign.objects.create(name="All", max_lines=500, reserved_lines=0, opens=time(10), closes=time(20))
    DialerSettings(max_lines=0, reserved_lines=0).save()
    told = campaign_queries.preview(campaign, now=now)
    campaigning.start(campaign_id=campaign.pk, now=now)
    feed(now)
    happened = CampaignMember.objects.filter(campaign=campaign)
    assert Counter(happened.values_list("state", flat=True)) == Counter(
        {"calling": told.now, "waiting": told.later, "skipped": told.skipped}
    )
    assert {(group.code, group.skipped): group.count for group in told.groups} == Counter(
        (member.code, member.state == "skipped") for member in happened
    )
    assert told.total == 300
    assert len(told.groups) >= 10, "the leads must differ"
    called = set(Call.objects.filter(campaign=campaign, status="queued").values_list("lead_id", flat=True))
    assert called == set(happened.filter(state="calling").values_list("lead_id", flat=True))
    first = [group.since for group in told.groups if group.since]
    assert min(first) == campaign_queries.next_due(campaign)


def test_a_filter_chooses_as_the_list_of_leads_does(now):
    old, new, called = make_lead(1, now), make_lead(2, now), make_lead(3, now, language="hi-IN")
    Lead.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=9))
    Call.objects.create(lead=called, provider="twilio", status="ended", asked_at=now, created_at=now)
    # A worker took it, and the gate refused: nobody was called.
    Call.objects.create(lead=new, provider="twilio", status="ended", dialed_at=now, created_at=now)
    since = (now - timedelta(days=1)).isoformat()

    def found(**wanted):
        return list(chosen(Campaign(filter=wanted)))

    assert found() == [old, new, called]
    assert found(created_after=since) == [new, called]
    assert found(not_called_since=since) == [old, new]
    assert found(language=["hi-IN"]) == [called]
    assert found(owner=999) == [], "a filter that can no longer be used chooses nobody"
    assert list(chosen(Campaign(filter={}, lead_ids=[new.pk]))) == [new]


@pytest.mark.parametrize(("state", "is_left_out"), [("running", True), ("paused", True), ("stopped", False)])
def test_nobody_is_called_by_two_campaigns_at_once(now, state, is_left_out):
    lead = make_lead(1, now)
    CampaignMember.objects.create(campaign=Campaign.objects.create(name="One", state=state), lead=lead, next_at=now)
    told = campaign_queries.preview(Campaign.objects.create(name="Two"), now=now)
    assert [group.code for group in told.groups] == ["other_campaign" if is_left_out else ""]


def test_a_preview_of_thousands_asks_a_few_questions(now, django_assert_max_num_queries):
    Lead.objects.bulk_create([Lead(phone=f"+9198765{number:05d}", created_at=now) for number in range(1500)])
    campaign = Campaign.objects.create(name="All")
    with django_assert_max_num_queries(60):
        assert campaign_queries.preview(campaign, now=now).now == 1500
    assert not Activity.objects.exists(), "a preview changes nothing"
