"""`manage.py up`: the web server and the worker, until Ctrl-C."""

import os
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from realty import preparation
from realty.supervisor import GaveUpError, Program, StopSignals, Supervisor


class Command(BaseCommand):
    help = "Run the web server and the worker until Ctrl-C, which stops both."
    requires_system_checks = ()  # they write to VAR_DIR, so they wait until that is known to work
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        try:
            preparation.require_port(host, port)
            preparation.require_disk(settings.VAR_DIR)
            preparation.require_database()
        except preparation.NotReadyError as error:
            sys.exit(str(error))
        self.check()
        preparation.apply_migrations()
        preparation.collect_static()
        self._run(host, port)

    def _run(self, host: str, port: int) -> None:
        stop = StopSignals()
        supervisor = Supervisor(programs(host, port))
        welcomed = False
        try:
            for now in stop.ticks(0.2):
                supervisor.poll(now)
                if not welcomed and (welcomed := answers(host, port)):
                    self._welcome(host, port)
        except GaveUpError as error:
            sys.exit(str(error))
        finally:
            self.stdout.write("Stopping the web server and the worker.")
            supervisor.stop()

    def _welcome(self, host: str, port: int) -> None:
        self.stdout.write(f"\nRealtyAssistant is running at http://{_reachable(host)}:{port}/admin/")
        self.stdout.write(preparation.login_hint())
        self.stdout.write("Ctrl-C stops it.\n")
        self.stdout.flush()


def programs(host: str, port: int) -> tuple[Program, ...]:
    """The two children, and the environment that both need."""
    here = f"http://{_reachable(host)}:{port}"
    # The children read their settings from the environment, so the addresses must be in it before they start.
    given = {name: os.environ.get(name, "").strip() for name in ("PUBLIC_BASE_URL", "LOCAL_BASE_URL")}
    env = {name: value or here for name, value in given.items()}
    manage = str(settings.BASE_DIR / "manage.py")
    return (
        Program("web server", (sys.executable, "-m", "granian", *granian_options(host, port)), env),
        Program("worker", (sys.executable, manage, "worker"), env),
    )


def granian_options(host: str, port: int) -> tuple[str, ...]:
    """WSGI, because Django's views are synchronous; threads, because a turn waits for the database most of its time."""
    workers = min(2, os.cpu_count() or 1)
    return (
        *("--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"),
        *("--workers", str(workers), "--blocking-threads", "4", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "8", "--log-level", "warning", "--working-dir", str(settings.BASE_DIR)),
        "realty.wsgi:application",
    )


def answers(host: str, port: int) -> bool:
    """Whether the web server answers by now."""
    try:
        with urllib.request.urlopen(f"http://{_reachable(host)}:{port}/health/live", timeout=1):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        time.sleep(0.1)
        return False


def _reachable(host: str) -> str:
    if host in {"0.0.0.0", "", "::"}:  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
