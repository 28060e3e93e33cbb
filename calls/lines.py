"""Providers as this installation has set them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from voice.providers import registry

if TYPE_CHECKING:
    from voice.providers.base import Provider


def provider(name: str = "") -> Provider:
    """The provider of this name, or the default one.

    :raises KeyError: when there is no such provider.
    """
    name = name or settings.DEFAULT_PROVIDER
    return registry.build(name, public_base_url=settings.PUBLIC_BASE_URL, options=settings.PROVIDERS[name])
