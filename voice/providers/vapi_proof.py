"""What proves that Vapi sent a request. Facts: docs.vapi.ai/server-url/server-authentication."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice.providers.base import WebhookRequest

_WINDOW_S = 300  # how old a signed webhook may be


def has_bearer(request: WebhookRequest, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets is its bearer token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and _is_any_of(given, secrets)


def has_secret(request: WebhookRequest, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets is in its header of Vapi's own."""
    return _is_any_of(request.headers.get("x-vapi-secret", ""), secrets)


def is_signed(request: WebhookRequest, secrets: Sequence[str], *, at: float) -> bool:
    """Whether it was signed with one of the secrets, some minutes ago at most; `at` is in seconds since 1970."""
    stamp = request.headers.get("x-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16):
        return False
    # Vapi does not say whether it counts seconds or milliseconds.
    seconds = int(stamp) / 1000 if len(stamp) > 11 else int(stamp)
    if abs(at - seconds) > _WINDOW_S:
        return False
    signed = f"{stamp}.".encode() + request.body
    expected = [hmac.digest(secret.encode(), signed, "sha256").hex() for secret in secrets]
    return _is_any_of(request.headers.get("x-signature", "").removeprefix("sha256="), expected)


def _is_any_of(given: str, secrets: Sequence[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets)
