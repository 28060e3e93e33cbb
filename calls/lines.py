"""Providers and language models as this installation has set them up."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from voice import llm
from voice.providers import registry

if TYPE_CHECKING:
    from voice.llm import Ladder
    from voice.providers.base import Provider, Texter
    from voice.stt.whisper_engine import WhisperEngine


def provider(name: str = "") -> Provider:
    """The provider of this name, or the default one.

    :raises KeyError: when there is no such provider.
    """
    name = name or settings.DEFAULT_PROVIDER
    return registry.build(name, public_base_url=settings.PUBLIC_BASE_URL, options=settings.PROVIDERS[name])


_KEYS = {"twilio": ("account_sid", "auth_tokens", "from_number"), "vapi": ("api_key", "phone_number_id")}


def is_set_up(name: str) -> bool:
    """Whether a provider has the keys that calls go out with."""
    return all(settings.PROVIDERS[name][key] for key in _KEYS.get(name, ()))


def our_numbers() -> set[str]:
    """The numbers in E.164 that we call from, of the providers that tell them; whoever calls one reaches us."""
    return {str(one["from_number"]) for one in settings.PROVIDERS.values() if one.get("from_number")}


def texter() -> Texter | None:
    """Whoever sends text messages; None where nobody is set up to."""
    if not is_set_up("twilio"):
        return None
    carrier: Any = provider("twilio")
    return carrier if hasattr(carrier, "send_text") else None


@cache
def language_models() -> Ladder:
    """The language models to ask, in their order; one ladder a process, for it remembers which ones fail."""
    return llm.build(settings.LANGUAGE_MODELS)


def whisper() -> WhisperEngine:
    """Who hears recordings; the weights are loaded at the first of them, once per process."""
    from voice.stt.whisper_engine import WhisperEngine  # noqa: PLC0415 -- its libraries are nothing for a web process

    return WhisperEngine(settings.WHISPER_MODEL)
