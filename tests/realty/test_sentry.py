"""Error reports carry no personal data."""

import pytest
import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.transport import Transport

from realty.sentry import redacted, start_sentry


def test_every_string_of_a_report_is_redacted():
    event = {
        "message": "no answer from +91 98765 43210",
        "breadcrumbs": {"values": [{"message": "mail to asha@example.com", "data": {"call_id": 5}}]},
        "request": {
            "headers": {"Authorization": "Token abc"},
            "url": "https://crm.example.com/api/v1/leads?phone=9876543210",
        },
    }
    assert redacted(event, {}) == {
        "message": "no answer from [number]",
        "breadcrumbs": {"values": [{"message": "mail to [email]", "data": {"call_id": 5}}]},
        "request": {
            "headers": {"Authorization": "[secret]"},
            "url": "https://crm.example.com/api/v1/leads?phone=[number]",
        },
    }


class Kept(Transport):
    """Keeps what would be sent."""

    sent: list = []

    def capture_envelope(self, envelope):
        self.sent.extend(item.get_event() for item in envelope.items)


def test_an_unhandled_error_is_reported_without_what_the_caller_said():
    phone = "+91 98765 43210"
    start_sentry("https://key@sentry.example.com/1")
    try:
        sentry_sdk.get_client().transport = Kept()
        try:
            raise ValueError(f"nonsense: {phone}")
        except ValueError as error:
            sentry_sdk.capture_exception(error)
    finally:
        sentry_sdk.get_global_scope().set_client(None)
    (event,) = Kept.sent
    assert event["exception"]["values"][0]["value"] == "nonsense: [number]"
    assert "98765" not in repr(event)
    assert all("vars" not in frame for frame in event["exception"]["values"][0]["stacktrace"]["frames"])


def test_nothing_starts_without_an_address():
    start_sentry("")
    assert sentry_sdk.get_client().is_active() is False


@pytest.mark.parametrize("dsn", ["xx", "https://hunter2@sentry.example.com/", "https://hunter2@sentry.example.com:x/1"])
def test_a_malformed_address_names_its_cure_and_not_its_key(dsn):
    with pytest.raises(ImproperlyConfigured) as caught:
        start_sentry(dsn)
    assert str(caught.value) == (
        "SENTRY_DSN is no address of a Sentry project. "
        "Copy it from the project's settings there; it looks like https://key@sentry.example.com/1."
    )
