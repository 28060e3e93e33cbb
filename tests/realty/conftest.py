"""What the tests of the project itself share."""

import pytest
from django.db import connection, connections


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
