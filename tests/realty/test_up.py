"""`manage.py up`, end to end: it serves, it survives the death of a child, and it leaves nothing behind."""

import os
import signal
import socket
import stat
import sys

import pytest

from tests.realty.running import free_port, is_gone, manage, static_file, until, up


def test_it_serves_pages_and_files_until_ctrl_c(installed):
    with up(installed) as running:
        assert running.get("/health/ready") == (200, b'{"status": "ok", "database": "ok"}')
        assert running.get("/admin/login/")[0] == 200
        assert running.get(static_file(installed, "admin/css/base.css"))[0] == 200
        family = until(lambda: len(running.family()) >= 8 and running.family())  # the job cluster has five of its own
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(15) == 0
        assert [pid for pid in family if not is_gone(pid)] == []
    assert running.said().startswith(f"\nRealtyAssistant is running at http://127.0.0.1:{running.port}/admin/\n")
    assert "Traceback" not in running.said()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_it_leaves_no_orphans_when_it_is_killed(prepared):
    with up(prepared) as running:
        family = until(lambda: len(running.family()) >= 8 and running.family())
        running.process.kill()
        until(lambda: all(is_gone(pid) for pid in family))


def test_a_child_that_dies_is_started_again(prepared):
    with up(prepared) as running:
        for word in ("worker", "granian"):
            before = running.child(word)
            os.kill(before, signal.SIGKILL)
            until(lambda: running.child(word) not in {before, 0})  # noqa: B023 -- asked for within the loop
            until(lambda: is_up(running))
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(15) == 0


def is_up(running) -> bool:
    try:
        return running.get("/health/ready")[0] == 200
    except OSError:
        return False


def test_a_taken_port_is_one_sentence_with_its_cure(prepared):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = manage(prepared, "up", "--port", str(port))
    sentence = f"Port {port} is taken. Stop what uses it or run `manage.py up --port {port + 1}`.\n"
    assert (run.returncode, run.stdout, run.stderr) == (1, "", sentence)


def test_an_address_of_another_machine_is_one_sentence(prepared):
    run = manage(prepared, "up", "--host", "192.0.2.1", "--port", str(free_port()))
    sentence = "192.0.2.1 is no address of this machine. Run `manage.py up --host 127.0.0.1`.\n"
    assert (run.returncode, run.stdout, run.stderr) == (1, "", sentence)


def test_a_database_that_does_not_answer_is_one_sentence(prepared):
    run = manage(prepared, "up", "--port", str(free_port()), DATABASE_URL=f"postgres://u:p@127.0.0.1:{free_port()}/x")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("The database does not answer (")
    assert run.stderr.endswith("). Start it, or correct DATABASE_URL.\n")
    assert run.stderr.count("\n") == 1


def test_a_program_that_cannot_start_ends_everything_with_a_sentence(prepared):
    run = manage(prepared, "up", "--port", str(free_port()), GRANIAN_BACKLOG="none")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("The web server ended 4 times within seconds of its start (code 2).")


def test_the_first_admin_gets_a_password_that_is_kept_and_shown_again(installed):
    first, second = manage(installed, "prepare"), manage(installed, "prepare")
    kept = installed / "admin_password"
    assert (first.returncode, second.returncode) == (0, 0)
    assert f"The user admin has a password in {kept}." in first.stdout
    assert "password" not in second.stdout
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with up(installed) as running:
        assert f"Log in as admin with the password {kept.read_text()}" in running.said()
