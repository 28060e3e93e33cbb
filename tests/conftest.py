"""What all tests share."""

import os
import shutil
import socketserver
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.core.cache import cache

from tests import emptying
from tests.realty.running import installation, manage

# A server that is told to stop notices at its next look, by default after up to half a second.
socketserver.BaseServer.serve_forever.__defaults__ = (0.01,)

_ASKS_THE_DATABASE = {"db", "transactional_db", "live_server", "database_away", "installed"}  # fixtures
_FILLED_BY_MIGRATIONS = ("CallingPolicy", "CallingHours", "DialerSettings")


@pytest.hookimpl(tryfirst=True)  # before pytest picks by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the kind of database cannot change: pytest-django refuses each of these tests any query."""
    for item in items:
        if not item.get_closest_marker("django_db") and not _ASKS_THE_DATABASE & {*getattr(item, "fixturenames", ())}:
            item.add_marker("sqlite_alone")


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


@pytest.fixture
def installed(tmp_path):
    """The folder of a new installation, on the kind of database that the tests run on."""
    with installation(tmp_path / "var", os.environ["DATABASE_URL"]) as folder:
        yield folder


@pytest.fixture(scope="session")
def _prepared_once(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "var"
    assert manage(folder, "prepare").returncode == 0
    return folder


@pytest.fixture
def prepared(tmp_path, _prepared_once) -> Path:
    """The folder of an installation on SQLite whose tables and files were made before."""
    return shutil.copytree(_prepared_once, tmp_path / "var")
