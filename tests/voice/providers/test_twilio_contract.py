"""Every request that we make fits Twilio's own OpenAPI document, cut to size by scripts/trim_specs.py."""

import base64
import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from tests.twilio_api import Seen, TwilioApi
from voice.dialogue import Script
from voice.providers.base import AgentBrief, CallOrder, HangUp, LeaveMessage, Prolong, ProviderError
from voice.providers.twilio import Twilio

SPEC = json.loads((Path(__file__).parents[2] / "payloads" / "specs" / "twilio.json").read_text())
ACCOUNT = "AC" + "0" * 31 + "1"
ORDER = CallOrder(call_id=7, to="+919820012345", time_limit_s=600)

# The document calls these free strings; their words are in twilio.com/docs/voice/api/call-resource.
WORDS = {
    "StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
    "RecordingStatusCallbackEvent": {"in-progress", "completed", "absent"},
    "RecordingChannels": {"mono", "dual"},
    "MachineDetection": {"Enable", "DetectMessageEnd"},
    "AsyncAmd": {"true", "false"},
}


def operation_of(seen: Seen) -> dict:
    parts = seen.path.strip("/").split("/")
    for path, methods in SPEC["paths"].items():
        named = path.strip("/").split("/")
        values = dict(zip(named, parts, strict=False))
        fits = len(named) == len(parts) and all(
            name == value or name.removesuffix(".json").startswith("{") for name, value in values.items()
        )
        if fits and seen.method.lower() in methods:
            return methods[seen.method.lower()]
    raise AssertionError(f"Twilio has no {seen.method} {seen.path}")


def value_of(schema: dict, values: list[str]) -> object:
    """What was sent, as the schema's type; a key that is repeated must be an array's."""
    kind = schema.get("type")
    if kind == "array":
        return values
    assert len(values) == 1, values
    if kind == "integer":
        return int(values[0]) if values[0].lstrip("-").isdigit() else values[0]
    if kind == "boolean":
        return {"true": True, "false": False}.get(values[0], values[0])
    return values[0]


def wrongs(seen: Seen) -> list[str]:
    operation = operation_of(seen)
    query = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    form = body.get("schema", {"properties": {}})
    return [
        *_wrongs({"properties": query}, seen.query),
        *_wrongs(form, seen.form),
        *(
            f"{name}: {value} is no word of Twilio's"
            for name, words in WORDS.items()
            for value in seen.form.get(name, [])
            if value not in words
        ),
    ]


def _wrongs(schema: dict, sent: dict[str, list[str]]) -> list[str]:
    closed = {"type": "object", **schema, "additionalProperties": False, "components": SPEC["components"]}
    known = schema["properties"]
    whole = {name: value_of(known.get(name, {}), values) for name, values in sent.items()}
    return [error.message for error in Draft202012Validator(closed).iter_errors(whole)]


@pytest.fixture(scope="module")
def requests():
    """Every kind of request that we make, as a server saw it."""
    api = TwilioApi()
    api.start()
    twilio = Twilio("https://crm.example.com", ACCOUNT, ["token"], "+14155550100", api.url, waits_s=())
    for record in (False, True):
        for on_machine in ("ignore", "hang_up", "leave_message"):
            agent = AgentBrief(Script(), record=record, on_machine=on_machine, voicemail_message="Hi")
            twilio.place_call(CallOrder(7, ORDER.to, agent=agent))
    sid = twilio.place_call(ORDER)
    twilio.look_up(ORDER, sid, since=datetime(2026, 11, 22, tzinfo=UTC))
    twilio.look_up(ORDER, "", since=datetime(2026, 11, 22, tzinfo=UTC))
    twilio.act(sid, HangUp())
    twilio.act(sid, LeaveMessage("Please call us back."))
    twilio.act(sid, Prolong(14_400))
    twilio.send_text(ORDER.to, "Chat with us")
    recording = "RE" + "1".zfill(32)
    api.recordings[recording] = {"call_sid": sid, "source": "RecordVerb"}
    twilio.stop_recording(sid)
    with pytest.raises(ProviderError):
        twilio.fetch_recording(sid, recording, channels=2, max_bytes=1000, into=BytesIO())
    twilio.delete_answers(sid)
    twilio.delete_recording(sid, recording)
    api.stop()
    return [one for one in api.requests if not one.path.endswith(".wav")]  # a file, and none of the document's


def test_every_request_fits_the_document(requests):
    assert {one.path + " " + one.method: wrongs(one) for one in requests if wrongs(one)} == {}
    assert len(requests) == 18


def test_every_request_names_the_account_and_proves_it(requests):
    proof = "Basic " + base64.b64encode(f"{ACCOUNT}:token".encode()).decode()
    assert {(one.authorization, one.path.split("/")[3]) for one in requests} == {(proof, ACCOUNT)}


def test_forms_are_posted_as_forms(requests):
    posted = {one.content_type for one in requests if one.method == "POST"}
    assert posted == {"application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "change",
    [
        {"Unheard": ["of"]},
        {"Timeout": ["soon"]},
        {"Method": ["PUT"]},
        {"Record": ["True"]},
        {"StatusCallbackEvent": ["anwsered"]},
        {"MachineDetection": ["enable"]},
        {"AsyncAmd": ["True"]},
        {"To": []},
    ],
)
def test_a_request_that_does_not_fit_is_found(requests, change):
    form = {name: values for name, values in (requests[5].form | change).items() if values}
    assert wrongs(Seen("POST", requests[5].path, {}, form, "", "")) != []


def test_our_own_addresses_are_public_name_the_call_and_carry_no_underscore(requests):
    """Twilio refuses host names with an underscore, and what follows # is told to nobody."""
    named = {name: urlsplit(values[0]) for name, values in requests[5].form.items() if values[0].startswith("https://")}
    assert {url.netloc for url in named.values()} == {"crm.example.com"}
    assert {url.query for url in named.values()} == {"call=7"}
    assert {name: (url.path.rsplit("/", 1)[-1], url.fragment) for name, url in named.items()} == {
        "Url": ("voice", "rc=2&rp=ct,5xx"),
        "FallbackUrl": ("fallback", ""),
        "StatusCallback": ("status", "rc=5&rp=ct,rt,5xx"),
        "RecordingStatusCallback": ("recording", "rc=5&rp=ct,rt,5xx"),
        "AsyncAmdStatusCallback": ("amd", "rc=5&rp=ct,rt,5xx"),
    }
