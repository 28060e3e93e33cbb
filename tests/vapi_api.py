"""A local server in the place of Vapi's REST API."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class VapiApi:
    """Vapi's API on a local port: answers as told, and remembers what it was asked.

    `answers` are given one after the other, then `answer` for good; `at` maps "METHOD /path" to an answer of its own.
    """

    def __init__(self):
        self.asked = []
        self.answers = []
        self.at = {}
        self.answer = (201, {"id": "22222222-2222-4222-8222-222222222222"})
        self.hang = threading.Event()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or "null")
                api.asked.append((self.command, self.path, self.headers["Authorization"], body))
                status, said = api.at.get(f"{self.command} {self.path}") or (
                    api.answers.pop(0) if api.answers else api.answer
                )
                if status == 0:
                    api.hang.wait(5)
                    return
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{api.url}/elsewhere")
                self.end_headers()
                self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

            def do_GET(self):
                self.do_POST()

            def do_PATCH(self):
                self.do_POST()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()
