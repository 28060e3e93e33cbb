"""No personal data leaves in a log line."""

import json
import logging
import subprocess
import sys

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from realty.logs import RequestIdMiddleware, redact, redact_value

PHONES = (
    """
+919876543210|919876543210|09876543210|9876543210|00919876543210|+91 98765 43210|+91-98765-43210|98765-43210|98765 43210
+91.98765.43210|987.654.3210|(022) 2765 4321|022-27654321|+1 (415) 555-0100|%2B919876543210|+91%2098765%2043210
९८७६५४३२१०|+44 20 7946 0958|+91\u00a098765\u00a043210|98765–43210|+91+98765+43210
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

AROUND = [
    "{}",
    "call {} now",
    "{}.",
    "({})",
    "From={}&To=x",
    "tel:{}",
    "whatsapp:{}",
    "'phone': '{}'",
    '"phone":{}',
    "{}: busy",
]
MORE_AROUND = [
    "recording_{}.wav",
    "said\\n{}",
    "x%3A{}",
    "lead <{}>",
    "[{}]",
    "a{}b".replace("a", "=").replace("b", ";"),
    "/leads/{}/",
]


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("around", AROUND + MORE_AROUND)
def test_a_phone_number_is_gone_however_it_is_written(phone, around):
    text = redact(around.format(phone))
    assert "[number]" in text
    assert sum(character.isdigit() for character in text) <= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asha.rao+crm@example.co.in called", "[email] called"),
        ("email=asha%40example.com&x=1", "email=[email]&x=1"),
        ("postgres://crm:hunter2@localhost:5432/crm", "postgres://[secret]@localhost:5432/crm"),
        ("Authorization: Bearer abcdef123", "Authorization: [secret]"),
        ("{'X-Twilio-Signature': 'q1w2/e3+r4='}", "{'X-Twilio-Signature': '[secret]'}"),
        ("auth_token=0123456789abcdef0123456789abcdef&a=b", "auth_token=[secret]&a=b"),
        ("('password', 'hunter2')", "('password', '[secret]')"),
        ('{"api_key": "k-123456", "n": 1}', '{"api_key": "[secret]", "n": 1}'),
        ("SECRET_KEY = 'abc'", "SECRET_KEY = '[secret]'"),
        ("/Accounts/AC0123456789abcdef0123456789abcdef/Calls", "/Accounts/[account]/Calls"),
        (
            "Too Many Requests: /chat/12.Ab3_x-9kLm?site=https://a.example",
            "Too Many Requests: /chat/[secret]?site=https://a.example",
        ),
        ("Gone: /chat/12%2EAb3_x-9kLm", "Gone: /chat/[secret]"),
    ],
)
def test_addresses_and_secrets_are_gone(text, expected):
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T16:54:05.123456+00:00",
        "2026-11-22 16:54:05,123 started",
        "12345678-1234-5678-1234-567812345678",
        "CA0123456789abcdef0123456789abcdef",
        "call 1234567 of lead 89, event 4711",
        "took 0.123456789 s, then 12.345678 s",
        "http://127.0.0.1:18000/webhooks/twilio/voice?call=12",
        "192.168.100.200:5432 and [::1]:8000",
        "completion_tokens=512",
        "the token is missing",
        "Too Many Requests: /chat/new",
        "budget of 8000000 rupees",
        "<object at 0x7f3214567890>",
        "9f86d081884c7d659a2feaa0c55ad015",
    ],
)
def test_ids_times_durations_and_hosts_stay(text):
    assert redact(text) == text


def test_a_structure_is_redacted_by_its_keys_and_its_values():
    given = {
        "call_id": 7,
        "phone": 9876543210,
        "token": "abc",
        "tokens": 12,
        "seen": ["asha@example.com", None, True, 1.5],
    }
    assert redact_value(given) == {
        "call_id": 7,
        "phone": "[number]",
        "token": "[secret]",
        "tokens": 12,
        "seen": ["[email]", None, True, 1.5],
    }


SCRIPT = """
import logging, structlog
from realty.logs import logging_config
logging_config("INFO", "json")
structlog.contextvars.bind_contextvars(request_id="abcdef-1234")
logging.getLogger("calls").info("dialled %s", "+91 98765 43210", extra={"call_id": 12, "email": "asha@example.com"})
structlog.get_logger("calls").warning("refused", password="hunter2", attempt=2)
try:
    raise ValueError("no such lead: 9876543210")
except ValueError:
    logging.getLogger("calls").exception("failed")
"""


def test_a_log_line_is_one_json_object_with_its_ids_and_without_personal_data():
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    stamps = [line.pop("timestamp") for line in lines]
    traceback = lines[2].pop("exception")
    shared = {"logger": "calls", "request_id": "abcdef-1234"}
    assert lines == [
        {"event": "dialled [number]", "level": "info", "call_id": 12, "email": "[email]", **shared},
        {"event": "refused", "level": "warning", "password": "[secret]", "attempt": 2, **shared},
        {"event": "failed", "level": "error", **shared},
    ]
    assert traceback.endswith("ValueError: no such lead: [number]")
    assert all(len(stamp) == len("2026-11-22T16:54:05.123456Z") for stamp in stamps)


def respond(**headers):
    seen = []

    def view(_request):
        seen.append(dict(structlog.contextvars.get_contextvars()))
        return HttpResponse()

    response = RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))
    return response["X-Request-ID"], seen[0]


def test_a_request_keeps_the_id_that_a_proxy_gave_it():
    assert respond(**{"X-Request-ID": "abc-12345678"}) == ("abc-12345678", {"request_id": "abc-12345678"})


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space inside", "line\nbreak-123", ""])
def test_a_request_gets_an_id_of_its_own_where_the_given_one_has_no_such_shape(given):
    request_id, seen = respond(**{"X-Request-ID": given})
    assert (len(request_id), seen) == (32, {"request_id": request_id})
    assert request_id != given


def test_the_id_of_one_request_does_not_reach_the_next():
    first, _ = respond()
    structlog.contextvars.bind_contextvars(call_id=3)
    second, seen = respond()
    assert first != second
    assert seen == {"request_id": second}


def test_twilios_library_is_too_chatty_to_be_heard_below_warnings():
    assert logging.getLogger("twilio").getEffectiveLevel() == logging.WARNING
