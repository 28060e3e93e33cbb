"""Vapi's own model leads the conversation: what is overheard of it, and the tools that it may use, over real HTTP."""

import hmac
import json
import time
from zoneinfo import ZoneInfo

import pytest

from calls.models import Call, DialerSettings, Turn, WebhookEvent
from leads.models import FollowUp, Lead, Listing, Suppression
from tests.flows.vapi_line import SECRET, VAPI_ID, VapiLine, payload
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = "Hello, this is Asha from Sunrise Realty. Am I speaking with Meena?"
AREA = "Which city or area are you looking in?"


@pytest.fixture
def base(settings, live_server):
    vapi = {
        **settings.PROVIDERS["vapi"],
        "webhook_secrets": [SECRET],
        "webhook_auth": "x-vapi-secret",
        "api_key": "a-key-of-vapi",
        "phone_number_id": "a-number",
    }
    settings.PROVIDERS = {**settings.PROVIDERS, "vapi": vapi}
    return live_server.url


@pytest.fixture
def call(db, now):
    agent = VoiceAgent.objects.create(vapi_brain="vapi", is_default=True)
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345", created_at=now)
    return Call.objects.create(
        lead=lead, agent=agent, provider="vapi", status="in_progress", provider_call_id=VAPI_ID, created_at=now
    )


@pytest.fixture
def line(base, call):
    return VapiLine(base, call)


def turns():
    return [(turn.number, turn.asked, turn.heard, turn.said) for turn in Turn.objects.order_by("number")]


def understood():
    return [one["slot"] for turn in Turn.objects.order_by("number") for one in turn.understood]


def signature(body):
    stamp = str(int(time.time()))
    signed = hmac.digest(SECRET.encode(), f"{stamp}.{json.dumps(body)}".encode(), "sha256")
    return {"X-Timestamp": stamp, "X-Signature": signed.hex()}


def use(line, name, arguments=None, *, identifier="call_1", **more):
    function = {"name": name, "arguments": arguments or {}}
    listed = [{"id": identifier, "type": "function", "function": function}]
    response = line.tell("tool_calls_schema", toolCallList=listed, **more)
    assert response.status_code == 200
    (result,) = response.json()["results"]
    assert (result["toolCallId"], result["name"], "\n" in result["result"]) == (identifier, name, False)
    return result["result"]


def talk(line, *said):
    for one in said:
        line.say(one.removeprefix("> "), by_caller=one.startswith("> "))


# What is overheard


def test_staff_can_watch_what_is_said_and_understood_while_the_call_goes_on(line):
    talk(line, HELLO, "> Yes, speaking.", AREA, "> In Wakad,", "> Pune.")
    assert turns() == [
        (0, "", "", HELLO),
        (1, "identity", "Yes, speaking.", AREA),
        (2, "location", "In Wakad, Pune.", ""),
    ]
    assert "locations" in understood()


def test_a_transcript_delivered_twice_is_one(line):
    talk(line, HELLO)
    body = payload("transcript_final_user")
    for _ in range(2):
        assert line.post(body).status_code == 200
    assert [turn[2] for turn in turns()] == ["", body["message"]["transcript"]]


def test_half_heard_words_are_acknowledged_and_not_stored(line):
    response = line.tell("transcript_partial")
    assert (response.status_code, response.text, WebhookEvent.objects.count(), turns()) == (200, "{}", 0, [])


def test_a_whole_history_replaces_what_was_overheard(line):
    talk(line, HELLO, "> Yes, I want")
    line.tell("conversation_update")
    talk(line, "> Yes, I want a two BHK in Whitefield under eighty lakhs.")  # a transcript that was slower
    messages = payload("conversation_update")["message"]["messages"]
    assert turns() == [(0, "", "", messages[1]["message"]), (1, "", messages[2]["message"], "")]


def test_the_report_replaces_the_overheard_turns(line, call):
    talk(line, HELLO, "> Yes, speaking.", AREA, "> In Wakad, Pune.")
    line.tell("end_of_call_report_completed_2026")
    messages = payload("end_of_call_report_completed_2026")["message"]["artifact"]["messages"]
    spoken = [one["message"] for one in messages if one["role"] in {"bot", "user"}]
    assert [(heard, said) for _, _, heard, said in turns()] == [("", spoken[0]), (spoken[1], spoken[2])]
    call.refresh_from_db()
    assert (call.status, bool(call.dialogue), call.provider_analysis["successEvaluation"]) == ("ended", True, "true")


def test_a_report_that_may_hold_no_words_leaves_what_was_overheard(line, call):
    talk(line, HELLO, "> Never call me again.")
    line.tell("end_of_call_report_zdr_empty")
    call.refresh_from_db()
    assert (call.disposition, len(turns()), Lead.objects.get().do_not_call) == ("do_not_call", 2, True)


# Its tools


def test_only_what_the_callers_words_prove_is_noted(line):
    talk(line, HELLO, "> Yes.", "What is your budget?")
    claimed = use(line, "record_slot", {"slot": "budget", "value": "2 crore"})
    assert claimed == (
        "Not noted: the caller's words do not tell the budget yet. Ask once more, in other words, then go on."
    )
    talk(line, "> Under eighty lakhs.")
    proven = use(line, "record_slot", {"slot": "budget", "value": "2 crore"}, identifier="call_2")
    assert proven == "Noted: budget_max 8000000."


def test_the_words_may_come_with_the_tool_call_itself(line):
    history = [
        {"role": "bot", "message": "What is your budget?"},
        {"role": "user", "message": "Under eighty lakhs."},
    ]
    result = use(line, "record_slot", {"slot": "budget", "value": "x"}, artifact={"messages": history})
    assert result == "Noted: budget_max 8000000."


def test_a_tool_call_that_comes_again_gets_the_same_line_and_is_not_done_again(line):
    talk(line, HELLO, "> I want to talk to a person.")
    first = use(line, "hand_off")
    FollowUp.objects.all().delete()
    assert use(line, "hand_off") == first
    assert FollowUp.objects.count() == 0


def test_a_tool_call_that_comes_again_among_others_is_not_done_again(line):
    talk(line, HELLO, "> I want to talk to a person.")
    first = use(line, "hand_off")
    FollowUp.objects.all().delete()
    listed = [{"id": name, "name": tool, "arguments": {}} for name, tool in (("call_1", "hand_off"), ("call_2", "x"))]
    results = line.tell("tool_calls_schema", toolCallList=listed).json()["results"]
    assert [one["toolCallId"] for one in results] == ["call_1", "call_2"]
    assert (results[0]["result"], FollowUp.objects.count()) == (first, 0)


@pytest.mark.parametrize(("city", "starts"), [("Pune", "Yes, at least one"), ("Delhi", "Nothing on offer")])
def test_availability_is_told_by_the_listings(line, city, starts):
    Listing.objects.create(
        reference="A1", title="x", city=city, category="residential", property_type="apartment", price=7_000_000
    )
    talk(line, HELLO, "> Yes.", AREA, "> A flat in Pune.")
    assert use(line, "check_availability").startswith(starts)


def test_without_listings_availability_is_not_known(line):
    talk(line, HELLO, "> Yes.", AREA, "> A flat in Pune.")
    assert use(line, "check_availability").startswith("Not known.")


def test_a_callback_is_promised_at_the_time_that_the_caller_named(line, call):
    talk(line, HELLO, "> Please call me tomorrow at 6 in the evening.")
    result = use(line, "book_callback", {"when": "next year"})
    due = FollowUp.objects.get(kind="callback").due_at
    assert result.startswith("Noted: a call on ")
    assert due.astimezone(ZoneInfo("Asia/Kolkata")).hour == 18


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("Not now.", "tomorrow at 6 in the evening"),  # the model made it up
        ("Call me tomorrow at 11 in the night.", "tomorrow at 11 in the night"),  # nobody may be called then
    ],
)
def test_a_time_that_nobody_named_or_that_is_barred_is_not_promised(line, said, when):
    talk(line, HELLO, f"> {said}")
    assert "without a time" in use(line, "book_callback", {"when": when})
    assert FollowUp.objects.get(kind="callback").due_at is None


def test_who_does_not_want_to_be_called_is_never_called_again(line):
    talk(line, HELLO, "> Take me off your list.")
    use(line, "do_not_call")
    assert (Lead.objects.get().do_not_call, Suppression.objects.get().words) == (True, "Take me off your list.")
    assert use(line, "book_callback", {"when": "tomorrow"}, identifier="call_2").startswith("Error:")


@pytest.mark.parametrize("arguments", [{}, {"slot": "phone"}, {"slot": ["budget"]}, "no JSON", "[1]", None, 7])
def test_arguments_that_make_no_sense_are_told_so(line, arguments):
    assert use(line, "record_slot", arguments).startswith("Error: there is no slot")


def test_a_tool_that_is_not_ours_is_told_so(line):
    assert use(line, "save_requirements", {"bhk": 2}).startswith("Error: there is no such tool.")


def test_a_legacy_function_call_is_answered_in_its_own_form(line):
    response = line.tell("function_call_legacy")
    assert response.json() == {"result": "Error: there is no such tool. Go on without it."}


def test_tools_of_a_call_that_is_not_ours_do_nothing(base):
    response = VapiLine(base).post(payload("tool_calls_schema"))
    assert (response.status_code, response.json()["results"][0]["toolCallId"]) == (200, "call_FAKE1")


# Putting through


def office_hours(**more):
    return DialerSettings.objects.update_or_create(
        pk=1, defaults={"staff_from": "00:00", "staff_until": "23:59:59", "staff_days": list(range(7)), **more}
    )


def test_vapi_is_told_whom_to_ring_with_a_whisper(line, call):
    office_hours(hand_off_number="+912222222222", ring_staff_s=25)
    destination = line.tell("transfer_destination_request").json()["destination"]
    plan = destination.pop("transferPlan")
    assert destination == {
        "type": "number",
        "number": "+912222222222",
        "message": "One moment please, I am putting you through.",
        "callerId": "{{phoneNumber.number}}",
    }
    assert (plan["mode"], plan["dialTimeout"], "Meena" in plan["message"]) == ("warm-transfer-experimental", 25, True)
    assert plan["fallbackPlan"]["message"].startswith("I am sorry, nobody could pick up.")
    call.refresh_from_db()
    assert call.transfer_state == "ringing"


def test_where_nobody_is_there_vapi_is_told_so(line):
    assert line.tell("transfer_destination_request").json() == {
        "error": "Nobody is free to talk right now. A colleague will call back."
    }


def test_who_asks_our_dialogue_for_a_person_is_put_through(base, call):
    VoiceAgent.objects.update(vapi_brain="own")
    office_hours(hand_off_number="+912222222222")
    line = VapiLine(base, call)
    line.messages.append({"role": "assistant", "content": HELLO})
    said, tools = line.hear("I want to talk to a real person")
    assert (bool(said), tools) == (True, ["transferCall"])
    assert line.tell("transfer_destination_request").json()["destination"]["number"] == "+912222222222"
    line.tell("end_of_call_report_forwarded")
    call.refresh_from_db()
    assert (call.status, call.transfer_state, call.disposition) == ("ended", "accepted", "human")


# Who takes a call that comes in


def test_who_rings_gets_an_assistant_made_for_the_call(base):
    VoiceAgent.objects.create(name="Riya", is_default=True, time_limit_min=40)
    line = VapiLine(base)
    response = line.tell("assistant_request_inbound")
    answer = response.json()
    call = Call.objects.select_related("lead").get()
    assert answer["assistantOverrides"]["metadata"] == {"call_id": str(call.pk)}
    assert answer["assistant"]["maxDurationSeconds"] == 2400
    assert answer["assistant"]["firstMessage"].startswith(
        "This call may be recorded. Thank you for calling. Hello, this is Riya"
    )
    assert (str(call.lead.phone), call.direction, call.status) == ("+919820012345", "inbound", "ringing")
    assert line.tell("assistant_request_inbound").text == response.text
    assert Call.objects.count() == 1


@pytest.mark.parametrize("brain", ["own", "vapi"])
def test_the_secrets_that_an_assistant_carries_are_not_stored(base, brain):
    VoiceAgent.objects.create(name="Riya", is_default=True, vapi_brain=brain)
    line = VapiLine(base)
    response = line.tell("assistant_request_inbound")
    stored = WebhookEvent.objects.get().response
    assert [SECRET in text for text in (response.text, stored)] == [True, False]
    assert json.loads(stored)["assistant"]["firstMessage"] == response.json()["assistant"]["firstMessage"]
    assert line.tell("assistant_request_inbound").text == response.text


def test_who_rings_an_agent_with_an_assistant_gets_that_one(base):
    VoiceAgent.objects.create(name="Riya", is_default=True, vapi_assistant_id="riya-at-vapi")
    answer = VapiLine(base).tell("assistant_request_inbound").json()
    assert (answer["assistantId"], "assistant" in answer) == ("riya-at-vapi", False)
    assert answer["assistantOverrides"]["firstMessage"].startswith("This call may be recorded. Thank you for calling.")


def test_who_must_not_be_called_may_still_ring_us(base, now):
    Suppression.objects.create(phone="+919820012345")
    Lead.objects.create(phone="+919820012345", do_not_call=True, status="do_not_call", created_at=now)
    assert "assistant" in VapiLine(base).tell("assistant_request_inbound").json()


def test_who_rings_hears_that_nobody_can_answer_where_no_assistant_can_be_made(base, settings):
    settings.PROVIDERS["vapi"] |= {"webhook_auth": "hmac", "credential_id": ""}
    VoiceAgent.objects.create(name="Riya", is_default=True)
    signed = {"Authorization": "", "X-Vapi-Secret": ""} | signature(payload("assistant_request_inbound"))
    response = VapiLine(base).post(payload("assistant_request_inbound"), **signed)
    assert (response.status_code, list(response.json())) == (200, ["error"])


# What Vapi wants decided


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("campaign_predial", {"eligible": False}),
        ("handoff_destination_request", {"error": "There is nobody else to hand over to. Go on yourself."}),
        ("knowledge_base_request", {"documents": []}),
        ("phone_call_control_hang_up", {}),
    ],
)
def test_what_we_do_not_decide_is_refused_and_kept(line, name, answer):
    response = line.tell(name)
    assert (response.status_code, response.json()) == (200, answer)
    assert line.post(payload(name)).json() == answer
    assert {one.kind for one in WebhookEvent.objects.all()} == {"unknown"}


# No line left

NO_LINE = "call.start.error-subscription-concurrency-limit-reached"


def test_a_call_that_vapi_had_no_line_for_waits_without_using_up_an_attempt(line, call):
    Call.objects.update(status="dialing")
    line.tell(f"status_update_ended_{NO_LINE.replace('call.start.', 'call_start_')}")
    line.tell("end_of_call_report_busy", endedReason=NO_LINE)
    waiting = Call.objects.get()
    told = (waiting.status, waiting.attempt, waiting.failures, waiting.tries, waiting.provider_call_id, waiting.error)
    sentence = "All lines of the provider were busy. The call waits for one."
    assert told == ("queued", 1, 0, 1, "", sentence)
    assert (waiting.dial_after - WebhookEvent.objects.earliest("pk").received_at).total_seconds() == 30


def test_a_late_word_of_a_line_that_was_not_there_does_not_touch_the_next_try(line, call):
    Call.objects.update(status="dialing")
    line.tell(f"status_update_ended_{NO_LINE.replace('call.start.', 'call_start_')}")
    Call.objects.update(status="dialing")
    line.tell("end_of_call_report_busy", endedReason=NO_LINE)
    assert [(one.status, one.tries, one.provider_call_id) for one in Call.objects.all()] == [("dialing", 1, "")]


def test_late_words_of_a_line_that_was_not_there_do_not_touch_the_waiting_call(line, call):
    Call.objects.update(status="dialing")
    line.tell(f"status_update_ended_{NO_LINE.replace('call.start.', 'call_start_')}")
    line.tell("status_update_in_progress")
    line.tell("end_of_call_report_busy")
    assert [(one.status, one.tries, one.provider_call_id) for one in Call.objects.all()] == [("queued", 1, "")]


def test_a_callback_whose_time_is_named_later_in_the_call_stays_one_promise(line):
    talk(line, HELLO, "> Not now.")
    use(line, "book_callback", {"when": "later"}, identifier="call_1")
    talk(line, "When may we call you?", "> Please call me tomorrow at 6 in the evening.")
    use(line, "book_callback", {"when": ""}, identifier="call_2")
    assert [(one.done_at, bool(one.due_at)) for one in FollowUp.objects.filter(kind="callback")] == [(None, True)]


@pytest.mark.parametrize("words", ["Not now.", "In Wakad, Pune, but first I must ask my wife."])
def test_a_callback_that_the_model_has_booked_outlives_the_call(line, words):
    talk(line, HELLO, "> Yes, speaking.", AREA, f"> {words}")
    use(line, "book_callback", {"when": "after my class"})
    ended = line.tell("end_of_call_report_zdr_empty", endedReason="customer-ended-call")
    assert (ended.status_code, Call.objects.get().status) == (200, "ended")
    assert FollowUp.objects.filter(kind="callback", done_at=None).count() == 1
