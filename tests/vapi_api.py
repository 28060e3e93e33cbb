"""A local server in the place of Vapi's REST API."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's API is told."""

    @property
    def api(self):
        return self.server.api

    def do_POST(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size) or "null")
        self.api.asked.append((self.command, self.path, self.headers["Authorization"], body))
        status, said = self.api.at.get(f"{self.command} {self.path}") or (
            self.api.answers.pop(0) if self.api.answers else self.api.answer
        )
        if status == 0:
            self.api.hang.wait(5)
            return
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"{self.api.url}/elsewhere")
        self.end_headers()
        self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

    def do_GET(self):
        if self.path in self.api.files:
            self.redirect(f"/storage{self.path}")
        elif self.path.startswith("/storage"):
            self.give(self.api.files[self.path.removeprefix("/storage")])
        else:
            self.do_POST()

    def redirect(self, to):
        self.api.asked.append((self.command, self.path, self.headers["Authorization"], None))
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def give(self, sound):
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.end_headers()
        self.wfile.write(sound)

    def do_DELETE(self):
        self.do_POST()

    def do_PATCH(self):
        self.do_POST()

    def log_message(self, *args):
        pass


class VapiApi:
    """Vapi's API on a local port: answers as told, and remembers what it was asked.

    `answers` are given one after the other, then `answer` for good; `at` maps "METHOD /path" to an answer of its own.
    `files` map a path to a sound, which one is led to as to Vapi's storage.
    """

    def __init__(self):
        self.asked = []
        self.answers = []
        self.at = {}
        self.files = {}
        self.answer = (201, {"id": "22222222-2222-4222-8222-222222222222"})
        self.hang = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.api = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()
