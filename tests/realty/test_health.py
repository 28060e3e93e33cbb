"""Liveness asks nothing of the database; readiness does."""

import pytest
from django.db import connection, connections


def test_the_process_is_alive_without_a_database(client):
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_while_the_database_answers(client):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": "ok"})


@pytest.fixture
def no_database(tmp_path, django_db_blocker):
    """A connection that leads nowhere, in place of the tests' own."""
    kept = connection.settings_dict
    nowhere = {
        **kept,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "none" / "x.sqlite3"),
        "OPTIONS": {},
    }
    original = connections["default"]
    connections["default"] = (
        type(original)(nowhere, "default") if original.vendor == "sqlite" else _unreachable(original)
    )
    with django_db_blocker.unblock():
        yield
    connections["default"] = original


def _unreachable(original):
    settings = {**original.settings_dict, "HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {"connect_timeout": 2}}
    return type(original)(settings, "default")


def test_it_is_not_ready_when_the_database_does_not_answer(client, no_database):
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "error", "database": "no answer"})
