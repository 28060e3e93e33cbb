"""A whole installation of web server and two job nodes as processes of their own, between a local Twilio and Vapi."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from scripts.check import clean_environment
from tests.carriers import twilio as twilio_
from tests.carriers import vapi as vapi_
from tests.carriers.nodes import Service
from tests.carriers.plan import FRIENDLY

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from tests.carriers.carrier import Asked, Carrier
    from tests.carriers.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 2.0  # of our requests to the carriers


@dataclass
class Table:
    """What was measured, and what of it breaks a promise."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    broken: int = 0

    def add(self, what: str, measured: object, *, holds: bool | None = None) -> None:
        """One line; `holds` is None where nothing is promised."""
        verdict = "" if holds is None else "holds" if holds else "BROKEN"
        self.broken += holds is False
        self.rows.append((what, str(measured), verdict))
        print(f"  {what:<62} {measured!s:>22}  {verdict}", flush=True)


@dataclass
class Stage:
    """The whole installation and its carriers."""

    options: argparse.Namespace
    base: str
    twilio: twilio_.Twilio
    vapi: vapi_.Vapi
    nodes: list[Service]
    web: Service
    table: Table

    @property
    def carriers(self) -> tuple[Carrier, Carrier]:
        """Both of them."""
        return self.twilio, self.vapi

    def behave(self, plan: Plan) -> None:
        """From now on the carriers follow this plan, with an empty ledger."""
        for carrier in self.carriers:
            carrier.wait(30)
            carrier.plan = plan
            carrier.asked.clear()
            carrier.failed_posts.clear()

    def asked(self) -> list[Asked]:
        """All requests for calls, in the order that they came in."""
        return sorted((one for carrier in self.carriers for one in list(carrier.asked)), key=lambda one: one.at)


@contextlib.contextmanager
def staged(options: argparse.Namespace, database_url: str) -> Iterator[Stage]:
    """Start it on an empty database; SQLite where no address is given. Afterwards nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="bench-carrier-"))
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    twilio, vapi = twilio_.Twilio(FRIENDLY, public=base), vapi_.Vapi(FRIENDLY, public=base)
    environment = clean_environment(str(folder)) | _settings(base, database_url, twilio, vapi)
    os.environ.update(environment)
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    import django

    django.setup()
    from realty.management.commands.up import granian_options

    web = Service(
        "web", [sys.executable, "-m", "granian", *granian_options("127.0.0.1", port)], environment, ROOT, folder / "web"
    )
    nodes = [
        Service(name, [*manage, "worker", "--only", "calls"], environment, ROOT, folder / name)
        for name in ("node 1", "node 2")
    ]
    try:
        for service in (web, *nodes):
            service.start()
        until(lambda: _answers(base), "the web server did not start")
        yield Stage(options, base, twilio, vapi, nodes, web, Table())
    finally:
        for service in (*nodes, web):
            service.stop()
        for carrier in (twilio, vapi):
            carrier.close()
        print(f"\nlogs: {folder}" if options.keep else "")
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _settings(base: str, database_url: str, twilio: Carrier, vapi: Carrier) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "realty.settings", "DATABASE_URL": database_url, "PUBLIC_BASE_URL": base,
        "SECRET_KEY": "bench " * 12, "DEFAULT_PROVIDER": "twilio", "ASK_AFTER_S": "20", "API_RATE": "100000/min",
        "TWILIO_ACCOUNT_SID": twilio_.ACCOUNT, "TWILIO_AUTH_TOKEN": twilio_.TOKEN, "TWILIO_FROM_NUMBER": twilio_.NUMBER,
        "TWILIO_BASE_URL": twilio.url, "TWILIO_TIMEOUT_S": str(TIMEOUT_S), "TWILIO_CALLS_PER_SECOND": "0",
        "VAPI_API_KEY": vapi_.KEY, "VAPI_ASSISTANT_ID": vapi_.ASSISTANT, "VAPI_PHONE_NUMBER_ID": vapi_.NUMBER_ID,
        "VAPI_WEBHOOK_SECRET": vapi_.SECRET, "VAPI_BASE_URL": vapi.url, "VAPI_TIMEOUT_S": str(TIMEOUT_S),
        "VAPI_MAX_LINES": "0",
    }  # fmt: skip


def until(condition: Any, complaint: str, patience_s: float = 60) -> bool:
    """Wait; where it takes too long, leave with the complaint, or return False where there is none."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            if complaint:
                sys.exit(f"carrier: {complaint}")
            return False
        time.sleep(0.25)
    return True


def _answers(base: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{base}/health/live", timeout=1).ok
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
