"""Twilio's dialect: signatures, forms and documents as Twilio has them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.twilio_line import PAYLOADS, payload
from voice.events import EndReason, EventKind, LineState, Reply
from voice.providers import twiml, twiml_documents
from voice.providers.base import Unreadable, WebhookRequest

VECTORS = [one for one in json.loads((PAYLOADS / "signature_vectors.json").read_text()) if "params" in one]


def request(door: str, form: dict[str, str], query: dict[str, str] | None = None, **headers: str) -> WebhookRequest:
    return WebhookRequest(
        door=door,
        url="https://crm.example.com/webhooks/twilio/" + door,
        query=query or {},
        form={name: [value] for name, value in form.items()},
        headers=headers,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[one["source"][:40] for one in VECTORS])
def test_published_signatures_are_accepted_and_one_changed_letter_is_not(vector):
    form = {name: [value] for name, value in vector["params"].items()}
    signed = WebhookRequest("voice", vector["url"], {}, form, {"x-twilio-signature": vector["signature"]})
    forged = WebhookRequest("voice", vector["url"] + "x", {}, form, {"x-twilio-signature": vector["signature"]})
    assert (
        twiml.is_signed(signed, ["other", vector["auth_token"]]),
        twiml.is_signed(forged, [vector["auth_token"]]),
    ) == (
        True,
        False,
    )


def test_without_a_signature_or_a_secret_nothing_is_accepted():
    assert not twiml.is_signed(request("voice", {}), ["secret"])
    assert not twiml.is_signed(request("voice", {}, None, **{"x-twilio-signature": "x"}), [])


STATUSES = {
    "status_initiated": (LineState.PLACED, None),
    "status_ringing": (LineState.RINGING, None),
    "status_in_progress": (LineState.IN_PROGRESS, None),
    "status_completed": (LineState.ENDED, EndReason.COMPLETED),
    "status_busy": (LineState.ENDED, EndReason.BUSY),
    "status_no_answer": (LineState.ENDED, EndReason.NO_ANSWER),
    "status_failed": (LineState.ENDED, EndReason.FAILED),
    "status_canceled": (LineState.ENDED, EndReason.CANCELED),
}


@pytest.mark.parametrize("name", STATUSES)
def test_every_status_that_twilio_sends_is_understood(name):
    event = twiml.parse(request("status", payload(name)), provider="twilio")
    assert (event.kind, (event.line, event.end_reason)) == (EventKind.STATUS, STATUSES[name])


def test_a_status_that_is_new_to_us_moves_nothing():
    event = twiml.parse(request("status", payload("status_ringing") | {"CallStatus": "parked"}), provider="twilio")
    assert (event.kind, event.line) == (EventKind.STATUS, None)


def test_the_duration_is_the_one_in_seconds():
    assert twiml.parse(request("status", payload("status_completed")), provider="twilio").duration_s == 82


@pytest.mark.parametrize(
    ("name", "text", "digits", "confidence"),
    [
        ("gather_speech_en_in", "Yes, I am looking for a two BHK in Whitefield under eighty lakhs.", "", 0.9128386),
        ("gather_dtmf", "", "1", None),
        ("gather_empty_absent", "", "", None),
    ],
)
def test_what_was_heard_is_taken_as_it_came(name, text, digits, confidence):
    event = twiml.parse(request("process", payload(name), {"call": "7", "turn": "3"}), provider="twilio")
    assert (event.kind, event.call_id, event.turn) == (EventKind.HEARD, 7, 3)
    assert (event.text, event.digits, event.confidence) == (text, digits, confidence)


@pytest.mark.parametrize("sent", ["", "high", "NaN", "7", "-1"])
def test_a_confidence_that_is_none_is_none(sent):
    form = payload("gather_speech_en_in") | {"Confidence": sent}
    assert twiml.parse(request("process", form), provider="twilio").confidence is None


@pytest.mark.parametrize("query", [{"call": "x"}, {"call": "-1"}, {"call": "1" * 30}, {"turn": "²"}])
def test_a_broken_number_in_our_own_query_is_no_number(query):
    event = twiml.parse(request("process", payload("gather_dtmf"), query), provider="twilio")
    assert (event.call_id, event.turn) == (None, None)


def test_a_form_that_names_no_call_is_unreadable():
    with pytest.raises(Unreadable):
        twiml.parse(request("voice", {}), provider="twilio")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("status", "status_ringing", {}), ("status", "status_ringing", {}), True),
        (("status", "status_ringing", {}), ("status", "status_completed", {}), False),
        (("process", "gather_dtmf", {"turn": "1"}), ("process", "gather_dtmf", {"turn": "1"}), True),
        (("process", "gather_dtmf", {"turn": "1"}), ("process", "gather_dtmf", {"turn": "2"}), False),
        (("voice", "outbound_answer", {}), ("process", "gather_dtmf", {"turn": "0"}), False),
    ],
)
def test_deliveries_of_one_event_have_one_key_and_two_events_have_two(first, second, same):
    keys = [
        twiml.parse(request(door, payload(name), query), provider="twilio").dedupe_key
        for door, name, query in (first, second)
    ]
    assert (keys[0] == keys[1]) is same


def test_what_a_person_wrote_cannot_break_out_of_the_document():
    document = twiml_documents.render(
        Reply(text='</Say><Dial>+1900</Dial> & "x"', ends_call=True), action="https://x/?a=1&b=2"
    )
    root = ET.fromstring(document.body)
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert root[0].text == '</Say><Dial>+1900</Dial> & "x"'


def test_a_control_character_does_not_break_the_document():
    document = twiml_documents.render(Reply(text="Ravi\x08 Rao", ends_call=True), action="https://x/")
    assert ET.fromstring(document.body)[0].text == "Ravi  Rao"


def test_nothing_to_say_is_not_an_empty_say():
    document = twiml_documents.render(Reply(text="", ends_call=True), action="https://x/")
    assert [verb.tag for verb in ET.fromstring(document.body)] == ["Hangup"]


@pytest.mark.parametrize(
    ("voice", "language", "spoken_by"),
    [
        ("", "en-IN", "Polly.Aditi"),
        ("Polly.Raveena", "en-IN", "Polly.Raveena"),
        ("Polly.Joanna", "en-IN", "Polly.Aditi"),
        ("Polly.Raveena", "hi-IN", "Polly.Aditi"),
        ("Google.en-IN-Wavenet-A", "hi-IN", "Polly.Aditi"),
        ("Google.hi-IN-Wavenet-A", "hi-IN", "Google.hi-IN-Wavenet-A"),
    ],
)
def test_no_voice_is_made_to_speak_a_language_that_it_lacks(voice, language, spoken_by):
    document = twiml_documents.render(
        Reply(text="x", ends_call=True, voice=voice, language=language), action="https://x/"
    )
    say = ET.fromstring(document.body)[0]
    assert (say.get("voice"), say.get("language")) == (spoken_by, language)


@pytest.mark.parametrize("ends", [True, False])
def test_slow_speech_is_asked_of_the_voice(ends):
    reply = Reply(text="Which <city>?", asked="" if ends else "location", ends_call=ends, slow=True)
    say = ET.fromstring(twiml_documents.render(reply, action="https://x/").body).find(".//Say")
    assert [(part.tag, part.attrib, part.text) for part in say] == [("prosody", {"rate": "slow"}, "Which <city>?")]


def test_a_voice_that_reads_no_ssml_is_given_none():
    reply = Reply(text="Hi", ends_call=True, slow=True, voice="Google.en-IN-Chirp3-HD-Kore")
    say = ET.fromstring(twiml_documents.render(reply, action="https://x/").body)[0]
    assert (say.text, list(say), say.get("voice")) == ("Hi", [], "Google.en-IN-Chirp3-HD-Kore")


def test_a_caller_who_fetches_somebody_is_waited_for_longer():
    waits = [
        ET.fromstring(twiml_documents.render(reply, action="https://x/").body)[0].get("timeout")
        for reply in (Reply(text="Hi", asked="identity"), Reply(text="Hi", asked="identity", patience_s=20))
    ]
    assert waits == ["6", "20"]


def test_the_payload_files_are_the_ones_that_twilio_sends():
    assert len(list(Path(PAYLOADS).glob("*.json"))) > 30
