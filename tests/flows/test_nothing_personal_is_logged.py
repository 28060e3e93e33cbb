"""The whole product, as `manage.py up` runs it: a call is made for real, and its output names nobody."""

import re
import subprocess

import pytest
import requests

from tests.realty.running import ROOT, manage, until, up
from tests.twilio_line import TOKEN, TwilioLine, action_of

PUBLIC = "https://crm.example.com"
PHONE = "+919820055501"
EMAIL = "meena.kulkarni@example.org"
PASSWORD = "a-password-nobody-may-read"


@pytest.fixture
def running(tmp_path):
    extra = {
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_FROM_NUMBER": "+14155550100",
        "DEFAULT_PROVIDER": "pretend",
        "PRETEND_PACE_S": "0",
        "LOG_LEVEL": "DEBUG",
    }
    with up(tmp_path / "var", **extra) as running:
        yield running, tmp_path / "var", extra


def placed_over_the_api(base: str, key: str) -> dict:
    """Call a new lead over the pretend network, and wait for the end."""
    headers = {"Authorization": f"Token {key}"}
    lead = requests.post(
        f"{base}/api/v1/leads",
        json={"name": "Meena Kulkarni", "phone": PHONE, "email": EMAIL},
        headers=headers,
        timeout=15,
    ).json()
    call = requests.post(f"{base}/api/v1/calls", json={"lead": lead["id"]}, headers=headers, timeout=15).json()

    def ended() -> dict | None:
        now = requests.get(f"{base}/api/v1/calls/{call['id']}", headers=headers, timeout=15).json()
        return now if now["status"] == "ended" else None

    return until(ended)


def talk_badly(base: str, key: str) -> None:
    """Everything else that might end up in a log: forged, broken, refused, found out."""
    line = TwilioLine(base=base, public=PUBLIC, caller=PHONE)
    document = line.ring()
    line.say(document, f"my e-mail is {EMAIL} and my number is {PHONE}")
    line.post(action_of(document) + "&turn=x", SpeechResult=PHONE)
    line.token = "forged-token-of-nobody"
    line.ring()
    headers = {"Authorization": f"Token {key}"}
    requests.post(f"{base}/api/v1/leads", json={"phone": PHONE}, headers=headers, timeout=15)  # a duplicate
    requests.post(f"{base}/api/v1/leads", data=f'{{"email": "{EMAIL}', headers=headers, timeout=15)
    requests.get(f"{base}/api/v1/leads?search={EMAIL}&phone={PHONE}", headers=headers, timeout=15)
    requests.get(f"{base}/api/v1/leads", headers={"Authorization": f"Token {PASSWORD}"}, timeout=15)
    requests.get(f"{base}/no/such/page/{PHONE}?email={EMAIL}", timeout=15)
    requests.post(f"{base}/admin/login/", data={"username": EMAIL, "password": PASSWORD}, timeout=15)


def test_a_call_is_made_and_the_output_of_all_processes_names_nobody(running):
    server, var_dir, extra = running
    base = f"http://127.0.0.1:{server.port}"
    script = "from django.contrib.auth.models import User; User.objects.create_superuser('boss', '', None)"
    manage(var_dir, "shell", "-c", script, **extra)
    key = manage(var_dir, "api_key", "create", "--user", "boss", **extra).stdout.strip()

    call = placed_over_the_api(base, key)
    talk_badly(base, key)
    server.process.terminate()
    server.process.wait(timeout=30)
    said = server.said()

    assert call["end_reason"]
    assert f'"call_id": {call["id"]}' in said  # the ids are there, so this is the output of the flow
    digits = re.sub(r"[^0-9a-z]", "", said.lower())
    leaked = [
        secret
        for secret in (PHONE, PHONE[3:], PHONE[-8:], EMAIL, "Meena", TOKEN, key, PASSWORD, "1" * 32)
        if secret in said or re.sub(r"[^0-9a-z]", "", secret.lower()) in digits
    ]
    assert leaked == []


def test_the_repository_itself_holds_no_key():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {".env", "var/secret_key"} & set(tracked)
