"""Empties the database after a test with transactions of its own, table by table as needed.

Django's `flush` truncates all sixty tables and makes the permissions again: a third of a second on PostgreSQL, for a
few rows.
"""

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.test import TransactionTestCase

_FILLED_AGAIN = ("contenttypes.ContentType", "auth.Permission")  # `flush` makes their rows anew, by `post_migrate`
_flush = TransactionTestCase._fixture_teardown
_kept: dict[str, int] = {}  # how many rows those tables had after the migrations


def quickly() -> None:
    """Have every test with transactions of its own end so from now on; called where the tables are as migrated."""
    _kept.update(_count(*_tables_filled_again()))
    TransactionTestCase._fixture_teardown = _leave_nothing


def _leave_nothing(case: TransactionTestCase) -> None:
    plain = case.available_apps is None and not case.serialized_rollback and not case.reset_sequences
    if not plain or case._databases_names(include_mirrors=False) != [DEFAULT_DB_ALIAS] or not empty():
        _flush(case)


def empty() -> bool:
    """Whether emptying was enough: not where a test made or deleted what the migrations did."""
    tables = sorted(connection.introspection.django_table_names(include_views=False))
    with transaction.atomic():
        if connection.vendor == "postgresql":  # waits, as truncating does, for whoever still writes
            _run(f"LOCK TABLE {', '.join(map(_quoted, tables))} IN ACCESS EXCLUSIVE MODE")
        if _count(*_kept) != _kept:
            return False
        for table in _holding_rows(*(set(tables) - set(_kept))):
            _run(f"DELETE FROM {_quoted(table)}")
    return True


def _holding_rows(*tables: str) -> list[str]:
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {_quoted(table)})" for table in tables)
    return [name for (name,) in _run(" UNION ALL ".join(asked))]


def _count(*tables: str) -> dict[str, int]:
    return {table: _run(f"SELECT COUNT(*) FROM {_quoted(table)}")[0][0] for table in tables}


def _tables_filled_again() -> list[str]:
    return [apps.get_model(name)._meta.db_table for name in _FILLED_AGAIN]


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)


def _run(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
