"""A local server that answers like Twilio's REST API, well or badly, and keeps a ledger of the calls it placed."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.twilio_line import payload

ERRORS = payload("rest_errors")


@dataclass
class TwilioApi:
    """`mode`: "ok", an error code of rest_errors.json, an HTTP status, "slow" (accepts, never answers in time)."""

    mode: str = "ok"
    orders: list[dict[str, list[str]]] = field(default_factory=list)
    placed: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)
    slow_s: float = 1.5
    server: Server | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self) -> None:
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.api = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def place(self, order: dict[str, list[str]]) -> dict[str, Any]:
        call = {
            **payload("rest_call_created"),
            "sid": f"CA{len(self.placed) + 1:032x}",
            "to": order["To"][0],
            "from": order["From"][0],
        }
        self.placed.append(call)
        return call


class Server(ThreadingHTTPServer):
    api: TwilioApi


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        order = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        sid = urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")
        if sid != "Calls":
            self.change(sid, {name: values[0] for name, values in order.items()})
            return
        self.server.api.orders.append(order)
        if self.server.api.mode == "ok":
            self.answer(201, self.server.api.place(order))
        elif self.server.api.mode == "slow":
            self.server.api.place(order)
            time.sleep(self.server.api.slow_s)
        elif self.server.api.mode in ERRORS:
            self.answer(ERRORS[self.server.api.mode]["http_status"], ERRORS[self.server.api.mode]["body"])
        else:
            self.fail(order)

    def change(self, sid: str, form: dict[str, str]) -> None:
        """A live call is told to do something else."""
        self.server.api.changes.append({"sid": sid, **form})
        if self.server.api.mode == "slow":
            time.sleep(self.server.api.slow_s)
        elif self.server.api.mode in ERRORS:
            self.answer(ERRORS[self.server.api.mode]["http_status"], ERRORS[self.server.api.mode]["body"])
        else:
            self.answer(200, {**payload("rest_call_created"), "sid": sid})

    def fail(self, order: dict[str, list[str]]) -> None:
        if self.server.api.mode.endswith("after placing"):
            self.server.api.place(order)
        self.answer(int(self.server.api.mode[:3]), {"code": 20500, "message": "Internal Server Error", "status": 500})

    def do_GET(self) -> None:
        if self.server.api.mode == "503":
            self.answer(503, {"code": 20503, "message": "Service unavailable", "status": 503})
            return
        path = urlsplit(self.path)
        sid = path.path.rsplit("/", 1)[-1].removesuffix(".json")
        if sid != "Calls":
            found = [call for call in self.server.api.placed if call["sid"] == sid]
            self.answer(200 if found else 404, found[0] if found else ERRORS["20404"]["body"])
            return
        to = parse_qs(path.query)["To"][0]
        self.answer(
            200, {"calls": [call for call in self.server.api.placed if call["to"] == to], "page": 0, "page_size": 20}
        )

    def answer(self, status: int, body: object) -> None:
        whole = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
