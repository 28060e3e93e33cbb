"""What `make test` says at its end, and what its exit code is."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_script", ROOT / "scripts" / "check.py")
script = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = script  # dataclasses look their module up
spec.loader.exec_module(script)

GOOD = script.Check("good", (sys.executable, "-c", "pass"))
BAD = script.Check("bad", (sys.executable, "-c", "raise SystemExit(3)"))
ABSENT = script.Check("absent", ("no-such-program-here",))


def lacking(_env) -> bool:
    raise script.CannotRunError("no PostgreSQL")


LACKING = script.Check("lacking", run=lacking)


@pytest.fixture
def end(capfd):
    """Runs checks and gives the exit code, the lines of the table and the last lines."""

    def run(*checks, in_ci=False):
        outcomes = script.carry_out_all(checks, os.environ)
        capfd.readouterr()
        code = script.report(outcomes, in_ci=in_ci)
        _, _, *lines = capfd.readouterr().out.splitlines()
        table = [(line[:8].strip(), line[9:25].strip(), line[36:]) for line in lines[: len(checks)]]
        return code, table, lines[len(checks) :]

    return run


@pytest.mark.parametrize("in_ci", [True, False])
def test_all_good_is_a_success(end, in_ci):
    assert end(GOOD, GOOD, in_ci=in_ci) == (
        0,
        [("PASS", "good", ""), ("PASS", "good", "")],
        ["checks: 2 passed, 0 failed, 0 skipped"],
    )


@pytest.mark.parametrize("in_ci", [True, False])
def test_one_bad_check_fails_the_run_and_the_others_are_run_all_the_same(end, in_ci):
    assert end(BAD, GOOD, in_ci=in_ci) == (
        1,
        [("FAIL", "bad", ""), ("PASS", "good", "")],
        ["checks: 1 passed, 1 failed, 0 skipped"],
    )


def test_what_could_not_run_is_said_loudly(end):
    absent = "no-such-program-here is missing; run make test, which installs it"
    assert end(LACKING, ABSENT, GOOD) == (
        0,
        [("NOT RUN", "absent", absent), ("PASS", "good", ""), ("NOT RUN", "lacking", "no PostgreSQL")],
        ["ATTENTION: 2 of the checks could not run.", "checks: 1 passed, 0 failed, 2 skipped"],
    )


def test_what_could_not_run_fails_the_run_in_ci(end):
    assert end(LACKING, GOOD, in_ci=True) == (
        1,
        [("PASS", "good", ""), ("NOT RUN", "lacking", "no PostgreSQL")],
        [
            "ATTENTION: 1 of the checks could not run, which is a failure in CI.",
            "checks: 1 passed, 1 failed, 0 skipped",
        ],
    )


def test_the_output_of_commands_that_run_side_by_side_stays_in_one_piece(capfd):
    says = "import sys, time; print('one', flush=True); time.sleep(0.1); print('two', file=sys.stderr)"
    checks = [script.Check(name, (sys.executable, "-c", says)) for name in ("first", "second")]
    script.carry_out_all(checks, os.environ)
    pieces = capfd.readouterr().out.split("\n== ")
    assert sorted(pieces) == ["", "first ==\none\ntwo\n", "second ==\none\ntwo\n"]


def test_the_checks_see_nothing_of_the_installation(monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "of a real account")
    monkeypatch.setenv("DATABASE_URL", "postgres://crm:secret@db/crm")
    env = script.clean_environment("/nowhere")
    assert (env["TWILIO_AUTH_TOKEN"], env["DATABASE_URL"], env["VAR_DIR"]) == ("", "", "/nowhere")
