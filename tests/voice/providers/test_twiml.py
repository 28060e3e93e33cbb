"""Twilio's dialect: signatures, forms and documents as Twilio has them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.twilio_line import PAYLOADS, payload
from voice.events import CallEvent, EndReason, EventKind, LineState, RecordingNews, Reply, Transfer
from voice.providers import twiml, twiml_documents
from voice.providers.base import Unreadable, WebhookRequest
from voice.providers.twilio import Twilio

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


@pytest.mark.parametrize("sent", ["", "high", "NaN", "7", "-1", "0.0"])
def test_a_confidence_that_is_none_is_none(sent):
    form = payload("gather_speech_en_in") | {"Confidence": sent}
    assert twiml.parse(request("process", form), provider="twilio").confidence is None


@pytest.mark.parametrize("query", [{"call": "x"}, {"call": "-1"}, {"call": "1" * 30}, {"turn": "²"}])
def test_a_broken_number_in_our_own_query_is_no_number(query):
    event = twiml.parse(request("process", payload("gather_dtmf"), query), provider="twilio")
    assert (event.call_id, event.turn) == (None, None)


@pytest.mark.parametrize("door", ["voice", "text"])
def test_a_form_that_names_no_call_and_no_message_is_unreadable(door):
    with pytest.raises(Unreadable):
        twiml.parse(request(door, {}), provider="twilio")


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


CHILD, PARENT = "CA00000000000000000000000000000014", "CA00000000000000000000000000000005"


@pytest.mark.parametrize(
    ("name", "answered_by"),
    [
        ("async_amd_human", "human"),
        ("async_amd_machine_start", "machine"),
        ("async_amd_machine_end_beep", "beep"),
        ("async_amd_fax", "fax"),
        ("async_amd_unknown", "unknown"),
    ],
)
def test_who_has_answered_is_told_by_detection_and_moves_no_line(name, answered_by):
    event = twiml.parse(request("amd", payload(name), {"call": "7"}), provider="twilio")
    assert event == CallEvent(
        kind=EventKind.MACHINE,
        provider="twilio",
        provider_call_id=PARENT,
        dedupe_key=f"{PARENT}:machine",
        call_id=7,
        answered_by=answered_by,
    )


@pytest.mark.parametrize(
    ("told", "answered_by"),
    [("machine_end_silence", "beep"), ("machine_end_other", "beep"), ("robot", "unknown"), ("", "unknown")],
)
def test_every_other_word_of_detection_is_understood(told, answered_by):
    form = payload("async_amd_human") | {"AnsweredBy": told}
    assert twiml.parse(request("amd", form), provider="twilio").answered_by == answered_by


def test_detection_before_the_first_words_comes_with_them():
    asked = [
        twiml.parse(request("voice", payload(name), {"call": "7"}), provider="twilio")
        for name in ("outbound_answer_sync_amd_machine_end_beep", "outbound_answer_sync_amd_human", "outbound_answer")
    ]
    assert [(event.kind, event.answered_by) for event in asked] == [
        (EventKind.ANSWERED, "beep"),
        (EventKind.ANSWERED, "human"),
        (EventKind.ANSWERED, ""),
    ]


BEGAN = datetime(2026, 11, 22, 10, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "status", "news"),
    [
        ("recording_completed_dual", "completed", RecordingNews("RE" + "1".zfill(32), 2, 41, started_at=BEGAN)),
        ("recording_completed_mono", "completed", RecordingNews("RE" + "1".zfill(32), 1, 41, started_at=BEGAN)),
        ("recording_absent", "absent", RecordingNews("RE" + "1".zfill(32), 2, None, is_there=False, started_at=BEGAN)),
        ("recording_absent", "failed", RecordingNews("RE" + "1".zfill(32), 2, None, is_there=False, started_at=BEGAN)),
    ],
)
def test_a_recording_is_told_of_whether_it_is_there_or_not(name, status, news):
    form = payload(name) | {"RecordingStatus": status}
    event = twiml.parse(request("recording", form, {"call": "7"}), provider="twilio")
    assert (event.kind, event.recording, event.line) == (EventKind.RECORDING, news, None)


def test_a_recording_that_goes_on_is_no_news():
    event = twiml.parse(request("recording", payload("recording_in_progress")), provider="twilio")
    assert (event.kind, event.recording) == (EventKind.UNKNOWN, None)


@pytest.mark.parametrize(
    ("name", "change", "reached"),
    [
        ("dial_action_completed", {}, True),
        ("dial_action_completed", {"DialCallStatus": "answered"}, True),
        ("dial_action_completed", {"DialBridged": "false"}, False),
        ("dial_action_no_answer", {}, False),
    ],
)
def test_staff_were_reached_where_the_two_were_bridged(name, change, reached):
    """Who hangs up during the whisper completes a leg, too."""
    form = payload(name) | change
    event = twiml.parse(request("transferred", form, {"call": "7", "turn": "4"}), provider="twilio")
    assert (event.kind, event.provider_call_id, event.reached_staff, event.line) == (
        EventKind.TRANSFERRED,
        PARENT,
        reached,
        None,
    )


@pytest.mark.parametrize(
    ("door", "name", "more", "kind"),
    [
        ("whisper", "whisper_number_url", {}, EventKind.WHISPER),
        ("accepted", "whisper_number_url", {"Digits": "1"}, EventKind.ACCEPTED),
        ("status", "dial_child_status_completed", {}, EventKind.STATUS),
    ],
)
def test_what_staffs_own_leg_does_is_told_of_the_call_and_never_moves_it(door, name, more, kind):
    event = twiml.parse(request(door, payload(name) | more, {"call": "7"}), provider="twilio")
    told = (event.kind, event.provider_call_id, event.digits, event.line, event.end_reason, event.duration_s)
    assert told == (kind, PARENT, more.get("Digits", ""), None, None, None)
    assert event.dedupe_key.startswith(f"{CHILD}:{door}")


def test_every_door_gives_its_own_key():
    doors = [
        ("voice", "outbound_answer", {}),
        ("process", "gather_dtmf", {"turn": "1"}),
        ("status", "status_completed", {}),
        ("amd", "async_amd_human", {}),
        ("recording", "recording_completed_dual", {}),
        ("recording", "recording_absent", {}),
        ("recording", "recording_in_progress", {}),
        ("transferred", "dial_action_completed", {"turn": "1"}),
        ("transferred", "dial_action_completed", {"turn": "2"}),
        ("transferred", "dial_action_no_answer", {"turn": "1"}),
        ("whisper", "whisper_number_url", {}),
        ("accepted", "whisper_number_url", {}),
    ]
    keys = [
        twiml.parse(request(door, payload(name) | {"CallSid": PARENT}, query), provider="twilio").dedupe_key
        for door, name, query in doors
    ]
    assert len(set(keys)) == len(doors)


def test_what_is_kept_of_each_form_is_enough_to_read_it_again():
    for door, name in [
        ("amd", "async_amd_machine_end_beep"),
        ("recording", "recording_completed_dual"),
        ("transferred", "dial_action_completed"),
        ("accepted", "whisper_number_url"),
        ("text", "whisper_number_url"),
    ]:
        written = {"MessageSid": "SM1", "Body": "Stop", "OptOutType": "STOP"}
        first = request(door, payload(name) | {"Digits": "1"} | written, {"call": "7", "turn": "3"})
        kept = twiml.kept(first)
        again = WebhookRequest(kept["door"], "", kept["query"], kept["form"], kept["headers"])
        assert twiml.parse(again, provider="twilio") == twiml.parse(first, provider="twilio")


NETWORK = Twilio("https://crm.example.com", "AC1", ["token"], "+14155550100")


def test_a_transfer_rings_staff_from_our_own_number_with_a_whisper():
    reply = Reply("One moment.", transfer=Transfer("+919820099999", "Ravi Rao", timeout_s=25))
    root = ET.fromstring(NETWORK.render(reply, call_id=7, turn=4).body)
    (dial, number) = (root[1], root[1][0])
    assert [verb.tag for verb in root] == ["Say", "Dial"]
    assert dial.attrib == {
        "action": "https://crm.example.com/webhooks/twilio/transferred?call=7&turn=4",
        "method": "POST",
        "callerId": "+14155550100",
        "timeout": "25",
        "answerOnBridge": "true",
    }
    assert (number.tag, number.text, number.attrib) == (
        "Number",
        "+919820099999",
        {"url": "https://crm.example.com/webhooks/twilio/whisper?call=7", "method": "POST"},
    )


def test_a_whisper_is_said_twice_waits_for_a_key_and_hangs_up_without_one():
    root = ET.fromstring(NETWORK.render_whisper("Ravi <Rao>\x08, two BHK.", call_id=7).body)
    (gather, _) = root
    assert [verb.tag for verb in root] == ["Gather", "Hangup"]
    assert (gather.get("action"), gather.get("numDigits"), gather.get("input")) == (
        "https://crm.example.com/webhooks/twilio/accepted?call=7",
        "1",
        "dtmf",
    )
    assert [say.text for say in gather] == ["Ravi <Rao> , two BHK. To take the call, press 1."] * 2


def test_the_key_bridges_the_two_and_anything_else_hangs_up():
    documents = [ET.fromstring(NETWORK.render_accepted(accepted=yes).body) for yes in (True, False)]
    assert [[verb.tag for verb in one] for one in documents] == [[], ["Hangup"]]


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
