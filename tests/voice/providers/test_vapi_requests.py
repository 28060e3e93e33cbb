"""What we ask Vapi for is what its own document allows, in every form that we ask it in."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.vapi_account import BASE
from voice.dialogue import Script
from voice.events import ToolCall
from voice.providers import vapi_tools
from voice.providers.base import AgentBrief, CallOrder, ProviderError
from voice.providers.vapi_assistant import SERVER_MESSAGES, assistant_of

SPEC = json.loads((Path(__file__).parents[2] / "payloads" / "specs" / "vapi.json").read_text())
VAPI = replace(BASE, assistant_id="")
AGENT = AgentBrief(
    script=Script(),
    opening="Hello, this is Asha. Am I speaking with Meena?",
    record=True,
    on_machine="leave_message",
    voicemail_message="Please call us back.",
    knowledge="Possession in {{month}} 2027.",
)
ORDER = CallOrder(call_id=7, to="+919820012345", name="Meena {{x}} Kulkarni", time_limit_s=600, agent=AGENT)
OWN, THEIRS = replace(AGENT, brain="own"), replace(AGENT, brain="vapi")


def check(body, name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": SPEC["components"]}
    Draft202012Validator(schema).validate(body)


def asked_for(vapi_api, order, **account):
    replace(VAPI, base_url=vapi_api.url, **account).place_call(order)
    ((method, path, _, body),) = vapi_api.asked
    assert (method, path) == ("POST", "/call")
    return body


AGENTS = {
    "own brain": OWN,
    "vapi's brain": THEIRS,
    "hindi": replace(THEIRS, script=Script(language="hi-IN")),
    "machines ignored": replace(OWN, on_machine="ignore"),
    "machines hung up on": replace(OWN, on_machine="hang_up"),
    "a voice of its own": replace(OWN, provider_voice="11labs/abc"),
    "an assistant of its own": replace(OWN, assistant_id="asha"),
    "the longest names": replace(OWN, script=Script(agent_name="A" * 60, brokerage="B" * 120)),
    "the longest message": replace(OWN, voicemail_message="x" * 2000),
}


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
@pytest.mark.parametrize("limit", [1, 900, 99_999])
def test_a_call_is_asked_for_as_documented(vapi_api, agent, limit):
    check(asked_for(vapi_api, replace(ORDER, agent=agent, time_limit_s=limit)), "CreateCallDTO")


def test_the_document_refuses_what_vapi_does_not_know():
    for more in ({"metadata": {"call_id": "7"}}, {"type": "outboundPhoneCall"}, {"name": "x" * 41}):
        with pytest.raises(ValidationError):
            check({"assistantId": "x", **more}, "CreateCallDTO")
    with pytest.raises(ValidationError):
        check({"serverMessages": ["transcripts"]}, "CreateAssistantDTO")


@pytest.mark.parametrize("auth", ["x-vapi-secret", "bearer", "hmac"])
@pytest.mark.parametrize("agent", [OWN, THEIRS], ids=["own", "vapi"])
def test_an_assistant_is_made_and_changed_as_documented(vapi_api, agent, auth):
    vapi_api.answer = (201, {"id": "asha"})
    vapi = replace(VAPI, base_url=vapi_api.url, webhook_auth=auth, credential_id="c1" if auth == "hmac" else "")
    wanted = assistant_of(agent, vapi.door())
    assert [vapi.save_assistant(known, wanted) for known in ("", "as/ha")] == ["asha", "asha"]
    assert [asked[:2] for asked in vapi_api.asked] == [("POST", "/assistant"), ("PATCH", "/assistant/as%2Fha")]
    check(vapi_api.asked[0][3], "CreateAssistantDTO")
    check(vapi_api.asked[1][3], "UpdateAssistantDTO")


def test_calls_are_listed_as_documented(vapi_api):
    vapi_api.answer = (200, [])
    assert replace(VAPI, base_url=vapi_api.url).look_up(ORDER, "", since=datetime(2026, 11, 22, tzinfo=UTC)) is None
    known = {one["name"]: one["schema"] for one in SPEC["parameters"]["GET /call"]}
    given = parse_qs(urlsplit(vapi_api.asked[0][1]).query)
    assert set(given) == {"phoneNumberId", "createdAtGe", "limit"}
    assert set(given) <= set(known)
    assert int(given["limit"][0]) <= known["limit"]["maximum"]
    assert datetime.fromisoformat(given["createdAtGe"][0]) == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_destination_is_named_as_documented():
    told = {
        "number": "+912222222222",
        "whisper": "Meena,\nPune",
        "timeout_s": 25,
        "message": "Wait.",
        "missed": "Sorry.",
    }
    answer = json.loads(vapi_tools.render([(ToolCall("", vapi_tools.TRANSFER, {}), json.dumps(told))]).body)
    check(answer["destination"], "TransferDestinationNumber")
    assert answer["destination"]["transferPlan"]["message"] == "Meena, Pune"


# What is in them


def test_who_has_an_assistant_keeps_it_and_says_this_calls_own_words(vapi_api):
    body = asked_for(vapi_api, replace(ORDER, agent=replace(AGENT, assistant_id="asha")), assistant_id="the-accounts")
    assert body == {
        "name": "call-7",
        "phoneNumberId": "the-number",
        "customer": {"number": "+919820012345", "name": "Meena {{x}} Kulkarni", "externalId": "call-7"},
        "assistantId": "asha",
        "assistantOverrides": {
            "variableValues": {"lead_name": "Meena x Kulkarni"},
            "metadata": {"call_id": "7"},
            "maxDurationSeconds": 600,
            "firstMessage": "Hello, this is Asha. Am I speaking with Meena?",
            "voicemailDetection": {"provider": "vapi"},
            "voicemailMessage": "Please call us back.",
            "artifactPlan": {"recordingEnabled": True, "transcriptPlan": {"enabled": True}},
        },
    }


@pytest.mark.parametrize("assistant_id", ["asha", ""])
def test_no_assistant_records_a_call_whose_agent_does_not(vapi_api, assistant_id):
    agent = replace(AGENT, assistant_id=assistant_id, record=False)
    body = asked_for(vapi_api, replace(ORDER, agent=agent), assistant_id="the-accounts")
    assert body["assistantOverrides"]["artifactPlan"]["recordingEnabled"] is False


def test_an_assistant_made_by_hand_keeps_its_own_words(vapi_api):
    body = asked_for(vapi_api, ORDER, assistant_id="the-accounts")
    assert (body["assistantId"], sorted(body["assistantOverrides"])) == (
        "the-accounts",
        ["maxDurationSeconds", "metadata", "variableValues"],
    )


def test_our_own_brain_is_asked_with_a_proof_and_may_only_end_and_put_through():
    model = assistant_of(OWN, VAPI.door())["model"]
    assert model == {
        "provider": "custom-llm",
        "url": "https://crm.example.com/webhooks/vapi/llm",
        "model": "realtyassistant",
        "headers": {"X-Vapi-Secret": "new"},
        "metadataSendMode": "variable",
        "timeoutSeconds": 20,
        "tools": [{"type": "transferCall", "destinations": []}, {"type": "endCall"}],
    }


def test_vapis_brain_is_told_the_scripts_questions_in_our_wording():
    script = Script(order=("identity", "budget", "location", "consent"), required=("location",))
    model = assistant_of(replace(THEIRS, script=script), VAPI.door())["model"]
    prompt = model["messages"][0]["content"]
    asked = [line for line in prompt.splitlines() if line[:2] in {"1.", "2.", "3.", "4."}]
    assert asked == [
        "1. budget: “What is your budget?”",
        "2. location (must be answered): “Which city or area are you looking in?”",
        "3. consent: “May one of our sales representatives call you about matching properties?”",
    ]
    assert "Who does not want to be recorded: say that no recording of this call will be kept" in prompt
    assert "Possession in  month  2027." in prompt
    assert prompt.count("{{") == prompt.count("{{lead_name}}") == 1
    names = [tool["function"]["name"] if tool["type"] == "function" else tool["type"] for tool in model["tools"]]
    assert names == [
        "record_slot",
        "check_availability",
        "book_callback",
        "hand_off",
        "do_not_call",
        "transferCall",
        "endCall",
    ]


def test_an_assistant_says_what_its_agent_decides():
    plain = assistant_of(replace(OWN, record=False, on_machine="ignore", time_limit_s=300), VAPI.door())
    assert (plain["artifactPlan"]["recordingEnabled"], plain["voicemailDetection"], "voicemailMessage" in plain) == (
        False,
        "off",
        False,
    )
    assert (plain["maxDurationSeconds"], plain["serverMessages"]) == (300, list(SERVER_MESSAGES))
    assert plain["monitorPlan"]["controlAuthenticationEnabled"] is False
    known = assistant_of(OWN, replace(VAPI, public_key="p").door())
    assert known["monitorPlan"]["controlAuthenticationEnabled"] is True


@pytest.mark.parametrize(
    ("account", "server"),
    [
        ({}, {"headers": {"X-Vapi-Secret": "new"}}),
        ({"webhook_auth": "bearer"}, {"headers": {"Authorization": "Bearer new"}}),
        ({"webhook_auth": "hmac", "credential_id": "c1"}, {"credentialId": "c1"}),
        ({"credential_id": "c1"}, {"credentialId": "c1"}),
    ],
)
def test_vapi_is_told_how_to_prove_itself(account, server):
    told = assistant_of(OWN, replace(VAPI, **account).door())["server"]
    assert told == {
        "url": "https://crm.example.com/webhooks/vapi/call",
        "timeoutSeconds": 20,
        **server,
        "backoffPlan": {"type": "exponential", "maxRetries": 5, "baseDelaySeconds": 1},
    }


@pytest.mark.parametrize(
    ("account", "variable"),
    [({"webhook_secrets": []}, "VAPI_WEBHOOK_SECRET"), ({"webhook_auth": "hmac"}, "VAPI_CREDENTIAL_ID")],
)
def test_no_assistant_is_made_that_could_not_prove_itself(vapi_api, account, variable):
    with pytest.raises(ProviderError, match=variable):
        replace(VAPI, base_url=vapi_api.url, **account).place_call(ORDER)
    assert vapi_api.asked == []
