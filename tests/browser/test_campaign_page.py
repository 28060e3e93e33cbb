"""A campaign from its form to its end, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from calls.models import Call, Campaign, CampaignMember, ProviderState
from calls.operations import campaigning
from tests.admin_rows import make_lead

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign(now):
    for number in range(3):
        make_lead(number, now)
    make_lead(9, now, name="Meena", do_not_call=True, status="do_not_call")
    return Campaign.objects.create(name="Wakad", created_at=now)


def test_chosen_leads_become_a_campaign_that_is_previewed_and_started(open_page, admin_user, campaign):
    page = open_page(admin_user, "/admin/leads/lead/")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label="Add to a campaign")
    page.get_by_role("button", name="Run").click()
    page.get_by_placeholder("Its name").fill("Second round")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="See who would be called").click()
    expect(page.locator(".ra-count").nth(3)).to_contain_text("1")
    expect(page.get_by_text("Asked not to be called")).to_be_visible()
    page.get_by_role("button", name="Start calling").click()
    expect(page.locator(".ra-banner")).to_contain_text("Running")
    made = Campaign.objects.get(name="Second round")
    assert (made.state, made.members.count()) == ("running", 4)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_running_campaign_is_watched_until_it_is_stopped(open_page, admin_user, campaign, now, width, dark):
    campaigning.start(campaign_id=campaign.pk, now=now)
    page = open_page(admin_user, f"/admin/calls/campaign/{campaign.pk}/change/", width=width, dark=dark)
    expect(page.locator(".ra-tab", has_text="Reached").first).to_have_text(re.compile("Reached 0"))
    member = CampaignMember.objects.filter(campaign=campaign).first()
    CampaignMember.objects.filter(pk=member.pk).update(state="reached", code="qualified")
    expect(page.locator(".ra-tab", has_text="Reached").first).to_have_text(re.compile("Reached 1"))
    lead_call = Call.objects.create(lead=member.lead, provider="pretend", status="ringing", campaign=campaign)
    expect(page.get_by_text("1 of 2")).to_be_visible()
    Call.objects.filter(pk=lead_call.pk).delete()
    assert page.evaluate("document.documentElement.scrollWidth") == width

    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".ra-banner")).to_contain_text("No new calls begin")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Stop for good").click()
    expect(page.locator(".ra-banner")).to_contain_text("Stopped.")
    expect(page.get_by_text("The campaign was stopped first").first).to_be_visible()


def test_a_provider_that_its_breaker_paused_is_resumed_from_the_campaign(open_page, admin_user, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    failed = Call.objects.create(lead=make_lead(20, now), provider="pretend", status="ended", error="No such trunk.")
    ProviderState.objects.create(provider="pretend", paused=True, reason="5 of 5 calls failed.", tripped_by=[failed.pk])
    page = open_page(admin_user, f"/admin/calls/campaign/{campaign.pk}/change/")
    expect(page.locator(".ra-banner")).to_contain_text("no calls go out: the provider is paused")
    expect(page.get_by_text("5 of 5 calls failed.")).to_be_visible()
    link = page.get_by_role("link", name=f"Call {failed.pk}, Lead 20")
    expect(link).to_have_attribute("href", f"/admin/calls/call/{failed.pk}/change/")
    page.get_by_role("button", name="Resume Pretend").click()
    expect(page.get_by_text("Pretend places calls again.")).to_be_visible()
    expect(page.locator(".ra-banner")).to_contain_text("Running.")
    assert not ProviderState.objects.get().paused
