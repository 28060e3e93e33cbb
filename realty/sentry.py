"""Error reports to Sentry, when asked for by SENTRY_DSN, with personal data redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from realty.logs import redact_value

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def start_sentry(dsn: str) -> None:
    """Report unhandled errors to `dsn`; nothing is imported or sent where it is empty.

    :raises ImproperlyConfigured: `dsn` is malformed; it holds a key, so it is not repeated.
    """
    if not dsn:
        return
    import sentry_sdk  # noqa: PLC0415 -- slow import, and only where it is wanted

    # Personal data is off by default; these two would let in what callers said.
    try:
        sentry_sdk.init(
            dsn=dsn,
            before_send=redacted,
            include_local_variables=False,
            max_request_body_size="never",
        )
    except ValueError:  # BadDsn is one; so is a port that is no number
        raise ImproperlyConfigured(
            "SENTRY_DSN is no address of a Sentry project. "
            "Copy it from the project's settings there; it looks like https://key@sentry.example.com/1."
        ) from None


def redacted(event: Event, _hint: Hint) -> Event:
    """The event with phone numbers, e-mail addresses and secrets taken out of every string in it."""
    cleaned: Event = redact_value(event)
    return cleaned
