"""Calls over HTTP: read, placed once, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from calls.models import Call, Turn
from leads import operations
from leads.models import Activity, Lead, Suppression
from tests.api_client import client_of, client_who_may, master
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db

CALLS = "/api/v1/calls"
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
AT = "2026-03-10T14:30:00+05:30"


def lead_with_phone(**fields: object) -> Lead:
    return Lead.objects.create(**{"name": "Meena Kulkarni", "phone": "+919820000001", **fields})


def ended_call() -> Call:
    agent = VoiceAgent.objects.create()
    call = Call.objects.create(
        lead=lead_with_phone(),
        provider="pretend",
        status="ended",
        end_reason="completed",
        disposition="qualified",
        agent=agent,
        reasons=[{"code": "consent_given", "sentence": "Agreed to a call from a sales representative.", "met": True}],
        created_at=NOW,
        dialed_at=NOW,
        asked_at=NOW + timedelta(seconds=0.25),
        placed_at=NOW + timedelta(seconds=1),
        ended_at=NOW,
        duration_s=61,
    )
    Turn.objects.create(call=call, number=0, said="Where?", at=NOW)
    heard = {"slot": "budget_max", "value": 7_000_000, "turn": 1, "words": "seventy lakhs", "start": 0, "end": 13}
    Turn.objects.create(
        call=call,
        number=1,
        asked="budget",
        heard="seventy lakhs",
        understood=[heard],
        confidence=0.9,
        said="Bye.",
        at=NOW,
    )
    return call


def as_json(call: Call) -> dict[str, object]:
    return {
        "id": call.pk,
        "lead": call.lead_id,
        "channel": "voice",
        "direction": "outbound",
        "origin": "staff",
        "campaign": None,
        "retry_of": None,
        "ladder": "",
        "attempt": 1,
        "status": "ended",
        "end_reason": "completed",
        "disposition": "qualified",
        "error": "",
        "provider": "pretend",
        "agent": call.agent_id,
        "requested_by": None,
        "reasons": [
            {"code": "consent_given", "sentence": "Agreed to a call from a sales representative.", "met": True}
        ],
        "summary": [],
        "summary_rung": "",
        "needs_review": False,
        "dial_after": None,
        "created_at": AT,
        "dialed_at": AT,
        "asked_at": "2026-03-10T14:30:00.250000+05:30",
        "placed_at": "2026-03-10T14:30:01+05:30",
        "speed": {
            "arrived_to_queued": None,
            "queued_to_started": None,
            "started_to_asked": 0.25,
            "asked_to_accepted": 0.75,
        },
        "answered_by": "",
        "answered_at": None,
        "ended_at": AT,
        "duration_s": 61,
        "transfer_state": "",
        "voicemail_left_at": None,
        "recording_consent": "",
        "recording_consent_at": None,
        "recording_words": "",
        "cost_micros": None,
        "cost_is_estimate": False,
    }


def test_a_call_is_read_with_its_turns_and_the_words_behind_each_slot() -> None:
    call = ended_call()
    answer = client_who_may("calls.view_call").get(f"{CALLS}/{call.pk}")
    heard = {"slot": "budget_max", "value": 7_000_000, "words": "seventy lakhs", "start": 0, "end": 13}
    nothing = {"asked": "", "heard": "", "digits": "", "confidence": None, "understood": []}
    nothing |= {"heard_again": "", "better": "", "better_why": ""}
    nothing |= dict.fromkeys(("start_s", "end_s", "said_start_s", "said_end_s"))
    turns = [
        {**nothing, "number": 0, "said": "Where?", "rung": "rules", "at": AT},
        {
            **nothing,
            "number": 1,
            "asked": "budget",
            "heard": "seventy lakhs",
            "confidence": 0.9,
            "understood": [heard],
            "said": "Bye.",
            "rung": "rules",
            "at": AT,
        },
    ]
    assert (answer.status_code, answer.json()) == (200, {**as_json(call), "turns": turns})


def test_a_list_of_calls_comes_without_turns() -> None:
    call = ended_call()
    answer = master().get(CALLS)
    assert answer.json() == {"count": 1, "next": None, "previous": None, "results": [as_json(call)]}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=ended", 1),
        ("status=queued", 0),
        ("status=queued&status=ended", 1),
        ("disposition=qualified", 1),
        ("disposition=busy", 0),
        ("provider=pretend", 1),
        ("provider=twilio", 0),
        ("direction=inbound", 0),
        ("lead=999999", 0),
        ("needs_review=true", 0),
        ("needs_review=false", 1),
        ("created_after=2026-03-10T08:00:00Z", 1),
        ("created_before=2026-03-10T08:00:00Z", 0),
    ],
)
def test_calls_are_narrowed_down(query: str, count: int) -> None:
    ended_call()
    assert master().get(f"{CALLS}?{query}").json()["count"] == count


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_of_any_length_takes_the_same_queries(rows: int, django_assert_num_queries: object) -> None:
    lead = lead_with_phone()
    Call.objects.bulk_create(Call(lead=lead, provider="pretend", status="ended") for _ in range(rows))
    client = master()
    with django_assert_num_queries(4):  # the key, the user's keys, the count, the rows
        client.get(CALLS)


@pytest.mark.parametrize("turns", [1, 30])
def test_a_call_of_any_length_takes_the_same_queries(turns: int, django_assert_num_queries: object) -> None:
    call = Call.objects.create(lead=lead_with_phone(), provider="pretend", status="ended")
    Turn.objects.bulk_create(Turn(call=call, number=number) for number in range(turns))
    client = master()
    with django_assert_num_queries(4):  # the key, the user's keys, the call, its turns
        client.get(f"{CALLS}/{call.pk}")


def test_a_call_is_placed_to_a_lead() -> None:
    lead = lead_with_phone()
    answer = client_who_may("calls.add_call").post(CALLS, {"lead": lead.pk})
    call = Call.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["turns"]) == (201, call.pk, [])
    assert (call.status, call.lead, call.provider, call.requested_by) == (
        "queued",
        lead,
        "pretend",
        User.objects.get(username="program"),
    )


def test_a_call_to_a_new_number_makes_a_lead() -> None:
    answer = client_who_may("calls.add_call", "leads.add_lead").post(CALLS, {"phone": "98200 00001", "name": "Meena"})
    lead = Lead.objects.get()
    assert (answer.status_code, answer.json()["lead"]) == (201, lead.pk)
    assert (lead.name, str(lead.phone), lead.source) == ("Meena", "+919820000001", "api")


def test_a_call_to_a_known_number_is_a_call_to_its_lead() -> None:
    lead = lead_with_phone()
    answer = client_who_may("calls.add_call").post(CALLS, {"phone": "098200-00001", "name": "Somebody"})
    lead.refresh_from_db()
    assert (answer.json()["lead"], lead.name, Lead.objects.count()) == (lead.pk, "Meena Kulkarni", 1)


def test_a_call_to_a_new_number_needs_the_permission_to_enter_leads() -> None:
    answer = client_who_may("calls.add_call").post(CALLS, {"phone": "98200 00001"})
    assert (answer.status_code, answer.json()["code"], Lead.objects.count()) == (403, "permission_denied", 0)


def test_the_agent_asked_for_calls() -> None:
    agent = VoiceAgent.objects.create(name="Kavya", language="hi-IN")
    VoiceAgent.objects.create(is_default=True)
    answer = master().post(CALLS, {"lead": lead_with_phone().pk, "agent": agent.pk})
    assert answer.json()["agent"] == agent.pk


def test_a_lead_who_must_not_be_called_is_not() -> None:
    lead = lead_with_phone()
    operations.set_do_not_call(lead_id=lead.pk, now=NOW)
    answer = master().post(CALLS, {"lead": lead.pk})
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "code": "do_not_call",
            "detail": "This lead asked not to be called. The request stands until the lead takes it back.",
            "field": "lead",
        },
    )
    assert Call.objects.count() == 0
    assert Activity.objects.filter(kind="call_refused").count() == 1


def test_a_suppressed_number_is_not_called_though_no_lead_has_it() -> None:
    Suppression.objects.create(phone="+919820000001")
    answer = master().post(CALLS, {"phone": "9820000001"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "suppressed", "phone")


def test_a_lead_has_one_live_call() -> None:
    client, lead = master(), lead_with_phone()
    client.post(CALLS, {"lead": lead.pk})
    answer = client.post(CALLS, {"lead": lead.pk})
    assert (answer.status_code, answer.json()["code"], Call.objects.count()) == (409, "live_call", 1)


def test_an_idempotency_key_places_one_call_however_often_it_is_sent() -> None:
    client, lead = master(), lead_with_phone()
    first = client.post(CALLS, {"lead": lead.pk}, HTTP_IDEMPOTENCY_KEY="order 7")
    Call.objects.update(status="ended")
    second = client.post(CALLS, {"lead": lead.pk}, HTTP_IDEMPOTENCY_KEY="order 7")
    assert [first.status_code, second.status_code] == [201, 200]
    assert first.json()["id"] == second.json()["id"]
    assert Call.objects.count() == 1


@pytest.mark.parametrize("other", [{"phone": "98200 00002"}, {"lead": "another"}, {"lead": "same", "agent": "other"}])
def test_an_idempotency_key_is_not_used_for_somebody_else(other: dict[str, str]) -> None:
    client, lead = master(), lead_with_phone()
    named = {"another": lead_with_phone(phone="+919820000003").pk, "same": lead.pk}
    client.post(CALLS, {"lead": lead.pk}, HTTP_IDEMPOTENCY_KEY="order 7")
    sent: dict[str, object] = {**other}
    if "lead" in other:
        sent["lead"] = named[other["lead"]]
    if "agent" in other:
        sent["agent"] = VoiceAgent.objects.create(name="Kavya").pk
    answer = client.post(CALLS, sent, HTTP_IDEMPOTENCY_KEY="order 7")
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "code": "idempotency_key_reused",
            "detail": "This Idempotency-Key belongs to a call to somebody else. Use a new key for a new call.",
        },
    )
    assert (Call.objects.count(), Lead.objects.count()) == (1, 2)


def test_two_users_may_choose_the_same_idempotency_key() -> None:
    first, second = lead_with_phone(), lead_with_phone(phone="+919820000002")
    answers = [
        client_of(User.objects.create_superuser(name)).post(CALLS, {"lead": lead.pk}, HTTP_IDEMPOTENCY_KEY="1")
        for name, lead in (("one", first), ("two", second))
    ]
    assert [answer.status_code for answer in answers] == [201, 201]


def test_an_endless_idempotency_key_is_refused() -> None:
    answer = master().post(CALLS, {"lead": lead_with_phone().pk}, HTTP_IDEMPOTENCY_KEY="x" * 201)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({}, [("", "one_of")]),
        ({"lead": 10**6}, [("lead", "does_not_exist")]),
        ({"lead": 10**30}, [("lead", "does_not_exist")]),
        ({"lead": True}, [("lead", "incorrect_type")]),
        ({"phone": "12"}, [("phone", "invalid_phone")]),
        ({"phone": "9820000001", "agent": 999_999}, [("agent", "does_not_exist")]),
    ],
)
def test_a_call_needs_one_lead_or_one_number(sent: dict[str, object], errors: list[tuple[str, str]]) -> None:
    answer = master().post(CALLS, sent)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == errors


def test_a_waiting_call_is_taken_back_once() -> None:
    client = master()
    call_id = client.post(CALLS, {"lead": lead_with_phone().pk}).json()["id"]
    first = client.post(f"{CALLS}/{call_id}/cancel")
    second = client.post(f"{CALLS}/{call_id}/cancel/")
    assert (first.status_code, first.json()["status"], first.json()["end_reason"]) == (200, "ended", "canceled")
    assert (second.status_code, second.json()) == (
        409,
        {"code": "not_queued", "detail": "The call is no longer waiting, so it cannot be taken back."},
    )


def test_taking_a_call_back_needs_the_permission_to_change_calls() -> None:
    call = Call.objects.create(
        lead=lead_with_phone(), provider="pretend", created_at=timezone.now() - timedelta(hours=1)
    )
    client = client_who_may("calls.view_call", "calls.add_call")
    assert client.post(f"{CALLS}/{call.pk}/cancel").status_code == 403


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_call_is_a_record_that_nobody_rewrites(method: str) -> None:
    call = ended_call()
    answer = getattr(master(), method)(f"{CALLS}/{call.pk}", {"disposition": "busy"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
