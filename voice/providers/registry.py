"""Which providers there are; each is imported when it is first wanted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.providers.base import Provider

PROVIDERS = {
    "pretend": "voice.providers.pretend.Pretend",
    "twilio": "voice.providers.twilio.Twilio",
    "vapi": "voice.providers.vapi.Vapi",
}


def build(name: str, *, public_base_url: str, options: Mapping[str, Any]) -> Provider:
    """The provider `name` with its own options.

    :raises KeyError: when there is no such provider.
    """
    module, _, attribute = PROVIDERS[name].rpartition(".")
    made: Provider = getattr(import_module(module), attribute)(public_base_url=public_base_url, **options)
    return made
