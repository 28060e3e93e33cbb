"""What both carriers are made of: a server on a port of its own, a ledger, and callees who answer in threads."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.carriers.plan import Callee, Fault, Plan, Post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PAYLOADS = Path(__file__).parents[1] / "payloads"


def sample(provider: str, name: str) -> dict[str, Any]:
    """A payload as the provider sends it."""
    found: dict[str, Any] = json.loads((_PAYLOADS / provider / f"{name}.json").read_text())
    return found


@dataclass
class Asked:
    """One request for a call: for which of ours, when (seconds since 1970), and what became of it.

    `provider_call_id` is empty where no call was made.
    """

    call: str
    at: float
    fault: Fault
    provider_call_id: str = ""
    refusal: str = ""


@dataclass
class Line:
    """One call that was made, and its true state in the provider's words."""

    call: str
    wish: Mapping[str, Any]
    body: dict[str, Any]
    callee: Callee
    post: Post
    began: float = field(default_factory=time.time)
    stop: threading.Event = field(default_factory=threading.Event)
    posted: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: object
    content_type: str = "application/json"


class Carrier(ABC):
    """A provider on this machine. `public` is our address as it was told, `base` where it is really reached."""

    def __init__(self, plan: Plan, *, public: str = "", base: str = "") -> None:
        self.plan = plan
        self.public = public
        self.base = base or public
        self.asked: list[Asked] = []
        self.lines: dict[str, Line] = {}
        self.failed_posts: Counter[str] = Counter()
        self._asks: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._callees: list[threading.Thread] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.carrier = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Carrier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on everybody."""
        for line in list(self.lines.values()):
            line.stop.set()
        self._server.shutdown()
        self._server.server_close()
        self.wait(10)

    def wait(self, seconds: float) -> bool:
        """Wait until nobody talks and nothing is left to be posted; False when that takes longer."""
        until = time.monotonic() + seconds
        for callee in list(self._callees):
            callee.join(max(0.0, until - time.monotonic()))
        return not any(callee.is_alive() for callee in self._callees)

    def accepted(self) -> dict[str, int]:
        """How many calls were made for each of ours that it was asked for."""
        with self._lock:
            return dict(Counter(one.call for one in self.asked if one.provider_call_id))

    def busiest_second(self) -> int:
        """The most requests for calls within any one second."""
        times = sorted(one.at for one in self.asked)
        return max((sum(1 for at in times[n:] if at < first + 1.0) for n, first in enumerate(times)), default=0)

    def shortest_gap_s(self) -> float:
        """The shortest time between two requests for calls."""
        times = sorted(one.at for one in self.asked)
        return min((after - before for before, after in pairwise(times)), default=float("inf"))

    @abstractmethod
    def answer(self, request: Request) -> Answer | Ask:
        """What to answer; an Ask is a well-formed request for a call."""

    @abstractmethod
    def make(self, ask: Ask, line_id: int) -> dict[str, Any]:
        """The body of a new call."""

    @abstractmethod
    def id_of(self, body: Mapping[str, Any]) -> str:
        """The provider's id of a call."""

    @abstractmethod
    def refuse(self, fault: Fault) -> Answer:
        """The answer to a request that fails in this way."""

    @abstractmethod
    def live(self, line: Line) -> None:
        """Lead the call to its end, and post what happens."""

    def order(self, ask: Ask) -> tuple[Fault, Line | None]:
        """Enter a request into the ledger, and make its call where it is accepted."""
        with self._lock:
            self._asks[ask.call] += 1
            fault = self.plan.fault(ask.call, self._asks[ask.call])
            entry = Asked(ask.call, time.time(), fault)
            self.asked.append(entry)
            if not fault.accepts:
                return fault, None
            body = self.make(ask, len(self.lines) + 1)
            line = Line(ask.call, ask.wish, body, self.plan.callee(ask.call), self.plan.post(ask.call))
            self.lines[self.id_of(body)] = line
            entry.provider_call_id = self.id_of(body)
        thread = threading.Thread(target=self.live, args=(line,), daemon=True)
        self._callees.append(thread)
        thread.start()
        if line.post is Post.EARLY:
            time.sleep(self.plan.step_s * 5)
        return fault, line

    def rest(self, line: Line, steps: float = 1) -> bool:
        """Let time pass; True when the call was ended meanwhile."""
        return line.stop.wait(self.plan.step_s * steps)

    def send(
        self, post: Callable[[], requests.Response], what: str, *, again: int = 1, after_5xx: bool = False
    ) -> requests.Response | None:
        """Post, and again where nobody was there or, where asked for, something failed; None when it never arrived."""
        for left in range(again, -1, -1):
            try:
                response = post()
            except requests.ConnectionError:
                time.sleep(0.2 * bool(left))
                continue
            except requests.RequestException:
                break
            if response.status_code >= 400:
                self.failed_posts[f"{what} {response.status_code}"] += 1
            if response.status_code < 500 or not after_5xx or not left:
                return response
        self.failed_posts[f"{what} unreachable"] += 1
        return None


@dataclass(frozen=True)
class Ask:
    """A well-formed request for a call of ours."""

    call: str
    wish: Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What was asked over HTTP."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        """The body as a form."""
        return parse_qs(self.body.decode(), keep_blank_values=True)

    def has_basic(self, user: str, password: str) -> bool:
        """Whether it proves itself by name and password."""
        return self.headers.get("authorization") == f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class _Server(ThreadingHTTPServer):
    carrier: Carrier
    request_queue_size = 256
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Only close it: a polite end would spoil a reset."""
        self.close_request(request)

    def handle_error(self, *_: object) -> None:
        """Clients that are killed in mid-air are nothing to speak of."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            parts.path,
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        carrier = self.server.carrier
        found = carrier.answer(request)
        if isinstance(found, Answer):
            self._say(found)
            return
        fault, line = carrier.order(found)
        if fault in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif fault in {Fault.SILENT_BEFORE, Fault.SILENT_AFTER}:
            time.sleep(carrier.plan.silent_s)
            self.close_connection = True
        elif line is None or fault is Fault.ERROR_AFTER:
            self._say(carrier.refuse(fault))
        else:
            self._say(Answer(201, line.body))

    def _say(self, answer: Answer) -> None:
        whole = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
