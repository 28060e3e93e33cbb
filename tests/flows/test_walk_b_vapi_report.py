"""Walk B: Vapi led a conversation and reports it, over real HTTP."""

import json
from pathlib import Path

import pytest
import requests
from django.core.management import call_command

from calls import operations
from calls.models import Call, Turn, WebhookEvent
from leads.models import Activity, FollowUp, Lead
from tests.vapi_api import VapiApi

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOADS = Path(__file__).parents[1] / "payloads" / "vapi"
VAPI_ID = "22222222-2222-4222-8222-222222222222"
SECRET = "vapi-webhook-token"
SAID = (
    "Hello, this is Riya from Sunrise Realty. This call is recorded. Am I speaking with Meena?",
    "> Yes, speaking.",
    "Great. Where would you like to live? Which area?",
    "> A two BHK flat in Whitefield.",
    "And what is your budget?",
    "> Under eighty lakhs.",
    "May one of our sales representatives call you about matching properties?",
    "> Yes, please.",
    "Thank you, Meena. Goodbye!",
)


def payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def as_message(number, said):
    role = "user" if said.startswith("> ") else "bot"
    return {"role": role, "message": said.removeprefix("> "), "time": 1795341600000 + 5000 * number}


def report(call=None, *, name="end_of_call_report_completed_2026", said=SAID, kind="outboundPhoneCall"):
    """A report as received, with other words, about `call` where one is given."""
    body = payload(name)
    message = body["message"]
    messages = [as_message(number, one) for number, one in enumerate(said)]
    message["artifact"]["messages"] = message["messages"] = messages
    customer = {"number": "+919820012345", "externalId": f"call-{call.pk}" if call else "somebody"}
    message["customer"] = message["call"]["customer"] = customer
    message["call"]["type"] = kind
    return body


def status(call, name):
    body = payload(name)
    body["message"]["customer"]["externalId"] = f"call-{call.pk}"
    return body


@pytest.fixture
def post(settings, live_server):
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "vapi": {**settings.PROVIDERS["vapi"], "webhook_secrets": [SECRET], "webhook_auth": "x-vapi-secret"},
    }

    def post(body, secret=SECRET, path="/webhooks/vapi/call"):
        data = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"X-Vapi-Secret": secret, "Content-Type": "application/json"}
        return requests.post(live_server.url + path, data=data, headers=headers, timeout=15, allow_redirects=False)

    return post


@pytest.fixture
def api(settings):
    """Vapi's API, and an account there."""
    api = VapiApi()
    account = {"api_key": "a-key-of-vapi", "assistant_id": "an-assistant", "phone_number_id": "a-number"}
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "vapi": {**settings.PROVIDERS["vapi"], **account, "base_url": api.url},
    }
    yield api
    api.close()


@pytest.fixture
def call(db, now):
    """A call that Vapi was asked for; its response, and the id in it, never arrived."""
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345", created_at=now)
    return Call.objects.create(lead=lead, provider="vapi", status="unconfirmed", created_at=now)


def rows():
    return {model.__name__: model.objects.count() for model in (Lead, Call, Turn, FollowUp, Activity, WebhookEvent)}


def answer(response):
    return response.status_code, response.text, response.headers["Content-Type"]


def test_a_report_qualifies_the_lead_and_promises_a_sales_call(post, call):
    assert answer(post(report(call))) == (200, "{}", "application/json")

    call.refresh_from_db()
    assert (call.status, call.end_reason, call.disposition, call.duration_s, call.provider_call_id) == (
        "ended",
        "completed",
        "qualified",
        82,
        VAPI_ID,
    )
    assert call.answered_at is not None
    lead = Lead.objects.select_related("requirement").get()
    wanted = lead.requirement
    assert (lead.status, wanted.locations, wanted.property_type, float(wanted.bedrooms_min), wanted.budget_max) == (
        "qualified",
        [{"city": "Bengaluru", "locality": "Whitefield"}],
        "apartment",
        2.0,
        8_000_000,
    )
    assert wanted.evidence["budget_max"] == {"call": call.pk, "turn": 3, "words": "Under eighty lakhs"}
    assert [(turn.number, turn.asked, turn.heard, turn.said) for turn in call.turns.all()] == [
        (0, "", "", SAID[0]),
        (1, "identity", "Yes, speaking.", SAID[2]),
        (2, "location", "A two BHK flat in Whitefield.", SAID[4]),
        (3, "budget", "Under eighty lakhs.", SAID[6]),
        (4, "consent", "Yes, please.", SAID[8]),
    ]
    assert [one.kind for one in FollowUp.objects.all()] == ["sales_call"]


def test_a_repeated_report_gets_the_same_answer_and_adds_nothing(post, call):
    first = post(report(call))
    before = rows()
    again = report(call)
    again["message"]["artifact"]["presignedMonoUrl"] = "https://s3.example.invalid/mono.wav?X-Amz-Signature=OTHER"
    assert answer(post(again, path="/webhooks/vapi/call/")) == answer(first)
    assert rows() == before


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_a_wrong_secret_is_refused_and_leaves_no_row(post, call, secret):
    before = rows()
    response = post(report(call), secret=secret)
    assert (response.status_code, response.text) == (403, "")
    assert rows() == before


def test_without_a_configured_secret_every_report_is_refused(post, call, settings):
    settings.PROVIDERS["vapi"]["webhook_secrets"] = []
    assert post(report(call), secret="").status_code == 403
    assert WebhookEvent.objects.count() == 0


def test_a_bug_answers_500_and_keeps_the_event_until_it_is_applied_again(post, call, monkeypatch):
    before = rows()
    with monkeypatch.context() as broken:
        broken.setattr("leads.conversations.judge", lambda requirement: 1 / 0)
        assert post(report(call)).status_code == 500
    assert rows() == {**before, "WebhookEvent": 1}
    event = WebhookEvent.objects.get()
    assert (event.error, event.attempts, event.applied_at) == ("ZeroDivisionError: division by zero", 1, None)

    call_command("replay_webhooks", "--failed")
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.error, event.attempts, call.disposition, Turn.objects.count()) == ("", 2, "qualified", 5)
    assert Lead.objects.get().status == "qualified"


def test_the_whole_course_of_a_call_moves_it_only_forward(post, call):
    seen = []
    for name in ("status_update_queued", "status_update_ringing", "status_update_in_progress"):
        post(status(call, name))
        seen.append(Call.objects.get().status)
    post(status(call, "status_update_ended_customer-ended-call"))
    seen.append(Call.objects.get().status)  # the words are still to come
    post(report(call))
    post(status(call, "status_update_forwarding"))
    ended = Call.objects.get()
    assert seen == ["dialing", "ringing", "in_progress", "in_progress"]
    assert (ended.status, ended.disposition) == ("ended", "qualified")


def test_a_late_report_still_tells_what_was_said(post, call, now):
    Call.objects.update(status="ended", end_reason="lost", disposition="failed", ended_at=now, provider_call_id=VAPI_ID)
    post(report(call))
    call.refresh_from_db()
    assert (call.status, call.end_reason, call.disposition, call.ended_at) == ("ended", "completed", "qualified", now)
    assert Lead.objects.get().status == "qualified"


@pytest.mark.parametrize(
    ("name", "said", "disposition", "turns"),
    [
        ("end_of_call_report_busy", (), "busy", 0),
        ("end_of_call_report_no_answer", (), "no_answer", 0),
        ("end_of_call_report_voicemail", ("Hello?", "> You have reached Meena. Leave a message."), "voicemail", 2),
        ("end_of_call_report_completed_2026", (SAID[0],), "no_response", 1),
        ("end_of_call_report_completed_2026", SAID[:4], "abandoned", 3),
        ("end_of_call_report_provider_fault", SAID[:4], "abandoned", 3),
        ("end_of_call_report_unknown_reason", SAID, "qualified", 5),
        ("end_of_call_report_completed_2026", (SAID[0], "> Never call me again."), "do_not_call", 2),
    ],
)
def test_every_end_has_its_disposition(post, call, name, said, disposition, turns):
    assert post(report(call, name=name, said=said)).status_code == 200
    call.refresh_from_db()
    assert (call.status, call.disposition, call.turns.count()) == ("ended", disposition, turns)


def test_a_call_is_placed_once_and_its_report_finds_it(api, post, now):
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345", created_at=now)
    call = operations.request_call(lead_id=lead.pk, provider="vapi", now=now)
    dialled = [operations.dial(call.pk, tries=0, now=now) for _ in range(2)]
    assert (dialled, len(api.asked)) == (["placed", "not due"], 1)

    body = report()
    body["message"]["customer"] = api.asked[0][3]["customer"]
    post(body)
    assert [(one.status, one.disposition, one.provider_call_id) for one in Call.objects.all()] == [
        ("ended", "qualified", VAPI_ID)
    ]


def test_the_words_of_a_report_that_never_came_are_asked_for(api, call, now):
    ended = report(call)["message"]
    found = {
        "id": VAPI_ID,
        "status": "ended",
        **{name: ended[name] for name in ("endedReason", "artifact", "customer")},
    }
    api.answer = (200, [found])
    assert operations.settle(call.pk, now=now) == "ended"
    call.refresh_from_db()
    assert (call.disposition, call.turns.count(), call.provider_call_id) == ("qualified", 5, VAPI_ID)


def test_a_report_brings_the_words_that_the_provider_had_not_yet_when_asked(api, post, call, now):
    api.answer = (200, [{"id": VAPI_ID, "status": "ended", "customer": {"externalId": f"call-{call.pk}"}}])
    assert operations.settle(call.pk, now=now) == "ended"
    post(report(call))
    call.refresh_from_db()
    assert (call.disposition, call.turns.count()) == ("qualified", 5)


def test_a_report_that_comes_after_its_words_were_asked_for_adds_nothing(api, post, call, now):
    test_the_words_of_a_report_that_never_came_are_asked_for(api, call, now)
    before = rows()
    assert post(report(call)).status_code == 200
    assert rows() == {**before, "WebhookEvent": 1}


def test_a_report_of_a_call_that_is_not_ours_is_kept_and_acknowledged(post, call):
    before = rows()
    assert answer(post(report())) == (200, "{}", "application/json")
    assert rows() == {**before, "WebhookEvent": 1}


def test_somebody_new_who_rang_vapi_becomes_a_lead_with_a_call(post):
    post(report(kind="inboundPhoneCall"))
    lead = Lead.objects.get()
    call = Call.objects.get()
    assert (str(lead.phone), lead.source, lead.status) == ("+919820012345", "inbound_call", "qualified")
    assert (call.lead, call.direction, call.status, call.disposition) == (lead, "inbound", "ended", "qualified")


@pytest.mark.parametrize(
    "body",
    [
        *map(payload, ["speech_update_started", "user_interrupted", "call_deleted", "hang"]),
        {"message": {"type": "session.created"}},
        {"message": {"type": "end-of-call-report", "endedReason": "customer-busy"}},  # of which call, it does not say
    ],
    ids=lambda body: body["message"]["type"],
)
def test_what_we_do_not_act_on_is_kept_and_acknowledged(post, call, body):
    assert answer(post(body)) == (200, "{}", "application/json")
    event = WebhookEvent.objects.get()
    call.refresh_from_db()
    assert (event.kind, event.call, event.applied_at is not None, call.status) == ("unknown", None, True, "unconfirmed")


def test_whoever_was_cut_off_in_the_middle_is_not_rung_again_at_once(post, call):
    why = {"endedReason": "pipeline-error-openai-llm-failed"}
    ended, told = status(call, "status_update_ended_customer-ended-call"), report(call)
    calls = []
    for body in (ended, told):
        body["message"] |= why
        assert post(body).status_code == 200
        calls.append(Call.objects.count())
    call.refresh_from_db()
    assert (calls, call.status, call.end_reason, call.disposition) == ([1, 1], "ended", "failed", "qualified")


@pytest.mark.parametrize("body", [b"", b"{", b"a=b", {"message": {"type": "tool-calls"}}])
def test_what_cannot_be_read_is_a_bad_request_and_leaves_no_row(post, body):
    assert post(body).status_code == 400
    assert WebhookEvent.objects.count() == 0


def test_nothing_secret_is_stored(post, call):
    body = report(call)
    body["message"]["assistant"]["credentials"] = [{"apiKey": "a-key-of-vapi"}]
    post(body)
    stored = json.dumps(WebhookEvent.objects.get().request)
    unwanted = ["a-key-of-vapi", SECRET, "Signature", "controlUrl", "+919820012345"]
    assert [word for word in unwanted if word in stored] == []


def test_a_report_without_words_does_not_hide_the_one_that_has_them(post, call):
    ended = {"type": "call.ended", "call": {"id": VAPI_ID}, "customer": {"externalId": f"call-{call.pk}"}}
    assert post({**ended, "endedReason": "customer-ended-call"}).status_code == 200
    assert post(report(call)).status_code == 200
    call.refresh_from_db()
    assert (call.status, call.disposition, Turn.objects.count() > 3) == ("ended", "qualified", True)


def test_a_number_that_no_carrier_knows_is_marked_as_bad(post, call):
    post(status(call, "status_update_ended_twilio-reported-customer-misdialed"))
    assert Lead.objects.get().bad_number == "+919820012345"


def test_who_rang_and_got_no_assistant_is_called_back(post, now):
    # The question which assistant answers could not be applied, so the caller heard an apology.
    asked = {"provider": "vapi", "kind": "assistant", "provider_call_id": VAPI_ID, "dedupe_key": f"{VAPI_ID}:assistant"}
    WebhookEvent.objects.create(**asked, request={}, received_at=now, error="OperationalError")
    post(report(kind="inboundPhoneCall", name="end_of_call_report_provider_fault", said=()))
    assert [one.kind for one in FollowUp.objects.all()] == ["callback"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_none_are_kept_as_nothing(post, call, number):
    body = report(call)
    body["message"]["durationSeconds"] = 7.25
    assert post(json.dumps(body).replace("7.25", number).encode()).status_code == 200
    assert WebhookEvent.objects.get().request["body"]["message"]["durationSeconds"] is None
