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


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    authorization: str
    content_type: str


@dataclass
class TwilioApi:
    """`mode`: "ok", an error code of rest_errors.json, an HTTP status, "slow" (accepts, never answers in time).

    `modes` are for the next requests for a call or message, one each, before `mode` counts; "503" as a `mode` fails
    look-ups, too. `recordings` map a RecordingSid to {"call_sid", "media"} and what else Twilio says of one; without
    media it is not there yet.
    """

    mode: str = "ok"
    modes: list[str] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)
    texts: list[dict[str, list[str]]] = field(default_factory=list)
    orders: list[dict[str, list[str]]] = field(default_factory=list)
    placed: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)
    recordings: dict[str, dict[str, Any]] = field(default_factory=dict)
    media_status: int = 200
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
        api, order = self.server.api, parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.note(order)
        sid = urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")
        if sid not in {"Calls", "Messages"}:
            self.change(sid, {name: values[0] for name, values in order.items()})
            return
        (api.orders if sid == "Calls" else api.texts).append(order)
        mode = api.modes.pop(0) if api.modes else api.mode
        if mode == "ok":
            self.answer(201, api.place(order) if sid == "Calls" else {"sid": f"SM{len(api.texts):032x}"})
        elif mode == "slow":
            api.place(order)
            time.sleep(api.slow_s)
        elif mode in ERRORS:
            self.answer(ERRORS[mode]["http_status"], ERRORS[mode]["body"])
        else:
            self.fail(order, mode)

    def note(self, form: dict[str, list[str]]) -> None:
        parts = urlsplit(self.path)
        self.server.api.requests.append(
            Seen(
                str(self.command),
                parts.path,
                parse_qs(parts.query),
                form,
                self.headers.get("Authorization", ""),
                self.headers.get("Content-Type", ""),
            )
        )

    def change(self, sid: str, form: dict[str, str]) -> None:
        """A live call is told to do something else."""
        self.server.api.changes.append({"sid": sid, **form})
        if self.server.api.mode == "slow":
            time.sleep(self.server.api.slow_s)
        elif self.server.api.mode in ERRORS:
            self.answer(ERRORS[self.server.api.mode]["http_status"], ERRORS[self.server.api.mode]["body"])
        else:
            self.answer(200, {**payload("rest_call_created"), "sid": sid})

    def fail(self, order: dict[str, list[str]], mode: str) -> None:
        if mode.endswith("after placing"):
            self.server.api.place(order)
        if mode == "nonsense":
            self.answer(201, "<html>")
            return
        if mode == "rfc 9457":
            problem = {"type": "https://www.twilio.com/docs/api/errors/21211", "title": "Invalid", "status": 400}
            self.answer(400, {**problem, "code": 21211})
            return
        if len(mode) == 5:  # an error code that no sample was kept of
            self.answer(400, {"code": int(mode), "message": "As asked", "status": 400})
            return
        status = int(mode[:3])
        self.answer(status, {"code": 20500 if status >= 500 else status, "message": "As asked", "status": status})

    def do_GET(self) -> None:
        self.note({})
        if self.server.api.mode == "503":
            self.answer(503, {"code": 20503, "message": "Service unavailable", "status": 503})
            return
        if self.server.api.mode == "20008":
            self.answer(403, ERRORS["20008"]["body"])
            return
        path = urlsplit(self.path)
        if "/Recordings" in path.path:
            self.tell_of_recordings(path.path.split("/")[4:])
            return
        sid = path.path.rsplit("/", 1)[-1].removesuffix(".json")
        if sid != "Calls":
            found = [call for call in self.server.api.placed if call["sid"] == sid]
            self.answer(200 if found else 404, found[0] if found else ERRORS["20404"]["body"])
            return
        to = parse_qs(path.query)["To"][0]
        self.answer(
            200, {"calls": [call for call in self.server.api.placed if call["to"] == to], "page": 0, "page_size": 20}
        )

    def tell_of_recordings(self, parts: list[str]) -> None:
        """One recording, its media, or all of a call."""
        known = self.server.api.recordings
        if parts[0] == "Calls":
            of_call = [self.recording(sid) for sid, one in known.items() if one["call_sid"] == parts[1]]
            self.answer(200, {"recordings": of_call, "page": 0, "page_size": 20})
            return
        sid, _, kind = parts[1].partition(".")
        if kind == "wav" and self.server.api.media_status != 200:
            self.answer(self.server.api.media_status, ERRORS["20404"]["body"])
            return
        if kind == "json" and sid in known:
            self.answer(200, self.recording(sid))
        elif kind == "wav" and known.get(sid, {}).get("media"):
            self.send(200, "audio/x-wav", known[sid]["media"])
        else:
            self.answer(404, ERRORS["20404"]["body"])

    def recording(self, sid: str) -> dict[str, Any]:
        told = {"sid": sid, "status": "completed", "channels": 2, "source": "OutboundAPI", "duration": "1"}
        start = "Sun, 22 Nov 2026 10:04:12 +0000"
        return told | {"start_time": start} | {k: v for k, v in self.server.api.recordings[sid].items() if k != "media"}

    def do_DELETE(self) -> None:
        self.note({})
        mode, sid = self.server.api.mode, urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")
        if mode != "ok":
            self.answer(int(mode), {"code": int(mode), "message": "As asked", "status": int(mode)})
        elif self.server.api.recordings.pop(sid, None):
            self.send(204, "application/json", b"")
        else:
            self.answer(404, ERRORS["20404"]["body"])

    def answer(self, status: int, body: object) -> None:
        self.send(status, "application/json", json.dumps(body).encode())

    def send(self, status: int, kind: str, whole: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
