"""Signed Twilio turns from many clients at once while the job queue drains: how many are lost, how long each takes.

Starts a server and a job worker of its own on an empty database in a temporary folder (or at DATABASE_URL), rings it
from CLIENTS callers at once until TURNS turns are answered, and compares with a bare view on the same server in the
same run. Usage: python bench/turns.py [--turns 5000] [--clients 16] [--jobs 2000]
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "bench-token"
PUBLIC = "https://bench.example.com"
SAYS = ("hello", "Meena Kulkarni", "Wakad in Pune", "a flat", "2 BHK", "seventy lakhs", "yes sure", "yes that's right")
_ACTION = re.compile(r'action="([^"]+)"')


@dataclass
class Tally:
    """What all clients saw; seconds."""

    left: int
    took: list[float] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Claim one turn; False when all are claimed."""
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def count(self, seconds: float, status: str) -> None:
        """Note how long a good answer took, or which other answer came."""
        with self.lock:
            if status == "200":
                self.took.append(seconds)
            else:
                self.wrong[status] = self.wrong.get(status, 0) + 1


def main() -> None:
    options = _options()
    folder = tempfile.mkdtemp(prefix="bench-turns-")
    port = _free_port()
    environment = os.environ | {
        "VAR_DIR": folder,
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "bench " * 12,
    }
    log = Path(folder) / "log"
    children: list[subprocess.Popen[bytes]] = []
    try:
        _manage(environment, "migrate", "--verbosity", "0")
        _manage(environment, "shell", "-c", _enqueue(options.jobs), "-v", "0")
        with log.open("wb") as out:
            children.append(_web(environment, port, out))
            _wait(port)
            bare = _closed_loop(port, options.clients, 4000)
            children.append(_start(environment, out, sys.executable, "manage.py", "qcluster"))
            tally = _turns(port, options)
        _report(tally, bare, environment, log.read_text(errors="replace"), options)
    finally:
        for child in children:
            child.send_signal(signal.SIGINT)
        for child in children:
            child.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2000)
    return parser.parse_args()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def _enqueue(jobs: int) -> str:
    return (
        "from django_q.tasks import async_task\n"
        f"for n in range({jobs}): async_task('calls.tasks.dial', call_id=-1, tries=0)"
    )


def _start(environment: dict[str, str], out: object, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)  # type: ignore[call-overload,no-any-return]


def _web(environment: dict[str, str], port: int, out: object) -> subprocess.Popen[bytes]:
    granian = str(Path(sys.executable).parent / "granian")
    return _start(
        environment, out, granian, "--interface", "wsgi", "--port", str(port), "--workers", "2",
        "--blocking-threads", "4", "--log-level", "warning", "realty.wsgi:application",
    )  # fmt: skip


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            if _get(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _get(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/health/live")
    response = connection.getresponse()
    response.read()
    return response.status


def _closed_loop(port: int, clients: int, requests: int) -> tuple[float, list[float]]:
    """Requests a second and seconds each of the bare view."""
    tally = Tally(left=requests)

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        while tally.take():
            began = time.perf_counter()
            tally.count(time.perf_counter() - began, str(_get(connection)))
            tally.took[-1] = time.perf_counter() - began

    seconds = _run([client] * clients)
    return requests / seconds, tally.took


def _run(clients: list[object]) -> float:
    began = time.perf_counter()
    threads = [threading.Thread(target=client) for client in clients]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _turns(port: int, options: argparse.Namespace) -> Tally:
    tally = Tally(left=options.turns)

    def client_of(number: int) -> object:
        return lambda: _ring_until_done(port, number, tally)

    seconds = _run([client_of(number) for number in range(options.clients)])
    tally.took.append(seconds)  # the last entry is the whole run's time; _report takes it out
    return tally


def _ring_until_done(port: int, client: int, tally: Tally) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    call = 0
    while tally.left > 0:
        call += 1
        with tally.lock:
            tally.calls += 1
        form = {
            "CallSid": f"CA{client:016x}{call:016x}",
            "From": f"+9198{client:03d}{call:05d}",
            "Direction": "inbound",
        }
        status, body = _post(connection, f"{PUBLIC}/webhooks/twilio/voice", form | {"CallStatus": "ringing"})
        if status != 200:
            tally.count(0, f"opening {status}")
            continue
        for words in SAYS:
            action = _ACTION.search(body)
            if action is None or not tally.take():
                break
            began = time.perf_counter()
            status, body = _post(
                connection, unescape(action[1]), form | {"SpeechResult": words, "CallStatus": "in-progress"}
            )
            tally.count(time.perf_counter() - began, str(status))
            if status != 200:
                break


def _post(connection: http.client.HTTPConnection, url: str, form: dict[str, str]) -> tuple[int, str]:
    parts = urlsplit(url)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
    }
    try:
        connection.request("POST", f"{parts.path}?{parts.query}", urlencode(form), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except OSError:
        connection.close()
        return 0, ""


def _report(
    tally: Tally, bare: tuple[float, list[float]], environment: dict[str, str], log: str, options: argparse.Namespace
) -> None:
    seconds = tally.took.pop()
    answered = len(tally.took)
    stored = _ask(environment, "from calls.models import Turn; print(Turn.objects.exclude(number=0).count())")
    jobs_left = _ask(environment, "from django_q.models import OrmQ; print(OrmQ.objects.count())")
    locked = log.count("database is locked")
    bare_rps, bare_took = bare
    rate = answered / seconds
    print(f"database: {'DATABASE_URL' if environment.get('DATABASE_URL') else 'SQLite'}, clients: {options.clients}")
    print(f"turns asked {options.turns}, answered {answered}, stored {stored}, lost {options.turns - stored}")
    print(f"other answers: {tally.wrong or 'none'}; 'database is locked' in the log: {locked}")
    print(f"jobs drained meanwhile: {options.jobs - jobs_left} of {options.jobs}")
    print(f"{'':12}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}")
    print(f"{'bare view':12}{bare_rps:12.0f}{_ms(bare_took, 50):10.1f}{_ms(bare_took, 99):10.1f}")
    print(f"{'turn':12}{rate:12.0f}{_ms(tally.took, 50):10.1f}{_ms(tally.took, 99):10.1f}")
    print(f"a turn costs {bare_rps / rate:.1f} bare views")
    if stored != options.turns or tally.wrong or locked:
        raise SystemExit("FAIL: turns were lost or refused")
    print("PASS: none lost")


def _ask(environment: dict[str, str], script: str) -> int:
    return int(_manage(environment, "shell", "-v", "0", "-c", script))


def _ms(took: list[float], percent: int) -> float:
    return statistics.quantiles(took, n=100)[percent - 1] * 1000


if __name__ == "__main__":
    main()
