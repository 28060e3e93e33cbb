"""What the tests of the project itself share."""

import contextlib

import pytest
from django.db import connection, connections


@pytest.fixture
def database_away(tmp_path, django_db_blocker):
    """A context in which the connection leads nowhere, in place of the tests' own."""
    engine, settings = type(connections["default"]), connection.settings_dict
    if connection.vendor == "sqlite":
        nowhere = settings | {"NAME": str(tmp_path / "none" / "x.sqlite3"), "OPTIONS": {}}
    else:
        nowhere = settings | {"HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {"connect_timeout": 2}}

    @contextlib.contextmanager
    def away():
        original = connections["default"]
        connections["default"] = engine(nowhere, "default")
        try:
            with django_db_blocker.unblock():
                yield
        finally:
            connections["default"] = original

    return away


@pytest.fixture
def no_database(database_away):
    """The same for the whole test."""
    with database_away():
        yield
