"""Writers on SQLite wait for one another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

pytestmark = pytest.mark.django_db


@pytest.fixture
def connect(tmp_path):
    """Makes connections of their own to one file; `timeout` is how long each waits, in seconds."""
    made = []

    def connect(timeout: float):
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"
        options = {"timeout": timeout, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
        database = {"ENGINE": "realty.patient_sqlite3", "NAME": str(tmp_path / "db"), "OPTIONS": options}
        connection = ConnectionHandler({"default": database})["default"]
        connection.inc_thread_sharing()
        made.append(connection)
        return connection

    connection = connect(5)
    connection.cursor().execute("CREATE TABLE told (n INTEGER)")
    yield connect
    for connection in made:
        connection.close()


def write(connection, number: int) -> None:
    connection.cursor().execute("INSERT INTO told VALUES (%s)", [number])


@pytest.fixture
def busy(connect):
    """Another connection that holds the write lock until the test lets it go."""
    holder, let_go, held = connect(5), threading.Event(), threading.Event()

    def hold() -> None:
        holder.connection.execute("BEGIN IMMEDIATE")
        held.set()
        let_go.wait(10)
        holder.connection.execute("COMMIT")

    holder.ensure_connection()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    yield let_go
    let_go.set()
    thread.join()


def test_a_writer_waits_until_the_other_is_done(connect, busy):
    writer = connect(10)
    threading.Timer(0.3, busy.set).start()
    write(writer, 1)
    assert writer.cursor().execute("SELECT n FROM told").fetchall() == [(1,)]


def test_a_writer_whose_patience_ends_is_told_so(connect, busy):
    with pytest.raises(OperationalError, match="database is locked"):
        write(connect(0.1), 1)


def test_many_writers_at_once_all_get_their_turn(connect):
    def writes(number: int) -> None:
        connection = connect(10)
        connection.ensure_connection()
        for step in range(25):
            connection._start_transaction_under_autocommit()
            write(connection, number * 100 + step)
            connection.connection.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writes, range(8)))
    assert connect(5).cursor().execute("SELECT count(DISTINCT n) FROM told").fetchone() == (200,)
