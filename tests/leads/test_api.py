"""One lead over HTTP: entered, read, changed, deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

import leads.api
from calls.models import Call
from leads import operations
from leads.models import Activity, ErasedNumber, Lead, Suppression
from leads.models.erased import digests_of
from tests.api_client import NOW, client_who_may, master, wanting

if TYPE_CHECKING:
    from datetime import datetime

pytestmark = pytest.mark.django_db

LEADS = "/api/v1/leads"


def as_json(lead: Lead, **changes: object) -> dict[str, object]:
    lead.refresh_from_db()
    body = {
        "id": lead.pk,
        "name": "Meena Kulkarni",
        "phone": "+919820000001",
        "email": "meena@example.com",
        "language": "en-IN",
        "time_zone": "Asia/Kolkata",
        "source": "staff",
        "status": "new",
        "score": None,
        "score_reasons": [],
        "owner": None,
        "do_not_call": False,
        "notes": "",
        "requirement": {
            "locations": [{"city": "Pune", "locality": "Wakad"}],
            "category": "",
            "property_type": "",
            "bedrooms_min": None,
            "bedrooms_max": None,
            "budget_min": None,
            "budget_max": 7_000_000,
            "purpose": "",
            "timeline_months": None,
            "consent": None,
            "evidence": {},
            "updated_at": written(lead.requirement.updated_at),
        },
        "created_at": "2026-03-10T14:30:00+05:30",
        "updated_at": written(lead.updated_at),
        "last_contacted_at": None,
    }
    return {**body, **changes}


def written(moment: datetime) -> str:
    from django.utils.timezone import localtime

    return localtime(moment).isoformat()


def test_a_lead_is_read_whole() -> None:
    lead = wanting()
    answer = client_who_may("leads.view_lead").get(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, answer.json()) == (200, as_json(lead))


def test_a_lead_is_entered_with_what_they_want() -> None:
    sent = {
        "name": "Meena Kulkarni",
        "phone": "098200 00001",
        "email": "meena@example.com",
        "requirement": {"locations": [{"city": "poona", "locality": "Wakad"}], "budget_max": 7_000_000},
    }
    answer = client_who_may("leads.add_lead").post(LEADS, sent)
    lead = Lead.objects.get()
    expected = as_json(lead, source="api", created_at=written(lead.created_at))
    assert (answer.status_code, answer.json()) == (201, expected)
    assert list(Activity.objects.values_list("kind", "text", "actor__username")) == [
        ("created", "Entered through the API.", "program")
    ]


def test_a_lead_without_a_requirement_gets_an_empty_one() -> None:
    answer = master().post(LEADS, {"phone": "+919820000001"})
    assert answer.json()["requirement"]["locations"] == []


def test_a_second_lead_with_a_number_is_refused_with_the_id_of_the_first() -> None:
    lead = wanting()
    answer = master().post(LEADS, {"name": "Somebody", "phone": "98200-00001"})
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "duplicate_phone",
        "detail": "Another lead has this number already. Change that one instead; its id is in existing_id.",
        "field": "phone",
        "existing_id": lead.pk,
    }
    assert Lead.objects.count() == 1


def test_moving_a_lead_to_a_taken_number_is_refused_the_same_way() -> None:
    lead = wanting()
    other = Lead.objects.create(phone="+919820000002")
    answer = master().patch(f"{LEADS}/{other.pk}", {"phone": "9820000001"})
    assert (answer.status_code, answer.json()["existing_id"]) == (409, lead.pk)


def test_nonsense_is_refused_field_by_field() -> None:
    sent = {
        "phone": "12345",
        "time_zone": "Mars/Olympus",
        "requirement": {"locations": [{"locality": "Wakad"}], "budget_min": "lots", "bedrooms_min": 2.25},
    }
    answer = master().post(LEADS, sent)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "invalid",
        "detail": "The request cannot be used as it is. See errors.",
        "errors": [
            {
                "field": "phone",
                "code": "invalid_phone",
                "detail": "This phone number has too few digits. An Indian number has ten, like 98765 43210.",
            },
            {
                "field": "time_zone",
                "code": "unknown_time_zone",
                "detail": "No such time zone. Write one like Asia/Kolkata.",
            },
            {"field": "requirement.locations.0.city", "code": "required", "detail": "This field is required."},
            {
                "field": "requirement.bedrooms_min",
                "code": "max_decimal_places",
                "detail": "Ensure that there are no more than 1 decimal places.",
            },
            {"field": "requirement.budget_min", "code": "invalid", "detail": "A valid integer is required."},
        ],
    }


@pytest.mark.parametrize("zone", ["Mars/Phobos", "Asia"])
def test_a_lead_keeps_their_clock_when_the_new_one_does_not_exist(zone: str) -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"time_zone": zone})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["time_zone"])


def test_a_range_is_refused_when_half_of_it_contradicts_the_other_half_in_store() -> None:
    lead = wanting(budget_max=5_000_000)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"requirement": {"budget_min": 6_000_000}})
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [
            {
                "field": "requirement.budget_max",
                "code": "out_of_order",
                "detail": "budget_max must not be below budget_min.",
            }
        ],
    )


def test_a_patch_changes_what_it_names_and_drops_the_words_that_no_longer_prove_it() -> None:
    said = {"call": 1, "turn": 2, "words": "seventy lakhs"}
    lead = wanting(evidence={"budget_max": said, "locations": said})
    sent = {"notes": "Call after six", "requirement": {"budget_max": 8_000_000}}
    answer = master().patch(f"{LEADS}/{lead.pk}", sent)
    lead.refresh_from_db()
    unheard = dict.fromkeys(("recording", "start_s", "end_s", "confidence"))  # nothing of it was recorded
    evidence = {"locations": said | unheard}
    requirement = {**as_json(lead)["requirement"], "budget_max": 8_000_000, "evidence": evidence}
    assert (answer.status_code, answer.json()) == (200, as_json(lead, notes="Call after six", requirement=requirement))


def test_a_patch_leaves_what_a_call_wrote_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    lead = wanting()

    def ended_meanwhile(serializer: object) -> object:
        Lead.objects.filter(pk=lead.pk).update(score=90, status="qualified")
        return split(serializer)

    split = leads.api._split
    monkeypatch.setattr("leads.api._split", ended_meanwhile)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"notes": "Call after six"})
    lead.refresh_from_db()
    assert (answer.json()["score"], lead.score, lead.status, lead.notes) == (90, 90, "qualified", "Call after six")


def test_a_status_set_by_a_program_is_on_the_timeline() -> None:
    lead = wanting()
    assert master().patch(f"{LEADS}/{lead.pk}", {"status": "contacted"}).json()["status"] == "contacted"
    assert list(Activity.objects.values_list("kind", "text")) == [
        ("status", "Status set to contacted through the API.")
    ]


def test_a_put_of_what_was_read_changes_nothing() -> None:
    lead = wanting(bedrooms_min=Decimal("2.5"))
    client = master()
    before = client.get(f"{LEADS}/{lead.pk}").json()
    after = client.put(f"{LEADS}/{lead.pk}", before).json()
    after["updated_at"], after["requirement"]["updated_at"] = before["updated_at"], before["requirement"]["updated_at"]
    assert after == before


def test_a_put_of_one_field_leaves_the_others() -> None:
    lead = wanting()
    answer = master().put(f"{LEADS}/{lead.pk}", {"notes": "Rings in the evening."})
    assert (answer.status_code, answer.json()) == (200, as_json(lead, notes="Rings in the evening."))


def test_do_not_call_suppresses_the_number() -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"do_not_call": True})
    assert (answer.json()["do_not_call"], answer.json()["status"]) == (True, "do_not_call")
    assert [str(one.phone) for one in Suppression.objects.all()] == ["+919820000001"]


def test_do_not_call_is_not_taken_back_without_the_permission() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    client = client_who_may("leads.view_lead", "leads.change_lead")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"do_not_call": False, "notes": "please"})
    assert (answer.status_code, answer.json()) == (
        403,
        {
            "code": "do_not_call_stands",
            "detail": "The lead asked not to be called. "
            "Only users who may delete numbers not to call can take this back.",
            "field": "do_not_call",
        },
    )
    lead.refresh_from_db()
    assert (lead.do_not_call, lead.notes) == (True, "")


def test_do_not_call_is_taken_back_with_the_permission_and_leaves_a_trace() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    client = client_who_may("leads.change_lead", "leads.delete_suppression")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"do_not_call": False})
    assert (answer.status_code, answer.json()["status"], Suppression.objects.count()) == (200, "contacted", 0)
    assert Activity.objects.latest("pk").actor == User.objects.get(username="program")


@pytest.mark.parametrize(
    ("stands", "sent"),
    [
        (True, {"status": "qualified", "notes": "please"}),
        (True, {"status": "new", "do_not_call": True}),
        (False, {"status": "qualified", "do_not_call": True}),
    ],
)
def test_beside_do_not_call_no_other_status_is_set(stands: bool, sent: dict[str, object]) -> None:
    lead = wanting()
    if stands:
        operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    before = as_json(lead, status="do_not_call" if stands else "new", do_not_call=stands)
    client = master()
    answer = client.patch(f"{LEADS}/{lead.pk}", sent)
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "code": "do_not_call_stands",
            "detail": "The lead asked not to be called, so no other status can be set. Take do_not_call back first.",
            "field": "status",
        },
    )
    assert client.get(f"{LEADS}/{lead.pk}").json() == before


def test_a_new_lead_is_not_both_never_called_and_qualified() -> None:
    sent = {"phone": "9820000001", "do_not_call": True, "status": "qualified"}
    answer = master().post(LEADS, sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "do_not_call_stands")
    assert not Lead.objects.exists()


def test_taking_do_not_call_back_may_set_the_status_at_once() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    answer = master().patch(f"{LEADS}/{lead.pk}", {"do_not_call": False, "status": "new"})
    assert (answer.status_code, answer.json()) == (200, as_json(lead, status="new"))


def test_the_status_do_not_call_is_not_set_by_hand() -> None:
    lead = wanting()
    answer = master().patch(f"{LEADS}/{lead.pk}", {"status": "do_not_call"})
    assert answer.json()["errors"] == [
        {"field": "status", "code": "use_do_not_call", "detail": "Send do_not_call: true instead."}
    ]


def test_a_deleted_lead_stays_suppressed() -> None:
    lead = wanting()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    answer = master().delete(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, Lead.objects.count(), Suppression.objects.count()) == (204, 0, 1)


def test_a_lead_in_a_call_is_not_deleted() -> None:
    lead = wanting()
    Call.objects.create(lead=lead, provider="pretend", status="in_progress")
    answer = master().delete(f"{LEADS}/{lead.pk}")
    assert (answer.status_code, answer.json()["code"], Lead.objects.count()) == (409, "live_call", 1)


def test_a_number_that_was_erased_is_not_allowed_again_by_the_change_that_brings_it() -> None:
    lead = wanting()
    ErasedNumber.objects.create(digest=digests_of("+919820000077")[0])
    client = client_who_may("leads.view_lead", "leads.change_lead")
    answer = client.patch(f"{LEADS}/{lead.pk}", {"phone": "+919820000077", "do_not_call": False})
    assert (answer.status_code, answer.json()["do_not_call"], ErasedNumber.objects.count()) == (200, True, 1)
