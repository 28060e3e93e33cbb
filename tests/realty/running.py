"""`manage.py up` as a person starts it: in a folder of its own, on a port of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120
databases: dict[Path, str] = {}  # of the installations that are on PostgreSQL


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, patience_s=PATIENCE_S):
    """Wait for what must come, for as long as a slow machine may need."""
    end = time.monotonic() + patience_s
    while not (result := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return result


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def environment(var_dir: Path, **extra: str) -> dict[str, str]:
    """The environment of an installation: SQLite in its folder, or the database made for it."""
    ours = {"DATABASE_URL": databases.get(var_dir, ""), "VAR_DIR": str(var_dir)}
    ours["TRANSCRIPTION_WORKERS"] = "0"  # a cluster of its own, which takes seconds to start
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "realty.settings", **ours, **extra}


@contextlib.contextmanager
def installation(var_dir: Path, url: str):
    """A folder for one installation, with a database of its own on the server of `url` where that is PostgreSQL."""
    if not url.startswith("postgres"):
        yield var_dir
        return
    name = f"realty_up_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        databases[var_dir] = urlsplit(url)._replace(path=f"/{name}").geturl()
        try:
            yield var_dir
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(var_dir: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run one management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(var_dir, **extra),
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Running:
    """One `manage.py up`."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
            return response.status, response.read()

    def said(self) -> str:
        return self.output.read_text()

    def family(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def child(self, word: str) -> int:
        """The direct child whose command line has this word, or 0."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # as a zombie, too
                if word in child.cmdline():
                    return child.pid
        return 0

    def welcomed(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "Ctrl-C stops it." in self.said()


@contextlib.contextmanager
def up(var_dir: Path, **extra: str):
    """Start it, wait for its welcome, and leave nothing behind."""
    port = free_port()
    output = var_dir / "output"
    var_dir.mkdir(exist_ok=True)
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=ROOT,
            env=environment(var_dir, **extra),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    running = Running(process, port, output)
    family = []
    try:
        until(running.welcomed)
        family = running.family()
        yield running
    finally:
        process.kill()
        process.wait()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def static_file(var_dir: Path, name: str) -> str:
    """The address of a collected file."""
    manifest = json.loads((var_dir / "static" / "staticfiles.json").read_text())
    return f"/static/{manifest['paths'][name]}"
