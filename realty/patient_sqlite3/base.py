"""Django's SQLite, with writers who wait for one another in short steps.

SQLite's own wait grows to steps of 100 ms (sqliteDefaultBusyCallback in its src/main.c), so among many writers the lock
lies idle while all of them sleep, and an unlucky one sleeps past its time limit. Steps of a few milliseconds keep the
lock busy and give each waiter the same chance at every step.
"""

from __future__ import annotations

import random
import sqlite3
import time
from functools import partial
from typing import Any

from django.db.backends.sqlite3 import base

_SHORTEST_STEP_S, _LONGEST_STEP_S = 0.0005, 0.003
_DEFAULT_TIMEOUT_S = 5.0


class PatientCursor(base.SQLiteCursorWrapper):
    """Tries a statement again while another connection writes, for `patience_s` seconds."""

    def __init__(self, connection: sqlite3.Connection, *, patience_s: float) -> None:
        super().__init__(connection)
        self._patience_s = patience_s

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement.

        :raises sqlite3.OperationalError: "database is locked" when patience is at its end.
        """
        until = time.monotonic() + self._patience_s
        while True:
            try:
                return super().execute(query, params)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(_SHORTEST_STEP_S, _LONGEST_STEP_S))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose statements wait patiently."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect with SQLite's own wait, which the cursors' takes over from once the connection is set up."""
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA busy_timeout=0")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002 -- Django's signature
        """A cursor as patient as the setting `timeout` says."""
        patience_s = float(self.settings_dict["OPTIONS"].get("timeout", _DEFAULT_TIMEOUT_S))
        return self.connection.cursor(factory=partial(PatientCursor, patience_s=patience_s))
