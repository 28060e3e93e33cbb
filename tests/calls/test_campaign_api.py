"""Campaigns over HTTP: drafted, previewed, started, watched, stopped."""

from __future__ import annotations

import pytest

from calls.models import Campaign, CampaignMember
from tests.admin_rows import make_lead
from tests.api_client import client_who_may, master

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/api/v1/campaigns"
NOBODY = {"total": 0, "waiting": 0, "calling": 0, "reached": 0, "unreached": 0, "skipped": 0, "qualified": 0}


@pytest.fixture
def leads(now):
    return [make_lead(1, now), make_lead(2, now, do_not_call=True, status="do_not_call"), make_lead(3, now)]


def draft(client, **fields):
    answer = client.post(CAMPAIGNS, {"name": "Wakad", "filter": {}} | fields, format="json")
    assert answer.status_code == 201, answer.json()
    return f"{CAMPAIGNS}/{answer.json()['id']}"


def test_a_campaign_is_drafted_by_filter_previewed_started_paused_resumed_and_stopped(leads):
    client = master()
    url = draft(client, filter={"status": ["new", "do_not_call"]}, reserved_lines=0)
    made = client.get(url).json()
    assert (made["state"], made["filter"], made["progress"]) == ("draft", {"status": ["new", "do_not_call"]}, NOBODY)
    assert client.get(f"{url}/preview").json() == {
        "total": 3,
        "now": 2,
        "later": 0,
        "skipped": 1,
        "groups": [
            {"code": "", "detail": "", "skipped": False, "count": 2, "names": ["Lead 1", "Lead 3"], "since": None},
            {
                "code": "do_not_call",
                "detail": "This lead asked not to be called. The request stands until the lead takes it back.",
                "skipped": True,
                "count": 1,
                "names": ["Lead 2"],
                "since": None,
            },
        ],
    }
    states = [client.post(f"{url}/{move}").json()["state"] for move in ("start", "pause", "resume", "stop")]
    assert states == ["running", "paused", "running", "stopped"]
    assert client.get(url).json()["progress"] == NOBODY | {"total": 3, "skipped": 3}
    listed = client.get(CAMPAIGNS, {"state": "stopped"}).json()
    assert [one["progress"]["skipped"] for one in listed["results"]] == [3]


def test_a_campaign_of_chosen_leads_calls_them_alone(leads):
    client = master()
    answer = client.post(CAMPAIGNS, {"name": "Two", "leads": [leads[0].pk, leads[2].pk, leads[0].pk]}, format="json")
    url = f"{CAMPAIGNS}/{answer.json()['id']}"
    client.post(f"{url}/start")
    members = client.get(f"{url}/members").json()["results"]
    assert [(one["lead"], one["state"]) for one in members] == [(leads[0].pk, "waiting"), (leads[2].pk, "waiting")]
    assert client.get(f"{url}/members", {"state": "reached"}).json()["results"] == []
    assert client.get(f"{url}/members", {"state": "nowhere"}).status_code == 400


@pytest.mark.parametrize(
    ("state", "move", "detail"),
    [
        ("running", "start", "The campaign is running, so this cannot be done now."),
        ("draft", "pause", "The campaign is still a draft, so this cannot be done now."),
        ("stopped", "resume", "The campaign is stopped, so this cannot be done now."),
        ("finished", "stop", "The campaign is finished, so this cannot be done now."),
        ("running", "redial", "The campaign is running, so this cannot be done now."),
    ],
)
def test_a_move_that_does_not_fit_is_refused(leads, state, move, detail):
    campaign = Campaign.objects.create(name="Wakad", state=state)
    answer = master().post(f"{CAMPAIGNS}/{campaign.pk}/{move}")
    assert (answer.status_code, answer.json()) == (409, {"code": "wrong_state", "detail": detail})


def test_nobody_to_call_is_refused(now):
    make_lead(1, now, do_not_call=True, status="do_not_call")
    answer = master().post(f"{draft(master('other'))}/start")
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody")
    assert not CampaignMember.objects.exists()


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": "x"}, [("", "one_of")]),
        ({"name": "x", "filter": {}, "leads": [1]}, [("leads", "does_not_exist")]),
        ({"name": "x", "leads": []}, [("leads", "min_length")]),
        ({"name": "x", "filter": {"colour": "red"}}, [("filter.colour", "invalid")]),
        ({"name": "x", "filter": {"status": ["gone"]}}, [("filter.status", "invalid")]),
        ({"name": "x", "filter": {}, "opens": "10:00"}, [("closes", "invalid")]),
        ({"name": "x", "filter": {"created_after": 1}}, [("filter.created_after", "invalid")]),
        ({"name": "x", "filter": {"not_called_since": {"a": [1]}}}, [("filter.not_called_since", "invalid")]),
        ({"name": "x", "filter": {}, "max_lines": 0}, [("max_lines", "invalid")]),
        ({"name": "x", "filter": {}, "daily_spend_cap": 0}, [("daily_spend_cap", "invalid")]),
        ({"filter": {}}, [("name", "required")]),
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(body, errors):
    answer = master().post(CAMPAIGNS, body, format="json")
    found = [(one["field"], one["code"]) for one in answer.json()["errors"]]
    assert (answer.status_code, found) == (400, errors)


def test_the_unreached_become_a_new_draft(leads):
    client = master()
    campaign = Campaign.objects.create(name="Wakad", state="finished", max_lines=3)
    CampaignMember.objects.create(campaign=campaign, lead=leads[0], state="unreached")
    CampaignMember.objects.create(campaign=campaign, lead=leads[2], state="reached")
    answer = client.post(f"{CAMPAIGNS}/{campaign.pk}/redial")
    made = Campaign.objects.get(pk=answer.json()["id"])
    assert (answer.status_code, made.state, made.lead_ids, made.redial_of, made.max_lines) == (
        201,
        "draft",
        [leads[0].pk],
        campaign,
        3,
    )


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("calls.view_campaign", {"list": 200, "preview": 200, "create": 403, "start": 403, "redial": 403}),
        ("calls.add_campaign", {"list": 403, "preview": 403, "create": 201, "start": 403, "redial": 409}),
        ("calls.change_campaign", {"list": 403, "preview": 403, "create": 403, "start": 200, "redial": 403}),
    ],
)
def test_each_door_asks_for_its_own_permission(leads, permission, expected):
    client, url = client_who_may(permission), draft(master())
    answers = {
        "list": client.get(CAMPAIGNS),
        "preview": client.get(f"{url}/preview"),
        "create": client.post(CAMPAIGNS, {"name": "x", "filter": {}}, format="json"),
        "redial": client.post(f"{url}/redial"),
        "start": client.post(f"{url}/start"),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == expected
