"""`manage.py vapi sync`: assistants at Vapi become what their agents say, after it was shown and agreed to."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.vapi_api import VapiApi
from voice.models import VoiceAgent
from voice.providers.vapi_sync import differences

pytestmark = pytest.mark.django_db

SECRET = "a-webhook-secret"


@pytest.fixture
def api(settings):
    api = VapiApi()
    account = {"api_key": "a-private-key", "base_url": api.url, "webhook_secrets": [SECRET]}
    settings.PROVIDERS = {**settings.PROVIDERS, "vapi": {**settings.PROVIDERS["vapi"], **account}}
    api.answer = (201, {"id": "asha-at-vapi"})
    yield api
    api.close()


@pytest.fixture
def agent(db):
    return VoiceAgent.objects.create(name="Asha", brokerage="Sunrise Realty")


@pytest.fixture
def synced(api, agent):
    """The agent's assistant as Vapi has it, with what Vapi adds of its own."""
    run("--yes")
    there = {**api.asked[-1][3], "id": "asha-at-vapi", "orgId": "o", "isServerUrlSecretSet": False}
    api.asked.clear()
    api.at["GET /assistant/asha-at-vapi"] = (200, there)
    return there


def run(*options):
    said = StringIO()
    call_command("vapi", "sync", *options, stdout=said)
    return said.getvalue()


def sent(api):
    return [asked[:2] for asked in api.asked if asked[0] != "GET"]


def test_an_agent_that_is_not_there_is_made_and_its_id_kept(api, agent):
    said = run("--yes")
    assert said.startswith("Asha of Sunrise Realty: not at Vapi yet; an assistant would be made\n  name: (nothing) -> ")
    assert said.endswith("Asha of Sunrise Realty: made at Vapi, asha-at-vapi.\n")
    assert sent(api) == [("POST", "/assistant")]
    version = agent.version
    agent.refresh_from_db()
    assert (agent.vapi_assistant_id, agent.version) == ("asha-at-vapi", version)
    assert api.asked[0][3]["firstMessage"].endswith("Am I speaking with {{lead_name}}?")


def test_where_nothing_differs_nothing_is_sent(api, synced):
    assert run() == "Asha of Sunrise Realty: nothing to change.\n"
    assert sent(api) == []


def test_what_differs_is_shown_and_changed(api, agent, synced):
    VoiceAgent.objects.update(record=False)
    first, notice, *rest = run("--yes").splitlines()
    assert [first, *rest] == [
        "Asha of Sunrise Realty: at Vapi asha-at-vapi, what is there -> what would be",
        "  artifactPlan.recordingEnabled: true -> false",
        "Asha of Sunrise Realty: changed at Vapi, asha-at-vapi.",
    ]
    assert notice.startswith('  firstMessage: "This call may be recorded. Hello, this is Asha')
    assert '-> "Hello, this is Asha' in notice  # who records nothing tells of no recording
    assert sent(api) == [("PATCH", "/assistant/asha-at-vapi")]


def test_a_message_that_is_no_longer_wanted_is_taken_away_once(api, agent, synced):
    there = {**synced, "voicemailMessage": "Please call us back."}
    api.at["GET /assistant/asha-at-vapi"] = (200, there)
    assert '  voicemailMessage: "Please call us back." -> ""' in run("--yes").splitlines()
    assert api.asked[-1][3]["voicemailMessage"] == ""
    for left in ({"voicemailMessage": ""}, {}):  # as Vapi may tell of no message
        api.at["GET /assistant/asha-at-vapi"] = (
            200,
            {k: v for k, v in there.items() if k != "voicemailMessage"} | left,
        )
        assert run() == "Asha of Sunrise Realty: nothing to change.\n"


def test_a_dry_run_changes_nothing(api, agent, synced):
    VoiceAgent.objects.update(record=False)
    assert "recordingEnabled: true -> false" in run("--dry-run")
    assert sent(api) == []


@pytest.mark.parametrize(("answer", "changes"), [("y", 1), ("", 0), ("no", 0)])
def test_a_person_is_asked_first(api, agent, synced, monkeypatch, answer, changes):
    VoiceAgent.objects.update(record=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    said = run()
    assert (len(sent(api)), "Nothing was changed." in said) == (changes, not changes)


def test_where_nobody_can_agree_the_cure_is_said(api, agent, monkeypatch):
    def nobody(_):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="--yes"):
        run()


def test_an_assistant_that_was_deleted_at_vapi_is_made_again(api, agent):
    VoiceAgent.objects.update(vapi_assistant_id="gone")
    api.at["GET /assistant/gone"] = (404, {})
    said = run("--yes")
    assert "its assistant is no longer at Vapi; a new one would be made" in said
    assert sent(api) == [("POST", "/assistant")]
    agent.refresh_from_db()
    assert agent.vapi_assistant_id == "asha-at-vapi"


def test_no_secret_is_printed(api, agent, synced, settings):
    settings.PROVIDERS["vapi"]["webhook_secrets"] = ["another-secret"]
    said = run("--yes")
    assert "server.headers.X-Vapi-Secret: (secret) -> (secret)" in said
    assert [word for word in (SECRET, "another-secret", "a-private-key") if word in said] == []
    VoiceAgent.objects.update(vapi_assistant_id="")
    assert "secret" not in run("--yes").replace("(secret)", "").replace("X-Vapi-Secret", "")


def test_one_agent_alone_can_be_synced(api, agent):
    other = VoiceAgent.objects.create(name="Riya")
    assert "Riya" in run("--agent", str(other.pk), "--yes")
    agent.refresh_from_db()
    assert agent.vapi_assistant_id == ""


def test_an_agent_that_does_not_exist_is_told_so(api):
    with pytest.raises(CommandError, match="There is no voice agent 99"):
        run("--agent", "99")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"message": "Invalid Key"}), "Set VAPI_API_KEY to the private key"),
        ((503, b""), "may or may not have done what was asked"),
    ],
)
def test_what_vapi_refuses_is_said_in_a_sentence(api, agent, answer, sentence):
    api.answer = answer
    with pytest.raises(CommandError, match=sentence):
        run("--yes")


@pytest.mark.parametrize(
    ("name", "variable"), [("api_key", "VAPI_API_KEY"), ("webhook_secrets", "VAPI_WEBHOOK_SECRET")]
)
def test_an_account_that_is_not_set_up_is_told_what_to_set(api, agent, settings, name, variable):
    settings.PROVIDERS["vapi"][name] = "" if name == "api_key" else []
    with pytest.raises(CommandError, match=variable):
        run("--yes")
    assert api.asked == []


def test_no_secret_is_told_of_a_part_that_is_missing_as_a_whole():
    headers = {"headers": {"X-Vapi-Secret": "hidden"}}
    assert differences({}, {"server": headers, "tools": [{"server": headers}], "name": "Asha"}) == [
        "  server: (nothing) -> (secret)",
        "  tools: (nothing) -> (secret)",
        '  name: (nothing) -> "Asha"',
    ]
