"""What staff see and do on the pages of campaigns and providers."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.admin.campaign_form import CampaignForm
from calls.models import Call, Campaign, CampaignMember, ProviderState
from calls.operations import campaigning
from leads.models import Lead
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

LIST = "/admin/calls/campaign/"
FORM = {"name": "Second", "max_lines": 2, "reserved_lines": 1}


def shown(answer):
    return html.unescape(answer.content.decode())


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def page(campaign, door="change"):
    return f"{LIST}{campaign.pk}/{door}/"


@pytest.fixture
def campaign(now):
    make_lead(1, now)
    make_lead(2, now, do_not_call=True, status="do_not_call")
    return Campaign.objects.create(name="Wakad", reserved_lines=0, created_at=now)


def test_a_draft_is_made_by_a_form_with_fields_and_changed_by_it(admin_client, admin_user):
    choice = {"status": ["new", "callback"], "budget_at_least": "50 lakh", "created_after": "01/03/2026"}
    answer = admin_client.post(f"{LIST}add/", FORM | choice)
    assert answer.status_code == 302, shown(answer)
    made = Campaign.objects.get()
    stored = {
        "status": ["new", "callback"],
        "budget_at_least": 5_000_000,
        "created_after": "2026-03-01T00:00:00+05:30",
    }
    assert (made.filter, made.created_by) == (stored, admin_user)
    again = shown(admin_client.get(page(made)))
    assert 'value="₹50 lakh"' in again
    assert 'value="01/03/2026"' in again
    assert re.findall(r'<option value="(\w+)" selected>', again)[:2] == ["new", "callback"]
    admin_client.post(page(made), FORM | {"name": "Renamed", "city": ""})
    made.refresh_from_db()
    assert (made.name, made.filter) == ("Renamed", {})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"budget_at_least": "plenty"}, "This is not an amount."),
        ({"budget_at_least": "2 crore", "budget_at_most": "1 crore"}, "The budget must not end below where it begins."),
        ({"opens": "18:00", "closes": "10:00"}, "The hours must end after they begin."),
        ({"opens": "18:00"}, "Give both hours, or neither."),
    ],
)
def test_a_form_that_makes_no_sense_is_refused_beside_its_field(admin_client, fields, sentence):
    assert sentence in shown(admin_client.post(f"{LIST}add/", FORM | fields))
    assert not Campaign.objects.exists()


def test_a_preview_tells_who_is_called_and_who_not_and_changes_nothing(admin_client, campaign):
    text = re.sub(r"\s+", " ", shown(admin_client.get(page(campaign, "preview"))))
    assert "Called as soon as a line is free" in text
    assert "Asked not to be called" in text
    assert "Lead 2" in text
    assert (Campaign.objects.get().state, CampaignMember.objects.count(), Call.objects.count()) == ("draft", 0, 0)


def test_its_buttons_move_a_campaign_and_tell_what_follows(admin_client, campaign):
    said = [told(admin_client.post(page(campaign, move)))[-1] for move in ("start", "pause", "resume", "stop", "stop")]
    assert said == [
        "Started. This page shows how far it is.",
        "Paused. Calls under way go on; no new ones begin.",
        "Resumed.",
        "Stopped. Calls that waited were taken back; those under way go on to their end.",
        "The campaign is stopped, so this cannot be done now.",
    ]
    CampaignMember.objects.filter(lead__name="Lead 1").update(state="unreached")
    answer = admin_client.post(page(campaign, "redial"))
    assert answer["Location"] == page(Campaign.objects.exclude(pk=campaign.pk).get())


@pytest.mark.parametrize("move", ["start", "pause", "resume", "stop", "redial"])
def test_looking_at_a_button_s_address_does_nothing(admin_client, campaign, move):
    before = Campaign.objects.values().get()
    assert admin_client.get(page(campaign, move))["Location"] == page(campaign)
    assert Campaign.objects.values().get() == before


def test_a_reader_sees_a_campaign_and_moves_nothing(client, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    client.force_login(staff("reader", "calls.view_campaign"))
    seen = shown(client.get(page(campaign)))
    assert "Running." in seen
    assert "campaign-pause" not in seen
    assert [client.post(page(campaign, move)).status_code for move in ("pause", "stop")] == [403, 403]
    client.force_login(staff("nobody"))
    assert [client.get(page(campaign, door)).status_code for door in ("live", "preview")] == [403, 403]


def test_a_page_that_was_seen_as_it_is_is_not_sent_again(admin_client, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    seen = re.search(r'data-seen="(\w+)"', shown(admin_client.get(page(campaign))))[1]
    assert admin_client.get(page(campaign, "live"), {"seen": seen}).status_code == 204
    CampaignMember.objects.filter(lead__name="Lead 1").update(state="reached", code="qualified")
    answer = admin_client.get(page(campaign, "live"), {"seen": seen, "show": "reached"})
    assert "Qualified" in shown(answer)
    assert "Lead 2" not in shown(answer)


def test_a_member_whose_next_try_waits_says_from_when(admin_client, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    later = timezone.now() + timedelta(days=3)
    lead = Lead.objects.get(name="Lead 1")
    Call.objects.create(lead=lead, provider="pretend", campaign=campaign, origin="retry", dial_after=later)
    CampaignMember.objects.filter(lead=lead).update(state="calling")
    (row,) = admin_client.get(page(campaign), {"show": "calling"}).context["members"]
    assert (row["why"], row["since"]) == ("Called again", later)


def test_a_started_campaign_is_changed_by_no_form_and_deleted_only_once_it_has_ended(admin_client, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    assert admin_client.post(page(campaign), FORM).status_code == 403
    assert admin_client.post(page(campaign, "delete"), {"post": "yes"}).status_code == 403
    campaigning.stop(campaign_id=campaign.pk, now=now)
    unsure = Call.objects.create(lead=Lead.objects.first(), campaign=campaign, provider="twilio", status="unconfirmed")
    assert admin_client.post(page(campaign, "delete"), {"post": "yes"}).status_code == 403
    unsure.delete()
    admin_client.post(page(campaign, "delete"), {"post": "yes"})
    assert not Campaign.objects.exists()


def test_a_form_that_is_saved_while_the_campaign_starts_does_not_undo_the_start(rf, admin_user, campaign, now):
    opened = Campaign.objects.get(pk=campaign.pk)
    campaigning.start(campaign_id=campaign.pk, now=now)
    form = CampaignForm(FORM, instance=opened)
    request = rf.post(page(campaign))
    request.user = admin_user
    site._registry[Campaign].save_model(request, form.save(commit=False), form, change=True)
    campaign.refresh_from_db()
    assert (campaign.name, campaign.state, campaign.started_at) == ("Second", "running", now)


def test_no_provider_is_offered_that_has_no_keys_and_none_is_started(admin_client, campaign, settings):
    def offered(path):
        return [name for name, _ in admin_client.get(path).context["adminform"].form.fields["provider"].choices]

    assert offered(f"{LIST}add/") == ["", "pretend"]
    Campaign.objects.update(provider="vapi")
    assert offered(page(campaign)) == ["", "vapi", "pretend"]
    refused = "Vapi has no keys here, so every call would fail. Choose another provider, or have its keys set."
    assert told(admin_client.post(page(campaign, "start"))) == [refused]
    assert not CampaignMember.objects.exists()
    keys = {"api_key": "key", "phone_number_id": "number"}
    settings.PROVIDERS = settings.PROVIDERS | {"vapi": settings.PROVIDERS["vapi"] | keys}
    assert offered(f"{LIST}add/") == ["", "vapi", "pretend"]


def test_leads_for_a_draft_that_was_deleted_meanwhile_are_still_chosen(admin_client, campaign):
    lead = Lead.objects.first()
    admin_client.post("/admin/leads/lead/", {"action": "add_to_campaign", "_selected_action": [lead.pk]})
    answer = admin_client.post(f"{LIST}collect/", {"campaign": campaign.pk + 1})
    assert told(answer)[-1].startswith("That draft was deleted meanwhile.")
    assert "1 lead chosen" in shown(answer)


def test_chosen_leads_go_into_a_new_draft_or_one_that_is_there(admin_client, campaign, now):
    first, second = Lead.objects.order_by("pk")
    for lead, answer in ((first, {"name": "Two"}), (second, None)):
        admin_client.post("/admin/leads/lead/", {"action": "add_to_campaign", "_selected_action": [lead.pk]})
        assert "1 lead chosen" in shown(admin_client.get(f"{LIST}collect/"))
        made = Campaign.objects.filter(name="Two").first()
        admin_client.post(f"{LIST}collect/", answer or {"campaign": made.pk})
    assert Campaign.objects.get(name="Two").lead_ids == [first.pk, second.pk]
    assert told(admin_client.get(f"{LIST}collect/"))[-1].startswith("Choose leads in their list first")
    admin_client.post("/admin/leads/lead/", {"action": "add_to_campaign", "_selected_action": [first.pk]})
    refused = admin_client.post(f"{LIST}collect/", {"campaign": campaign.pk})
    assert "chooses its leads by a filter" in shown(refused)


def test_a_campaign_s_page_asks_as_often_for_many_leads_as_for_few(admin_client, campaign, now):
    campaigning.start(campaign_id=campaign.pk, now=now)
    counts = []
    for numbers in (range(10, 12), range(20, 60)):
        for number in numbers:
            lead = make_lead(number, now)
            CampaignMember.objects.create(campaign=campaign, lead=lead, next_at=now)
            Call.objects.create(lead=lead, provider="pretend", status="ringing", campaign=campaign, created_at=now)
            Campaign.objects.create(name=f"C{number}", created_at=now)
        admin_client.get(page(campaign))
        with CaptureQueriesContext(connection) as asked:
            admin_client.get(page(campaign, "live"))
            admin_client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_provider_is_paused_and_resumed_by_hand(admin_client, admin_user):
    state = ProviderState.objects.create(provider="twilio")
    switch = f"/admin/calls/providerstate/{state.pk}/switch/"
    admin_client.get(switch)
    assert not ProviderState.objects.get().paused
    admin_client.post(switch, {"to": "pause"})
    state.refresh_from_db()
    assert (state.paused, state.paused_by) == (True, admin_user)
    assert "Resume Twilio" in shown(admin_client.get(f"/admin/calls/providerstate/{state.pk}/change/"))
    assert "Twilio was paused already" in told(admin_client.post(switch, {"to": "pause"}))[-1]
    admin_client.post(switch, {"to": "resume"})
    assert not ProviderState.objects.get().paused


def test_every_provider_is_listed_and_none_can_be_deleted_with_its_pause(admin_client):
    listed = admin_client.get("/admin/calls/providerstate/").context["cl"].result_list
    assert [state.provider for state in listed] == ["pretend", "twilio", "vapi"]
    paused = ProviderState.objects.filter(provider="twilio")
    paused.update(paused=True, reason="5 of 5 calls failed.")
    address = f"/admin/calls/providerstate/{paused.get().pk}"
    text = shown(admin_client.get(f"{address}/change/"))
    assert "Twilio is paused: no calls go out over it." in text
    assert "Delete provider" not in text
    assert admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert paused.get().paused


def test_a_saved_draft_leads_to_where_it_is_looked_at(admin_client):
    answer = admin_client.post(
        "/admin/calls/campaign/add/", {"name": "Wakad", "max_lines": 2, "reserved_lines": 1, "_save": "1"}
    )
    assert answer.url == f"/admin/calls/campaign/{Campaign.objects.get().pk}/change/"


def test_whoever_may_only_look_reads_whom_a_draft_chooses(client, admin_user, now):
    chosen = {"status": ["new"], "owner": admin_user.pk, "budget_at_least": 5_000_000}
    chosen["created_after"] = "2026-03-01T00:00:00+05:30"
    draft = Campaign.objects.create(name="Wakad", filter=chosen, created_at=now)
    client.force_login(staff("looker", "calls.view_campaign"))
    told = "Status: New; Owner: admin; Budget at least: ₹50 lakh; Came in since: 01 March 2026"
    assert told in shown(client.get(page(draft)))
    Campaign.objects.update(filter={})
    assert "Everybody" in shown(client.get(page(draft)))
