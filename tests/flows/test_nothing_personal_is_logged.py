"""The whole product, as `manage.py up` runs it: a call is made for real, and its output names nobody."""

import re
import subprocess

import pytest
import requests

from tests.flows.vapi_line import SECRET, VapiLine
from tests.realty.running import ROOT, manage, until, up
from tests.twilio_api import TwilioApi
from tests.twilio_line import TOKEN, TwilioLine, action_of

PUBLIC = "https://crm.example.com"
PHONE = "+919820055501"
EMAIL = "meena.kulkarni@example.org"
PASSWORD = "a-password-nobody-may-read"
STAFF = "+919820077701"
VISITOR = "+919820066601"
SITE = "https://www.sunrise.example"
PAGE = "5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a11"


@pytest.fixture
def carrier():
    api = TwilioApi(mode="20429")
    api.start()
    yield api
    api.stop()


@pytest.fixture
def running(prepared, carrier):
    extra = {
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_FROM_NUMBER": "+14155550100",
        "DEFAULT_PROVIDER": "pretend",
        "PRETEND_PACE_S": "0",
        "TWILIO_BASE_URL": carrier.url,
        "VAPI_WEBHOOK_SECRET": SECRET,
        "WIDGET_ORIGINS": SITE,
        "CHAT_LINK_RATE": "2/min",
        "LOG_LEVEL": "DEBUG",
    }
    with up(prepared, **extra) as running:
        yield running, prepared, extra


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


def chat(base: str, headers: dict[str, str], lead: int) -> list[str]:
    """Write by a link and from the brokerage's site, too often and badly; the tokens of the chats."""
    link = requests.post(f"{base}/api/v1/leads/{lead}/chat-link", headers=headers, timeout=15).json()["url"]
    tokens = [link.rsplit("/", 1)[1]]
    page = f"{base}/chat/{tokens[0]}"
    requests.get(page, timeout=15)
    for turn in range(1, 5):  # the third is one too many
        requests.post(page, data={"message": f"I am Meena, {EMAIL}, {PHONE}", "turn": turn}, timeout=15)
    first = {"message": f"Call {VISITOR}, {EMAIL}", "turn": 1, "key": PAGE}
    begun = requests.post(f"{base}/chat/new", data=first, headers={"Accept": "application/json"}, timeout=15).json()
    tokens.append(begun["url"].rsplit("/", 1)[1])
    requests.post(f"{base}/chat/{tokens[1]}", data={"message": "", "turn": "x"}, timeout=15)
    requests.get(f"{base}/chat/{tokens[1]}x", timeout=15)
    return tokens


def ring_through_vapi(base: str) -> None:
    """A call that Vapi tells of, a forged message and a broken one."""
    line = VapiLine(base)
    line.customer = {"number": PHONE, "name": "Meena Kulkarni", "email": EMAIL}
    line.tell("assistant_request_inbound")
    line.tell("transfer_destination_request")
    line.say(f"my number is {PHONE} and my mail {EMAIL}", by_caller=True)
    line.tell("end_of_call_report_completed_2026")
    line.post({"message": {"type": "hang", "customer": line.customer}}, secret="forged-" + PASSWORD)
    line.post(f'{{"message": "{PHONE}'.encode())
    line.post({"model": PHONE, "messages": [{"role": "user", "content": EMAIL}]}, path="llm/chat/completions")


def hand_off(base: str, headers: dict[str, str], lead: int) -> None:
    """A call over a carrier in trouble, and a caller who asks for a person."""
    requests.post(f"{base}/api/v1/calls", json={"lead": lead, "provider": "twilio"}, headers=headers, timeout=15)
    line = TwilioLine(base=base, public=PUBLIC, caller=PHONE)
    line.say(line.ring(), "I want to talk to a person")


def campaign(base: str, headers: dict[str, str], lead: int) -> None:
    """One that runs, and one that is refused."""
    body = {"name": f"For {PHONE}", "leads": [lead], "reserved_lines": 0}
    for fields in (body, body | {"filter": {"phone": PHONE}}):
        made = requests.post(f"{base}/api/v1/campaigns", json=fields, headers=headers, timeout=15).json()
        url = f"{base}/api/v1/campaigns/{made.get('id')}"
        requests.get(f"{url}/preview", headers=headers, timeout=15)
        requests.post(f"{url}/start", headers=headers, timeout=15)
        requests.post(f"{url}/stop", headers=headers, timeout=15)


def test_a_call_is_made_and_the_output_of_all_processes_names_nobody(running):
    server, var_dir, extra = running
    base = f"http://127.0.0.1:{server.port}"
    script = (
        "from django.contrib.auth.models import User; User.objects.create_superuser('boss', '', None);"
        "from calls.models import DialerSettings;"
        f"DialerSettings(hand_off_number='{STAFF}', staff_from='00:00', staff_until='23:59').save()"
    )
    manage(var_dir, "shell", "-c", script, **extra)
    key = manage(var_dir, "api_key", "create", "--user", "boss", **extra).stdout.strip()

    call = placed_over_the_api(base, key)
    talk_badly(base, key)
    headers = {"Authorization": f"Token {key}"}
    tokens = chat(base, headers, call["lead"])
    ring_through_vapi(base)
    hand_off(base, headers, call["lead"])
    campaign(base, headers, call["lead"])
    server.process.terminate()
    server.process.wait(timeout=30)
    said = server.said()

    assert call["end_reason"]
    assert "/chat/[secret]" in said  # the refusals of the chat are there, too
    assert f'"call_id": {call["id"]}' in said  # the ids are there, so this is the output of the flow
    digits = re.sub(r"[^0-9a-z]", "", said.lower())
    leaked = [
        secret
        for secret in (
            PHONE,
            PHONE[3:],
            PHONE[-8:],
            EMAIL,
            "Meena",
            TOKEN,
            key,
            PASSWORD,
            "1" * 32,
            SECRET,
            STAFF,
            VISITOR,
            *tokens,
        )
        if secret in said or re.sub(r"[^0-9a-z]", "", secret.lower()) in digits
    ]
    assert leaked == []


def test_the_repository_itself_holds_no_key():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {".env", "var/secret_key"} & set(tracked)
