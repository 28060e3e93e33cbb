"""A Vapi account of the tests, and Vapi's payloads."""

import json
from pathlib import Path

from voice.providers.base import WebhookRequest
from voice.providers.vapi import Vapi

FOLDER = Path(__file__).parent / "payloads"
CALL = "22222222-2222-4222-8222-222222222222"
BASE = Vapi(
    public_base_url="https://crm.example.com",
    api_key="the-private-key",
    assistant_id="the-assistant",
    phone_number_id="the-number",
    webhook_auth="x-vapi-secret",
    webhook_secrets=["new", "old"],
    waits_s=(),
)


def payload(name):
    return json.loads((FOLDER / "vapi" / f"{name}.json").read_text())


def posted(body, **headers):
    """What Vapi posts to us."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("call", "", {}, {}, headers, raw)
