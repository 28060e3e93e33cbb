"""Answers that are recorded: the documents that ask for them, and the forms that bring them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.twilio_line import payload
from voice.events import EventKind, Reply
from voice.providers import twiml, twiml_documents
from voice.providers.base import WebhookRequest
from voice.providers.twilio import Twilio

ALLOWED = json.loads((Path(__file__).parents[2] / "payloads" / "twiml_voice_schema.json").read_text())["classes"]
HERE = Twilio("https://crm.example.com", "AC1", ["token"], "+14155550100")


def heard(form, **query):
    sent = {**payload("inbound_first_india"), **form}
    return twiml.parse(
        WebhookRequest("process", "", query, {name: [value] for name, value in sent.items()}), provider="twilio"
    )


def render(**more):
    reply = Reply("What is your budget?", **{"asked": "budget", "recorded": True, **more})
    root = ET.fromstring(HERE.render(reply, call_id=5, turn=3).body)
    for verb in root:
        assert set(verb.attrib) <= set(ALLOWED["VoiceResponse"]["children"][verb.tag]["attributes"])
    return root


@pytest.mark.parametrize(("patience_s", "records"), [(2, 1), (6, 3), (7, 4), (20, 10)])
def test_a_recorded_answer_is_waited_for_as_long_as_any(patience_s, records):
    root = render(patience_s=patience_s)
    assert [verb.tag for verb in root] == ["Say", *["Record"] * records, "Redirect"]
    assert root.find("Record").attrib == {
        "action": "https://crm.example.com/webhooks/twilio/process?call=5&turn=3",
        "method": "POST",
        "timeout": "2",
        "maxLength": str(twiml_documents.LONGEST_ANSWER_S),
        "finishOnKey": "#",
        "playBeep": "false",
        "trim": "do-not-trim",
    }
    assert root.findtext("Redirect") == root.find("Record").get("action")


def test_a_yes_or_no_may_be_pressed_and_a_telephone_number_is_gathered():
    assert render(digits=True).find("Record").get("finishOnKey") == "12"
    assert [verb.tag for verb in render(asked="phone")] == ["Gather", "Redirect"]
    assert [verb.tag for verb in render(asked="", ends_call=True)] == ["Say", "Hangup"]


def test_a_hold_is_a_second_and_then_the_next_question():
    root = ET.fromstring(HERE.render(Reply("", wait=2), call_id=5, turn=3).body)
    assert [(verb.tag, verb.attrib, verb.text) for verb in root] == [
        ("Pause", {"length": "1"}, None),
        ("Redirect", {"method": "POST"}, "https://crm.example.com/webhooks/twilio/process?call=5&turn=3&wait=2"),
    ]


@pytest.mark.parametrize(("sent", "digits"), [("1", "1"), ("#", ""), ("hangup", ""), ("", "")])
def test_a_recorded_answer_brings_its_recording_and_the_key_that_ended_it(sent, digits):
    event = heard({"RecordingSid": "RE1", "RecordingDuration": "3", "Digits": sent}, call="5", turn="3")
    assert (event.kind, event.recorded_as, event.digits, event.recording) == (EventKind.HEARD, "RE1", digits, None)


def test_who_hangs_up_has_pressed_no_key_though_nothing_was_recorded():
    assert heard({"Digits": "hangup"}, call="5", turn="3").digits == ""


def test_each_question_for_the_words_is_an_event_of_its_own():
    asked = [heard({}, call="5", turn="3", **more) for more in ({}, {"wait": "1"}, {"wait": "2"}, {"wait": "2"})]
    assert [event.waited for event in asked] == [0, 1, 2, 2]
    assert len({event.dedupe_key for event in asked}) == 3
