"""Watching a call in a real browser."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from calls.models import Call, Turn
from tests.admin_rows import make_lead

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def call(now):
    call = Call.objects.create(lead=make_lead(1, now), provider="pretend", status="ringing", created_at=now)
    Turn.objects.create(call=call, number=0, said="Am I speaking with Priya?", at=now)
    return call


def test_a_live_call_is_watched_turn_by_turn_until_it_ends(open_page, admin_user, call, now):
    page = open_page(admin_user, f"/admin/calls/call/{call.pk}/change/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    expect(page.locator(".ra-banner")).to_contain_text("Ringing.")
    first = page.locator("#said-0").element_handle()

    understood = [{"slot": "budget_max", "value": 7_000_000, "words": "sattar lakh", "start": 0, "end": 11}]
    Turn.objects.create(call=call, number=1, heard="sattar lakh", understood=understood, said="Got it.", at=now)
    Call.objects.filter(pk=call.pk).update(status="in_progress")
    expect(page.locator("#heard-1 .ra-chip")).to_have_text(re.compile("Budget up to ₹70 lakh"))
    expect(page.locator(".ra-banner")).to_contain_text("In conversation.")
    expect(page.locator(".ra-turn")).to_have_count(3)
    assert first.is_visible(), "what was there already is left alone, for screen readers and selections"

    Call.objects.filter(pk=call.pk).update(status="ended", end_reason="completed", disposition="qualified")
    expect(page.locator(".ra-banner")).to_contain_text("Qualified")
    so_far = len(asked)
    page.wait_for_timeout(4000)
    assert len(asked) == so_far, "an ended call is asked about no more"


def test_a_reader_who_was_signed_out_is_told_so(open_page, admin_user, call):
    page = open_page(admin_user, f"/admin/calls/call/{call.pk}/change/")
    Session.objects.all().delete()
    expect(page.locator("#call-offline")).to_contain_text("You have been signed out")
    expect(page.get_by_role("link", name="Sign in again")).to_have_attribute(
        "href", f"/admin/login/?next=/admin/calls/call/{call.pk}/change/"
    )
    expect(page.locator("#said-0")).to_be_visible()


def test_a_lost_connection_is_told_and_made_good(open_page, admin_user, call, now):
    page = open_page(admin_user, f"/admin/calls/call/{call.pk}/change/")
    page.route("**/live/**", lambda route: route.abort())
    expect(page.locator("#call-offline")).to_contain_text("The connection is lost.")
    page.unroute("**/live/**")
    Turn.objects.create(call=call, number=1, heard="haan", said="Thank you.", at=now)
    expect(page.locator("#heard-1")).to_be_visible(timeout=15_000)
    expect(page.locator("#call-offline")).to_be_hidden()


def test_a_queued_call_is_taken_back_by_its_button(open_page, admin_user, call):
    Call.objects.update(status="queued")
    page = open_page(admin_user, f"/admin/calls/call/{call.pk}/change/")
    page.get_by_role("button", name="Cancel this call").click()
    expect(page.get_by_text("The call was taken back before it was dialled.")).to_be_visible()
    expect(page.locator(".ra-banner")).to_contain_text("Canceled")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_try_that_waits_is_brought_forward_on_the_leads_page(open_page, admin_user, now, width, dark):
    lead = make_lead(1, now)
    later = timezone.now() + timedelta(days=3)
    waits = {"provider": "pretend", "origin": "retry", "ladder": "people", "dial_after": later}
    call = Call.objects.create(lead=lead, **waits)
    page = open_page(admin_user, f"/admin/leads/lead/{lead.pk}/change/", width=width, dark=dark)
    expect(page.locator("#next-call")).to_contain_text("Nobody was reached before: a call waits until")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Call now").click()
    expect(page.locator("#call-waiting")).to_contain_text("as soon as a line is free")
    assert page.url.endswith(f"/admin/calls/call/{call.pk}/change/")
    call.refresh_from_db()
    assert call.dial_after < later
