"""An internet of the tests: hosts with pages on loopback, names that lead where a test says, and TLS of their own."""

import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.sounds import wav
from voice.providers.download import Network

SOUND = wav(440, 660, seconds=0.1)
STORAGE = "storage.example"
PUBLIC = "93.184.216.34"


class Site:
    """A host: `pages` map a path to status, headers and body; the body may be a function that writes it."""

    def __init__(self, context=None):
        self.pages = {}
        self.asked = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, self.headers["Host"], self.headers["Authorization"]))
                status, headers, body = site.pages[self.path.partition("?")[0]]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the reader has had enough
                    body(self.wfile) if callable(body) else self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def gives(self, path, body=SOUND, status=200, **headers):
        told = {"Content-Type": "audio/x-wav"} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {name: value for name, value in told.items() if value is not None}, body)

    def leads(self, path, to, status=302):
        self.pages[path] = (status, {"Location": to}, b"")


class World(list):
    """The internet as a test has it: hosts by name, and every address that was dialled."""

    def __init__(self, certificate, storage, names):
        self.certificate, self.storage, self.names = certificate, storage, names

    @property
    def network(self):
        return Network(self.resolve, self.connect, lambda: ssl.create_default_context(cafile=self.certificate))

    def resolve(self, host, port):
        found = self.names.get(host)
        if found is None:
            return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        # A name that is looked up once more may say something else.
        return [found.pop(0)] if len(found) > 1 else list(found)

    def connect(self, address, port, timeout_s):
        self.append(address)
        if ipaddress.ip_address(address).is_loopback:
            return socket.create_connection((address, port), timeout_s)
        if not self.storage or address != PUBLIC:
            raise ConnectionRefusedError(address)
        return socket.create_connection(("127.0.0.1", self.storage.port), timeout_s)


INSIDE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "100.100.100.200", "192.0.0.8", "198.18.0.1", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378::1", "2001:db8::1", "no address",
]  # fmt: skip
