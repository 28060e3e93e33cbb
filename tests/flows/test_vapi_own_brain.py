"""Our dialogue is the model of a Vapi assistant: chat completions, over real HTTP."""

import json

import pytest

from calls.models import Call, DialerSettings, Turn, WebhookEvent
from leads.models import FollowUp, Lead
from tests.flows.vapi_line import SECRET, VAPI_ID, VapiLine, payload, spoken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def base(settings, live_server):
    vapi = {**settings.PROVIDERS["vapi"], "webhook_secrets": [SECRET], "webhook_auth": "x-vapi-secret"}
    settings.PROVIDERS = {**settings.PROVIDERS, "vapi": vapi}
    return live_server.url


@pytest.fixture
def call(db, now):
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345", created_at=now)
    return Call.objects.create(lead=lead, provider="vapi", status="dialing", provider_call_id=VAPI_ID, created_at=now)


@pytest.fixture
def line(base, call):
    """A call of ours whose opening Vapi has just spoken."""
    line = VapiLine(base, call)
    line.messages.append({"role": "assistant", "content": "Hello, this is Asha. Am I speaking with Meena Kulkarni?"})
    return line


def turns():
    return [(turn.number, turn.asked, turn.heard) for turn in Turn.objects.order_by("number")]


def test_a_whole_conversation_is_led_by_our_dialogue(line, call):
    line.hear("Yes, speaking.")
    line.hear("Wakad in Pune")
    line.hear("residential")
    line.hear("A flat")
    line.hear("Two bedrooms")
    line.hear("Under eighty lakhs")
    _, tools = line.hear("Yes, please.")
    while not tools:
        _, tools = line.hear("Yes")
    assert tools == ["endCall"]
    call.refresh_from_db()
    lead = Lead.objects.select_related("requirement").get()
    assert (call.status, call.disposition, lead.status) == ("in_progress", "qualified", "qualified")
    assert lead.requirement.budget_max == 8_000_000
    assert lead.requirement.evidence["budget_max"] == {"call": call.pk, "turn": 6, "words": "Under eighty lakhs"}
    assert turns()[:3] == [(0, "", ""), (1, "identity", "Yes, speaking."), (2, "location", "Wakad in Pune")]
    assert [one.kind for one in FollowUp.objects.all()] == ["sales_call"]


def test_its_report_does_not_tell_the_conversation_again_and_brings_end_cost_recording_and_analysis(line, call):
    line.hear("Yes, speaking.")
    line.hear("Never call me again.")
    before = turns()
    line.tell("end_of_call_report_completed_2026")
    call.refresh_from_db()
    assert turns() == before
    assert (call.status, call.end_reason, call.disposition, call.cost_micros, call.cost_is_estimate) == (
        "ended",
        "completed",
        "do_not_call",
        81_200,
        False,
    )
    assert call.provider_analysis["summary"] == "Asha wants a two BHK in Whitefield under 80 lakhs."
    assert [(one.provider_recording_id, one.channels) for one in call.recordings.all()] == [(VAPI_ID, 2)]


@pytest.mark.parametrize("path", ["llm", "llm/", "llm/chat/completions", "llm/chat/completions/"])
def test_the_same_request_again_gets_the_same_stored_answer(line, path):
    line.messages.append({"role": "user", "content": "Yes, speaking."})
    first, again = line.ask(), line.ask(path=path)
    assert (again.text, again.headers["Content-Type"]) == (first.text, first.headers["Content-Type"])
    assert (Turn.objects.count(), WebhookEvent.objects.count()) == (2, 1)
    assert [first.headers[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")] == [
        "text/event-stream; charset=utf-8",
        "no-cache",
        "no",
    ]


def test_a_voicemail_box_that_our_dialogue_talked_to_is_noted_as_one(line, call):
    line.hear("I am out of the office this week.")
    line.tell("end_of_call_report_voicemail")
    call.refresh_from_db()
    assert (call.status, call.disposition, call.answered_by) == ("ended", "voicemail", "machine")


def test_who_wants_no_stream_gets_one_object(line, call):
    line.messages.append({"role": "user", "content": "Yes, speaking."})
    streamed, _ = spoken(line.ask())
    whole = line.ask(stream=False)
    assert whole.headers["Content-Type"] == "application/json"
    body = whole.json()
    created = body.pop("created")
    assert created > 1_700_000_000
    assert body == {
        "id": f"chatcmpl-{call.pk}-2",
        "object": "chat.completion",
        "model": "realtyassistant",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": streamed}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }
    assert Turn.objects.count() == 2


@pytest.mark.parametrize(
    "grown",
    [
        [{"role": "user", "content": "Yes, speaking, I want a flat in Wakad."}],
        [{"role": "user", "content": "Yes, speaking."}, {"role": "user", "content": "I want a flat in Wakad."}],
        [
            {"role": "user", "content": "Yes, speaking."},
            {"role": "assistant", "content": "Which city or"},
            {"role": "user", "content": "I want a flat in Wakad."},
        ],
    ],
    ids=["extended", "two messages", "cut short"],
)
def test_who_talks_on_over_our_answer_is_heard_from_there_on(line, grown):
    line.messages.append({"role": "user", "content": "Yes, speaking."})
    line.ask()
    line.messages = [*line.messages[:-1], *grown]
    line.ask()
    assert turns() == [(0, "", ""), (1, "identity", "Yes, speaking."), (2, "location", "I want a flat in Wakad.")]


def test_words_that_the_recogniser_changed_later_are_not_heard_twice(line):
    line.hear("Yes, peaking.")
    line.messages[2]["content"] = "Yes, speaking."
    line.hear("In Wakad, Pune")
    line.hear("A flat")
    assert [heard for _, _, heard in turns()] == ["", "Yes, peaking.", "In Wakad, Pune", "A flat"]


def test_a_request_in_which_nobody_said_anything_new_repeats_our_words(line):
    said, _ = line.hear("Yes, speaking.")
    line.messages.append({"role": "assistant", "content": "Are you still there?"})
    assert spoken(line.ask()) == (said, [])
    assert Turn.objects.count() == 2


def test_what_ends_the_call_is_said_without_a_tool_that_is_not_offered(line):
    line.messages.append({"role": "user", "content": "Never call me again."})
    said, tools = spoken(line.ask(tools=()))
    assert (bool(said), tools) == (True, [])


@pytest.fixture
def staff(db):
    return DialerSettings.objects.update_or_create(
        pk=1,
        defaults={
            "staff_from": "00:00",
            "staff_until": "23:59:59",
            "staff_days": list(range(7)),
            "hand_off_number": "+912222222222",
        },
    )


def test_who_cannot_be_put_through_is_promised_a_call_and_not_told_to_wait(line, call, staff):
    line.messages.append({"role": "user", "content": "I want to talk to a real person"})
    said, tools = spoken(line.ask(tools=("endCall",)))
    call.refresh_from_db()
    assert ("putting you through" in said, tools, call.transfer_state) == (False, ["endCall"], "")
    assert [one.kind for one in FollowUp.objects.filter(done_at=None)] == ["hand_off"]


@pytest.mark.parametrize("more", [{"role": "user", "content": "Okay."}, {"role": "tool", "content": "ok"}])
def test_who_speaks_while_staff_are_rung_is_not_hung_up_on(line, call, staff, more):
    said, tools = line.hear("I want to talk to a real person")
    assert tools == ["transferCall"]
    line.messages.append(more)
    assert spoken(line.ask()) == (said, [])
    call.refresh_from_db()
    assert call.transfer_state == "ringing"


def test_a_request_without_words_in_the_middle_of_a_call_is_no_silence(line):
    said, _ = line.hear("Yes, speaking.")
    line.messages = line.messages[:1]
    assert spoken(line.ask()) == (said, [])
    assert Turn.objects.count() == 2


def test_words_that_come_in_parts_are_heard(line):
    line.hear("Yes, speaking.")
    line.hear([{"type": "text", "text": "In Wakad, Pune"}])
    line.hear([{"type": "text", "text": "A flat"}])
    assert [heard for _, _, heard in turns()] == ["", "Yes, speaking.", "In Wakad, Pune", "A flat"]


def test_after_its_tool_the_end_is_not_asked_for_again(line):
    line.hear("Never call me again.")
    line.messages.append({"role": "tool", "tool_call_id": "x", "content": "ok"})
    assert spoken(line.ask())[1] == []


def test_somebody_unknown_who_rings_becomes_a_lead_with_a_call(base):
    line = VapiLine(base)
    line.messages.append({"role": "user", "content": "Hello?"})
    said, _ = spoken(line.ask())
    assert said.startswith("This call may be recorded. Thank you for calling.")
    call = Call.objects.select_related("lead").get()
    assert (call.direction, str(call.lead.phone), call.status) == ("inbound", "+919820012345", "in_progress")


def test_a_call_that_is_found_by_our_own_id_keeps_vapis(line, call):
    Call.objects.update(provider_call_id="")
    line.hear("Yes, speaking.")
    call.refresh_from_db()
    assert (call.provider_call_id, call.status) == (VAPI_ID, "in_progress")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "no_messages"),
        ({"messages": []}, 400, "no_messages"),
        ({"messages": "x"}, 400, "no_messages"),
        (b"[" * 100_000, 400, "bad_json"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, 400, "no_call"),
        ({"messages": [{"role": "user", "content": "x"}]}, 400, "no_call"),
        (payload("custom_llm_request"), 404, "unknown_call"),
    ],
)
def test_what_cannot_be_answered_says_so_as_openai_does_and_leaves_no_row(base, body, status, code):
    response = VapiLine(base).post(body, "llm/chat/completions")
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (status, "invalid_request_error", code)
    assert (WebhookEvent.objects.count(), Call.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Vapi-Secret": SECRET}, 200),
        ({"X-Vapi-Secret": "", "Authorization": f"Bearer {SECRET}"}, 200),
        ({"X-Vapi-Secret": "", "Authorization": "Bearer wrong"}, 403),
        ({"X-Vapi-Secret": ""}, 403),
    ],
)
@pytest.mark.parametrize("auth", ["x-vapi-secret", "bearer", "hmac"])
def test_the_model_is_proven_by_a_secret_whatever_proves_the_webhooks(line, settings, auth, headers, status):
    settings.PROVIDERS["vapi"]["webhook_auth"] = auth
    line.messages.append({"role": "user", "content": "Yes."})
    assert line.post(line.request(), "llm/chat/completions", **headers).status_code == status


def test_without_a_configured_secret_no_completion_is_given(line, settings):
    settings.PROVIDERS["vapi"]["webhook_secrets"] = []
    assert line.ask().status_code == 403


def test_no_instruction_and_no_control_address_is_stored(line):
    line.hear("Yes, speaking.")
    stored = json.dumps(WebhookEvent.objects.get().request)
    assert [word for word in ("SECRET", SECRET, "Be brief", "+919820012345") if word in stored] == []
    assert "Yes, speaking." in stored
