"""How long a Vapi assistant waits for its first word when our dialogue is its model.

Starts a server of its own on an empty database in a temporary folder (or at DATABASE_URL), rings it through Vapi again
and again, one turn after the other as a caller speaks, and times each streamed completion from the request to its
first word and to its end. Rules only: no language model is configured. Usage: python bench/vapi_llm.py [--turns 200]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECRET = "bench-secret"
SAYS = ("hello", "Meena Kulkarni", "Wakad in Pune", "a flat", "2 BHK", "seventy lakhs", "yes sure", "yes that's right")
GOAL_S = 0.3  # what a caller does not notice
TOOLS = [{"type": "function", "function": {"name": "endCall", "parameters": {}}}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    turns = parser.parse_args().turns
    folder = tempfile.mkdtemp(prefix="bench-vapi-")
    port = _free_port()
    quiet = {"LLM_MODEL": "", "GEMINI_MODEL": "", "LOG_LEVEL": "WARNING", "SECRET_KEY": "bench " * 12}
    environment = os.environ | quiet | {"VAR_DIR": folder, "VAPI_WEBHOOK_SECRET": SECRET}
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True
        )
        with (Path(folder) / "log").open("wb") as out:
            server = subprocess.Popen(_command(port), cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
            _wait(port)
            first, whole, calls = _ring(port, turns)
        _report(first, whole, calls)
    finally:
        if server:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(port: int) -> list[str]:
    granian = str(Path(sys.executable).parent / "granian")
    return [
        granian, "--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "4",
        "--log-level", "warning", "realty.wsgi:application",
    ]  # fmt: skip


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _ring(port: int, turns: int) -> tuple[list[float], list[float], int]:
    """Seconds to the first word and to the end of each answer, and how many calls they took."""
    first: list[float] = []
    whole: list[float] = []
    calls = 0
    while len(first) < turns:
        calls += 1
        messages = [{"role": "assistant", "content": "Hello, this is Asha from Sunrise Realty. May I know your name?"}]
        for words in SAYS:
            messages.append({"role": "user", "content": words})
            said, ends, began_s, ended_s = _ask(port, calls, messages)
            messages.append({"role": "assistant", "content": said})
            first.append(began_s)
            whole.append(ended_s)
            if ends or len(first) == turns:
                break
    return first, whole, calls


def _ask(port: int, call: int, messages: list[dict[str, str]]) -> tuple[str, bool, float, float]:
    customer = {"number": f"+9198{call:08d}"}
    body: dict[str, Any] = {"messages": messages, "stream": True, "tools": TOOLS, "customer": customer}
    body["call"] = {"id": f"bench-{call}", "type": "inboundPhoneCall", "customer": customer}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"X-Vapi-Secret": SECRET, "Content-Type": "application/json"}
    began = time.perf_counter()
    connection.request("POST", "/webhooks/vapi/llm/chat/completions", json.dumps(body), headers)
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"The server answered {response.status}: {response.read()[:300]!r}")
    said, ends, first_s = "", False, 0.0
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        delta = json.loads(line[6:])["choices"][0]["delta"]
        said += delta.get("content", "")
        ends = ends or "tool_calls" in delta
        if said and not first_s:
            first_s = time.perf_counter() - began
    connection.close()
    if not said:
        raise SystemExit("The server said nothing.")
    return said, ends, first_s, time.perf_counter() - began


def _report(first: list[float], whole: list[float], calls: int) -> None:
    print(f"{len(first)} turns of {calls} calls, rules only, one after the other")
    print(f"{'ms':<22}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
    for name, seconds in (("to the first word", first), ("to the end", whole)):
        cuts = statistics.quantiles(seconds, n=100)
        figures = (cuts[49], cuts[94], cuts[98], max(seconds))
        print(f"{name:<22}" + "".join(f"{figure * 1000:>8.1f}" for figure in figures))
    within = sum(one <= GOAL_S for one in first)
    print(f"within {GOAL_S * 1000:.0f} ms: {within} of {len(first)}")


if __name__ == "__main__":
    main()
