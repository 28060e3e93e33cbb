"""A local server that answers like a language model's, well or badly: OpenAI's protocol and Gemini's, by the path.

It speaks through bare sockets, so that it can misbehave in ways that no HTTP library would let it.
"""

from __future__ import annotations

import gzip
import json
import socketserver
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from voice.llm.base import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STATUSES = ("400", "401", "402", "403", "404", "408", "410", "418", "422", "429", "500", "502", "503", "529")
# What a server does -> what its rung calls that, for both protocols.
_FAULTS = {
    **dict.fromkeys(["400", "402", "418", "422"], Fault.REJECTED),
    **dict.fromkeys(["401", "403"], Fault.UNAUTHORIZED),
    **dict.fromkeys(["500", "502", "503", "529"], Fault.SERVER_ERROR),
    **dict.fromkeys(["closed", "not_http", "midway"], Fault.BROKEN),
    **dict.fromkeys(["bomb", "html", "odd_json", "odd_choice", "broken_json"], Fault.GARBAGE),
    "404": Fault.NOT_FOUND,
    "408": Fault.TIMEOUT,
    "410": Fault.RETIRED,
    "429": Fault.RATE_LIMITED,
    "redirect": Fault.REDIRECTED,
    "no_content": Fault.EMPTY,
    "empty": Fault.EMPTY,
}
PRIMARY_FAULTS = _FAULTS | {
    "nothing": Fault.EMPTY,
    "unfinished": Fault.BROKEN,
    "error_event": Fault.SERVER_ERROR,
    "long_text": Fault.ENDLESS,
}
GEMINI_FAULTS = _FAULTS | {
    "nothing": Fault.GARBAGE,
    "no_content": Fault.GARBAGE,
    "blocked": Fault.EMPTY,
    "safety": Fault.BROKEN,
    "bad_key": Fault.UNAUTHORIZED,
}
# These keep the connection busy until the client hangs up.
HANGING = {
    "silent": Fault.TIMEOUT,
    "drip_headers": Fault.TIMEOUT,
    "drip_body": Fault.TIMEOUT,
    "endless": Fault.ENDLESS,
    "huge_line": Fault.ENDLESS,
}
# These are answers, which the ladder refuses.
UNFIT = {
    **dict.fromkeys(["prose", "misfit", "half", "surrogate", "nested"], Fault.GARBAGE),
    "cut_off": Fault.CUT_OFF,
}
PAUSE_S = 0.05  # between two drops
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM, JSON = b"text/event-stream", b"application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What was asked, as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def is_gemini(self) -> bool:
        return "generateContent" in self.path

    @property
    def text(self) -> str:
        """What the model is asked."""
        if self.is_gemini:
            return str(self.body["contents"][0]["parts"][0]["text"])
        return str(self.body["messages"][-1]["content"])


@dataclass
class LlmServer:
    """`faults` are used up, one a request; without one left the server answers `answer`, text or made of the request.

    `answers` are further ways to answer, which `faults` may name. `hung_up` is set once a client has closed a
    connection that was being kept busy, `let_go` where the server gave up keeping it busy after `patience_s`.
    """

    answer: str | Callable[[Request], str] = "{}"
    faults: list[str] = field(default_factory=list)
    answers: Mapping[str, Callable[[Request], str]] = field(default_factory=dict)
    patience_s: float = 30
    retry_after: str = "7"
    requests: list[Request] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    server: Server | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> LlmServer:
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.llm = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def next_fault(self) -> str:
        with self.lock:
            return self.faults.pop(0) if self.faults else "fine"


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    llm: LlmServer


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            request = self.read()
        except (OSError, ValueError):
            return
        self.llm = self.server.llm
        self.llm.requests.append(request)
        try:
            self.misbehave(self.llm.next_fault(), request)
        except OSError:
            self.llm.hung_up.set()

    def read(self) -> Request:
        _, path, _ = self.rfile.readline().decode().split(" ")
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Request(path, headers, json.loads(self.rfile.read(int(headers["content-length"]))))

    def misbehave(self, fault: str, request: Request) -> None:
        if fault in STATUSES:
            self.refuse(fault)
        elif fault in self.llm.answers:
            self.say(request, self.llm.answers[fault](request))
        elif fault == "no_schema":
            self.fine(request) if "response_format" not in request.body else self.refuse("400")
        else:
            getattr(self, fault)(request)

    def text_of(self, request: Request) -> str:
        return self.llm.answer if isinstance(self.llm.answer, str) else self.llm.answer(request)

    # Answers that are well formed as HTTP.

    def fine(self, request: Request) -> None:
        self.say(request, self.text_of(request))

    def whole(self, request: Request) -> None:
        """Not streamed, though that was asked for."""
        said = {"choices": [{"message": {"content": self.text_of(request)}, "finish_reason": "stop"}]}
        self.send_json(said | {"usage": {"prompt_tokens": 11, "completion_tokens": 7}})

    def uncounted(self, request: Request) -> None:
        self.say(request, self.text_of(request), usage=False)

    def fenced(self, request: Request) -> None:
        self.say(request, f"<think>Hm {{}}</think>Here you are:\n```json\n{self.text_of(request)}\n```\nAnything else?")

    def sloppy(self, request: Request) -> None:
        """JSON with the mistakes that models make: single quotes and a comma too many."""
        self.say(request, self.text_of(request).replace('"', "'").replace("}", ",}"))

    def prose(self, request: Request) -> None:
        self.say(request, "I am sorry, but I cannot help with that.")

    def misfit(self, request: Request) -> None:
        self.say(request, '{"budget_max": 6500000}')

    def half(self, request: Request) -> None:
        text = self.text_of(request)
        self.say(request, text[: len(text) * 2 // 3])

    def surrogate(self, request: Request) -> None:
        self.say(request, self.text_of(request).replace('": "', '": "\\ud800'))

    def nested(self, request: Request) -> None:
        self.say(request, "{" + '"a":[' * 2_500 + "}")

    def empty(self, request: Request) -> None:
        self.say(request, " ")

    def cut_off(self, request: Request) -> None:
        self.say(request, self.text_of(request), finish="MAX_TOKENS" if request.is_gemini else "length")

    def long_text(self, request: Request) -> None:
        self.say(request, "a" * 900_000)

    def blocked(self, _: Request) -> None:
        """Gemini's way to say that it would rather not."""
        self.send_json({"promptFeedback": {"blockReason": "SAFETY"}})

    def safety(self, request: Request) -> None:
        self.say(request, self.text_of(request), finish="SAFETY")

    def bad_key(self, _: Request) -> None:
        """Gemini's answer to a key that does not exist."""
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT", "details": [info]}
        self.send_json({"error": error}, status=b"400 Bad Request")

    def error_event(self, _: Request) -> None:
        self.send_chunks([b'data: {"error": {"message": "out of memory"}}\n\n'])

    def odd_json(self, _: Request) -> None:
        self.send_json(["what", 7])

    def odd_choice(self, request: Request) -> None:
        odd = {"candidates": "many"} if request.is_gemini else {"choices": [{"delta": {"content": {"a": 1}}}]}
        self.send_json(odd)

    def broken_json(self, _: Request) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'a': 1,,")

    def html(self, _: Request) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<p>Sign in.</p>")

    def no_content(self, _: Request) -> None:
        self.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    def nothing(self, request: Request) -> None:
        kind = JSON if request.is_gemini else STREAM
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: 0\r\n\r\n")

    def redirect(self, _: Request) -> None:
        """To itself: whoever follows meets a fine answer, and hands over the key."""
        self.send(f"HTTP/1.1 307 Elsewhere\r\nLocation: {self.llm.url}/v1\r\nContent-Length: 0\r\n\r\n".encode())

    def bomb(self, request: Request) -> None:
        """A hundred kilobytes that unpack to a hundred megabytes."""
        packed = _bomb()
        kind = JSON if request.is_gemini else STREAM
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: " + kind
        self.send(head + b"\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)

    # Answers that are not.

    def not_http(self, _: Request) -> None:
        self.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")

    def closed(self, _: Request) -> None:
        """Hangs up without a word."""

    def midway(self, request: Request) -> None:
        half = self.text_of(request).encode()[:20]
        self.send(CHUNKED % (JSON if request.is_gemini else STREAM) + b"fff\r\n" + half)

    def unfinished(self, request: Request) -> None:
        """A stream that ends in good order, but before the model did."""
        self.send_chunks([_event({"choices": [{"delta": {"content": self.text_of(request)}}]})])

    # Answers that never end, each until the client hangs up.

    def silent(self, _: Request) -> None:
        self.keep_busy(lambda: None)

    def drip_headers(self, _: Request) -> None:
        self.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.keep_busy(lambda: b"a")

    def drip_body(self, request: Request) -> None:
        self.send(CHUNKED % (JSON if request.is_gemini else STREAM))
        self.keep_busy(lambda: b"1\r\n \r\n" if request.is_gemini else b"2\r\n:\n\r\n")

    def drip_answer(self, request: Request) -> None:
        """Word after word, without an end."""
        drop = _event({"choices": [{"delta": {"content": "a"}}]})
        self.send(CHUNKED % STREAM)
        self.keep_busy(lambda: b"%x\r\n" % len(drop) + drop + b"\r\n")

    def endless(self, request: Request) -> None:
        flood = _event({"choices": [{"delta": {"content": ""}}]}) * 100
        self.send(CHUNKED % (JSON if request.is_gemini else STREAM))
        self.keep_busy(lambda: b"%x\r\n" % len(flood) + flood + b"\r\n", pause_s=0)

    def huge_line(self, request: Request) -> None:
        self.send(CHUNKED % (JSON if request.is_gemini else STREAM) + b"fffffffff\r\ndata: ")
        self.keep_busy(lambda: b"a" * 8192, pause_s=0)

    def keep_busy(self, more: Callable[[], bytes | None], *, pause_s: float = PAUSE_S) -> None:
        ends_at = time.monotonic() + self.llm.patience_s
        while time.monotonic() < ends_at:
            drop = more()
            if drop:
                self.send(drop)
            if not pause_s:
                continue
            self.connection.settimeout(pause_s)
            try:
                if not self.connection.recv(1):
                    self.llm.hung_up.set()
                    return
            except TimeoutError:
                continue
        self.llm.let_go.set()

    # How things are put on the wire.

    def say(self, request: Request, text: str, *, finish: str = "", usage: bool = True) -> None:
        if request.is_gemini:
            candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": finish or "STOP"}
            counted = {"usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 7}} if usage else {}
            self.send_json({"candidates": [candidate]} | counted)
            return
        self.send_chunks(_stream(text, finish=finish or "stop", usage=usage))

    def refuse(self, status: str) -> None:
        extra = f"Retry-After: {self.llm.retry_after}\r\n" if status == "429" else ""
        code = int(status)
        self.send_json(
            {"error": {"code": code, "message": "no", "status": "X"}}, status=f"{code} No\r\n{extra}".strip()
        )

    def send_json(self, said: object, *, status: str | bytes = "200 OK") -> None:
        body = json.dumps(said).encode()
        line = status if isinstance(status, bytes) else status.encode()
        self.send(b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (line, JSON, len(body)) + body)

    def send_chunks(self, chunks: Iterator[bytes] | list[bytes]) -> None:
        self.send(CHUNKED % STREAM)
        for chunk in chunks:
            self.send(b"%x\r\n" % len(chunk) + chunk + b"\r\n")
        self.send(b"0\r\n\r\n")

    def send(self, data: bytes) -> None:
        self.connection.settimeout(self.llm.patience_s)
        self.connection.sendall(data)


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(100_000_000), compresslevel=1)


def _event(said: object) -> bytes:
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def _stream(text: str, *, finish: str, usage: bool) -> Iterator[bytes]:
    yield b": hello\n\n" + _event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
    size = max(1, len(text) // 20)
    for at in range(0, len(text), size):
        event = _event({"choices": [{"delta": {"content": text[at : at + size]}, "finish_reason": None}]})
        yield event[:9]  # an event may be torn anywhere
        yield event[9:]
    yield _event({"choices": [{"delta": {}, "finish_reason": finish}]})
    if usage:
        yield _event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}})
    yield b"data: [DONE]\n\n"
