"""The flows run over real HTTP against a live server; what it calls public is an address that only proxies know."""

import pytest

from calls import operations
from calls.lines import language_models
from calls.operations import hearing_turns
from leads.models import Lead
from tests.flows.live_hearing import Heard
from tests.llm_server import LlmServer
from tests.twilio_api import TwilioApi
from tests.twilio_line import TOKEN, TwilioLine
from voice.models import VoiceAgent

PUBLIC = "https://crm.example.com"


@pytest.fixture
def providers(settings, live_server, tmp_path):
    """Twilio with a token, and a pretend network that never waits."""
    settings.PUBLIC_BASE_URL = PUBLIC
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "twilio": {
            **settings.PROVIDERS["twilio"],
            "account_sid": "AC" + "0" * 31 + "1",
            "auth_tokens": [TOKEN, "the-token-before-the-rotation"],
            "from_number": "+14155550100",
            "waits_s": (0, 0, 0),
        },
        "pretend": {
            **settings.PROVIDERS["pretend"],
            "local_base_url": live_server.url,
            "folder": str(tmp_path),
            "pace_s": 0,
            "speaks": False,
        },
    }
    return settings.PROVIDERS


@pytest.fixture
def line(live_server, providers):
    """A caller who rings us through Twilio."""
    return TwilioLine(base=live_server.url, public=PUBLIC)


@pytest.fixture
def lead():
    return Lead.objects.create(name="Ravi Rao", phone="+919820012345")


@pytest.fixture
def api(providers):
    """Twilio's API, which Twilio's client asks without a pace, and again without a pause."""
    api = TwilioApi()
    api.start()
    providers["twilio"] |= {"base_url": api.url, "timeout_s": 0.5, "waits_s": (0, 0, 0), "calls_per_second": 0}
    yield api
    api.stop()


@pytest.fixture
def model(settings):
    """A language model's server, which is the first and only rung."""
    with LlmServer() as server:
        settings.LANGUAGE_MODELS = {
            "primary": {"base_url": f"{server.url}/v1", "model": "small", "api_key": "", "timeout_s": 2.0}
        }
        language_models.cache_clear()
        yield server
    language_models.cache_clear()


@pytest.fixture
def media(settings, tmp_path):
    """The folder of the recordings."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def call(lead, api, now):
    """One that Twilio talks on."""
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    call.refresh_from_db()
    return call


@pytest.fixture
def agent(providers):
    """A voice agent whose callers Whisper hears while they speak."""
    return VoiceAgent.objects.create(name="Asha", hears="whisper", is_default=True)


@pytest.fixture
def hears(monkeypatch):
    """What Whisper is said to hear; the real one has a test of its own."""

    def hears(text, confidence=0.9):
        engine = Heard(text, confidence)
        monkeypatch.setattr(hearing_turns, "whisper", lambda: engine)
        return engine

    return hears
