"""What all tests share."""

import socketserver
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core import serializers
from django.core.cache import cache

from tests import emptying

# A server that is told to stop notices at its next look, by default after up to half a second.
socketserver.BaseServer.serve_forever.__defaults__ = (0.01,)

_FILLED_BY_MIGRATIONS = ("CallingPolicy", "CallingHours", "DialerSettings")


@pytest.fixture
def now() -> datetime:
    """A Tuesday, half past two in the afternoon in India: within calling hours."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> None:
    """Rate limits count in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture(scope="session")
def _migrated(django_db_setup, django_db_blocker) -> str:
    """The rows that migrations made, read before any test could empty the tables."""
    models = [apps.get_model("calls", name) for name in _FILLED_BY_MIGRATIONS]
    with django_db_blocker.unblock():
        emptying.quickly()
        return serializers.serialize("json", [row for model in models for row in model.objects.order_by("pk")])


@pytest.fixture(autouse=True)
def _as_migrated(request: pytest.FixtureRequest) -> None:
    """A test with transactions of its own empties all tables; whatever test follows it finds them as migrated."""
    marked = request.node.get_closest_marker("django_db")
    if not marked and not {"db", "transactional_db", "live_server"} & {*request.fixturenames}:
        return
    rows = request.getfixturevalue("_migrated")
    empties = {"transactional_db", "live_server"} & {*request.fixturenames}
    if empties or (marked and marked.kwargs.get("transaction")):
        return
    request.getfixturevalue("db")
    if not apps.get_model("calls", "CallingPolicy").objects.exists():
        for row in serializers.deserialize("json", rows):
            row.save()
