"""Walk A: a caller talks to us through Twilio, over real HTTP, turn by turn."""

import json
import logging
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import requests
from django.core.management import call_command

from calls.models import Call, Turn, WebhookEvent
from leads.models import FollowUp, Lead, LeadSource
from tests.twilio_line import TwilioLine, action_of, gather_of, hangs_up, spoken, turn_of

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = {
    "name": "My name is Meena Kulkarni",
    "identity": "yes, speaking",
    "location": "Wakad in Pune",
    "category": "residential",
    "property_type": "a flat",
    "bedrooms": "2 BHK",
    "budget": "seventy lakhs",
    "consent": "yes, sure",
    "confirm": "yes, that's right",
}


def talk(line: TwilioLine, document: requests.Response, answers: dict[str, str] = ANSWERS) -> list[requests.Response]:
    """Answer whatever is asked until we hang up; every document we were given."""
    documents = [document]
    while not hangs_up(documents[-1]):
        asked = Call.objects.get(provider_call_id=line.sid).dialogue["asked"]
        documents.append(line.say(documents[-1], answers[asked]))
        assert len(documents) < 20
    return documents


def test_an_unknown_caller_becomes_a_qualified_lead(line):
    talk(line, line.ring())
    line.status("completed", sequence=3, CallDuration="82")

    lead = Lead.objects.select_related("requirement").get()
    wanted = lead.requirement
    assert (str(lead.phone), lead.name, lead.source, lead.status) == (
        "+919820012345",
        "Meena Kulkarni",
        LeadSource.INBOUND_CALL,
        "qualified",
    )
    assert (wanted.locations, wanted.property_type, float(wanted.bedrooms_min), wanted.budget_max, wanted.consent) == (
        [{"city": "Pune", "locality": "Wakad"}],
        "apartment",
        2.0,
        7_000_000,
        True,
    )
    assert wanted.evidence["budget_max"]["words"] in ANSWERS["budget"]
    call = Call.objects.get()
    assert (call.status, call.end_reason, call.disposition, call.duration_s) == (
        "ended",
        "completed",
        "qualified",
        82,
    )
    assert [one.kind for one in FollowUp.objects.all()] == ["sales_call"]


def test_a_known_number_continues_as_that_lead(line):
    known = Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    line.ring()
    assert Call.objects.get().lead == known
    assert Lead.objects.count() == 1


def test_a_redelivered_turn_gets_the_stored_reply_word_for_word_and_adds_nothing(line):
    opening = line.ring()
    first = line.say(opening, "My name is Meena Kulkarni")
    again = line.say(opening, "My name is Meena Kulkarni")
    assert again.text == first.text
    assert Turn.objects.count() == 2


def test_a_redelivered_opening_is_said_again_and_adds_nothing(line):
    first, again = line.ring(), line.ring()
    assert again.text == first.text
    assert (Call.objects.count(), Turn.objects.count(), Lead.objects.count()) == (1, 1, 1)


def test_two_turns_may_say_the_same_and_both_count(line):
    first = line.say(line.ring(), "hello?")
    line.say(first, "hello?")
    assert list(Turn.objects.order_by("number").values_list("number", "heard")) == [
        (0, ""),
        (1, "hello?"),
        (2, "hello?"),
    ]


def test_a_turn_without_its_number_is_told_apart_by_the_token_of_the_delivery(line):
    line.ring()
    path, token = "/webhooks/twilio/process", {"I-Twilio-Idempotency-Token": "11111111-2222"}
    first = line.post(path, headers=token, SpeechResult="Meena here")
    again = line.post(path, headers=token, SpeechResult="Meena here")
    other = line.post(path, headers={"I-Twilio-Idempotency-Token": "33333333-4444"}, SpeechResult="Meena here")
    assert again.text == first.text
    assert (turn_of(first), turn_of(other)) == (2, 3)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("door", ["voice", "process", "status", "fallback"])
def test_each_door_answers_with_and_without_a_slash_and_never_redirects(line, door, slash):
    line.ring()
    assert line.post(f"/webhooks/twilio/{door}{slash}").status_code == 200


def test_a_forged_webhook_gets_403_leaves_no_row_and_learns_nothing(line):
    line.token = "a-guess"
    answer = line.ring()
    assert (answer.status_code, answer.text) == (403, "")
    assert (WebhookEvent.objects.count(), Call.objects.count(), Lead.objects.count()) == (0, 0, 0)


def test_an_unsigned_webhook_gets_403(live_server, providers, line):
    answer = requests.post(f"{live_server.url}/webhooks/twilio/voice", data=line.form(), timeout=10)
    assert (answer.status_code, WebhookEvent.objects.count()) == (403, 0)


def test_a_signature_over_the_address_behind_the_proxy_is_refused(line):
    line.public = line.base
    assert line.ring().status_code == 403


def test_the_token_from_before_the_rotation_is_still_accepted(line):
    line.token = "the-token-before-the-rotation"
    assert line.ring().status_code == 200


def test_without_a_token_twilio_is_refused_and_the_log_says_why(line, providers, caplog):
    providers["twilio"]["auth_tokens"] = []
    with caplog.at_level(logging.WARNING):
        assert line.ring().status_code == 403
    assert "TWILIO_AUTH_TOKEN is not set" in caplog.text


def test_the_pretend_networks_secret_opens_no_real_providers_door(line, providers):
    line.token = providers["pretend"]["secret"]
    assert line.ring().status_code == 403
    line.provider = "pretend"
    assert line.ring().status_code == 200


def test_late_repeated_and_reordered_statuses_never_move_a_call_back(line):
    line.ring()
    for status, sequence in (("completed", 3), ("ringing", 1), ("in-progress", 2), ("completed", 3), ("initiated", 0)):
        assert line.status(status, sequence=sequence, CallDuration="9").status_code == 200
    call = Call.objects.get()
    assert (call.status, call.end_reason, call.duration_s) == ("ended", "completed", 9)


def test_silence_is_asked_once_more_and_then_ends_the_call(line):
    opening = line.ring()
    again = line.post(action_of(opening))
    end = line.post(action_of(again))
    assert not hangs_up(again)
    assert (spoken(end), hangs_up(end)) == ("We didn't receive any input. Goodbye!", True)
    assert Call.objects.get().disposition == "no_response"


@pytest.mark.parametrize("caller", ["anonymous", "", "+266696687", "98abc"])
def test_a_withheld_caller_talks_to_us_and_is_asked_for_a_number(line, caller):
    line.caller = caller
    talk(line, line.ring(), {**ANSWERS, "phone": "98200 12345"})
    lead = Lead.objects.get()
    assert (str(lead.phone), lead.status) == ("+919820012345", "qualified")


def test_a_withheld_caller_whose_number_we_know_is_that_lead(line):
    known = Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    line.caller = "anonymous"
    talk(line, line.ring(), {**ANSWERS, "phone": "98200 12345"})
    assert [(lead.pk, lead.calls.count()) for lead in Lead.objects.all()] == [(known.pk, 1)]


def test_a_caller_who_hangs_up_midway_keeps_what_they_said(line):
    document = line.say(line.ring(), "Meena Kulkarni")
    line.say(document, "Wakad in Pune")
    line.status("completed", sequence=3, CallDuration="20")
    lead = Lead.objects.get()
    assert (lead.name, lead.requirement.locations, lead.status, Call.objects.get().disposition) == (
        "Meena Kulkarni",
        [{"city": "Pune", "locality": "Wakad"}],
        "contacted",
        "abandoned",
    )


def test_an_internal_error_answers_500_keeps_the_event_and_replay_applies_it(line, monkeypatch):
    opening = line.ring()
    with monkeypatch.context() as broken:
        broken.setattr("voice.dialogue.step", lambda *_, **__: 1 / 0)
        assert line.say(opening, "My name is Meena Kulkarni").status_code == 500
    event = WebhookEvent.objects.get(kind="heard")
    assert (event.applied_at, event.error, Turn.objects.count()) == (None, "ZeroDivisionError: division by zero", 1)

    call_command("replay_webhooks", "--failed")

    event.refresh_from_db()
    assert (event.applied_at is None, event.error, event.attempts) == (False, "", 2)
    assert list(Turn.objects.order_by("number").values_list("heard", flat=True)) == ["", "My name is Meena Kulkarni"]


def test_the_stored_request_holds_no_account_no_token_and_no_guessed_places(line):
    line.post("/webhooks/twilio/voice", CallToken="a-secret-token", FromCity="PUNE")
    stored = json.dumps(WebhookEvent.objects.get().request)
    assert ("a-secret-token" in stored, "PUNE" in stored, "AC0000" in stored) == (False, False, False)


def test_an_event_that_names_no_call_is_refused_and_not_kept(line):
    assert (line.post("/webhooks/twilio/voice", CallSid="").status_code, WebhookEvent.objects.count()) == (400, 0)


@pytest.mark.parametrize("form", [{"SpeechResult": "x" * 2_000_000}, {f"field{n}": "x" for n in range(1500)}])
def test_a_webhook_larger_than_any_is_refused_in_one_line(line, form, caplog):
    assert (line.post("/webhooks/twilio/voice", **form).status_code, WebhookEvent.objects.count()) == (400, 0)
    assert [record.levelname for record in caplog.records if record.exc_info] == []


def test_yes_may_be_pressed_where_a_digit_is_natural(line):
    Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    opening = line.ring()
    assert "dtmf" in str(gather_of(opening).get("input"))
    line.post(action_of(opening), Digits="1")
    assert Turn.objects.get(number=1).understood[0]["slot"] == "identity"


def test_every_document_holds_only_what_twilio_accepts(line):
    allowed = json.loads((Path(__file__).parent.parent / "payloads" / "twiml_voice_schema.json").read_text())["classes"]
    for document in talk(line, line.ring()):
        root = ET.fromstring(document.text)
        assert document.headers["Content-Type"].startswith("text/xml")
        for verb in root:
            assert set(verb.attrib) <= set(allowed["VoiceResponse"]["children"][verb.tag]["attributes"])
            for noun in verb:
                assert set(noun.attrib) <= set(allowed[verb.tag]["children"][noun.tag]["attributes"])
        gather = root.find("Gather")
        if gather is not None:
            assert gather.get("action", "").startswith("https://crm.example.com/webhooks/twilio/process?call=")
            assert (gather.get("speechModel"), gather.get("speechTimeout") == "auto") == (None, False)
            assert all(len(hint) <= 100 for hint in gather.get("hints", "").split(", "))
            assert root[list(root).index(gather) + 1].tag == "Redirect"


def test_two_insults_end_the_call_and_staff_read_why(line):
    last = line.say(line.say(line.ring(), "shut up you idiot"), "you bloody fool")
    assert hangs_up(last)
    assert Lead.objects.get().activities.first().text == (
        "Was abusive twice; the agent ended the call. Decide whether to call again."
    )
