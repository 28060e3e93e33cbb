"""Downloads from a provider that may lead us anywhere: to the recording, and never into a network of ours."""

import errno
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sounds import wav
from voice.providers.base import ProviderError
from voice.providers.download import Limits, Network, download
from voice.providers.hosts import is_public

SOUND = wav(440, 660, seconds=0.1)
LIMITS = Limits(max_bytes=100_000, timeout_s=2, deadline_s=5)
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


@pytest.fixture
def home():
    """The provider, at an address that the operator configured."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of the storage host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, STORAGE)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(STORAGE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "storage.pem"
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(pem, pkcs8, plain) + made.public_bytes(pem))
    return path


@pytest.fixture
def storage(certificate):
    """A host of the open internet, with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site = Site(context)
    yield site
    site.close()


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


@pytest.fixture
def world(certificate, storage):
    return World(certificate, storage, {STORAGE: [PUBLIC]})


def fetched(home, path="/RE1.wav", world=None, limits=LIMITS):
    into = BytesIO()
    kind = download(
        f"http://127.0.0.1:{home.port}{path}",
        into=into,
        headers={"Authorization": "Basic secret"},
        limits=limits,
        network=world.network if world is not None else None,
    )
    return kind, into.getvalue()


def several(*addresses):
    """Whoever looks up a name finds these."""
    return lambda host, _: addresses if host.endswith(".example") else [host]


@contextmanager
def refusing(code):
    with pytest.raises(ProviderError) as refused:
        yield
    assert refused.value.code == code


def test_what_the_operator_configured_is_trusted_as_it_is(home):
    home.gives("/RE1.wav", Content_Type="Audio/X-Wav; codec=pcm")
    assert fetched(home) == ("audio/x-wav", SOUND)
    assert home.asked == [("/RE1.wav", f"127.0.0.1:{home.port}", "Basic secret")]


def test_a_redirect_to_a_public_storage_is_followed_without_our_credentials(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav?signature=1", status=307)
    storage.gives("/x.wav")
    assert fetched(home, world=world) == ("audio/x-wav", SOUND)
    assert storage.asked == [("/x.wav?signature=1", STORAGE, None)]
    assert world == ["127.0.0.1", PUBLIC]


def test_a_redirect_within_the_provider_keeps_them(home):
    home.leads("/RE1.wav", "/RE1/media")
    home.gives("/RE1/media")
    assert fetched(home) == ("audio/x-wav", SOUND)
    assert [authorization for *_, authorization in home.asked] == ["Basic secret"] * 2


def test_the_address_that_was_checked_is_the_one_that_is_dialled(home, storage, world):
    world.names[STORAGE] = [PUBLIC, "127.0.0.1"]  # looked up again, it would be ours
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.gives("/x.wav")
    fetched(home, world=world)
    assert world == ["127.0.0.1", PUBLIC]


def test_a_host_that_cannot_prove_its_name_is_told_nothing(home, storage, world):
    world.names["other.example"] = [PUBLIC]
    home.leads("/RE1.wav", "https://other.example/x.wav")
    with refusing("down"):
        fetched(home, world=world)
    assert storage.asked == []


def test_where_one_address_of_a_host_does_not_answer_the_next_is_tried(home, storage, world):
    world.resolve = several("93.184.216.35", PUBLIC)
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.gives("/x.wav")
    assert fetched(home, world=world) == ("audio/x-wav", SOUND)


def test_so_is_the_next_address_of_the_provider_itself(home, world):
    world.resolve = several("93.184.216.35", "127.0.0.1")
    home.gives("/RE1.wav")
    url, into = f"http://api.example:{home.port}/RE1.wav", BytesIO()
    assert download(url, into=into, headers={}, limits=LIMITS, network=world.network) == "audio/x-wav"
    assert (world, into.getvalue()) == (["93.184.216.35", "127.0.0.1"], SOUND)


INSIDE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "100.100.100.200", "192.0.0.8", "198.18.0.1", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378::1", "2001:db8::1", "no address",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_none_of_the_open_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "52.216.0.1", "2606:4700::6810:84e5"])
def test_an_address_of_the_open_internet_is(address):
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE[:-1])
def test_no_host_is_dialled_whose_name_leads_inside(home, world, address):
    world.names["inside.example"] = [address]
    home.leads("/RE1.wav", "https://inside.example/x.wav")
    with refusing("refused_address"):
        fetched(home, world=world)
    assert world == ["127.0.0.1"]  # the provider alone


def test_a_host_is_refused_of_which_one_address_of_several_is_inside(home, world):
    world.resolve = several(PUBLIC, "10.0.0.1")
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    with refusing("refused_address"):
        fetched(home, world=world)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x.wav",
        "https://localhost/x.wav",
        "https://2130706433/x.wav",
        "https://0x7f000001/x.wav",
        "https://0177.0.0.1/x.wav",
        "https://127.1/x.wav",
        "https://0/x.wav",
        "https://[::1]/x.wav",
        "https://[::ffff:7f00:1]/x.wav",
        "https://169.254.169.254/latest/meta-data/",
        "https://storage.example@127.0.0.1/x.wav",
        "https://user:secret@storage.example/x.wav",
        "https://@storage.example/x.wav",
        "https://127.0.0.1\\@storage.example/x.wav",
        "https://storage.example:8443/x.wav",
        "https://storage.example:22/x.wav",
        "https://storage.example:x/x.wav",
        "https://[storage.example/x.wav",
        "https:///x.wav",
        "https://①②⑦.0.0.1/x.wav",
        "http://storage.example/x.wav",
        "http://169.254.169.254/latest/meta-data/",
        "//127.0.0.1:1/x.wav",
        "file:///etc/passwd",
        "ftp://storage.example/x.wav",
        "gopher://storage.example/x.wav",
        "data:audio/wav;base64,UklGRg==",
        "javascript:alert(1)",
    ],
)
def test_no_trick_of_spelling_leads_inside(home, world, url):
    home.leads("/RE1.wav", url.encode().decode("latin-1"))
    with refusing("refused_address"):
        fetched(home, world=world)
    assert world == ["127.0.0.1"]


def test_a_public_storage_may_lead_on_but_not_inside_nor_back_to_the_provider_in_the_clear(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    for to in ("https://10.0.0.1/x.wav", f"http://{STORAGE}/x.wav"):
        storage.leads("/x.wav", to)
        with refusing("refused_address"):
            fetched(home, world=world)


def test_a_public_storage_that_leads_back_to_the_provider_is_given_no_second_use_of_our_credentials_elsewhere(
    home, storage, world
):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    storage.leads("/x.wav", f"http://127.0.0.1:{home.port}/admin")
    with refusing("refused_address"):
        fetched(home, world=world)
    assert [path for path, *_ in home.asked] == ["/RE1.wav"]


def test_addresses_that_lead_round_in_circles_are_left(home):
    home.leads("/RE1.wav", "/RE1.wav")
    with refusing("refused_address"):
        fetched(home)
    assert len(home.asked) == 6


def test_a_redirect_to_nowhere_may_pass(home):
    home.pages["/RE1.wav"] = (302, {}, b"")
    with refusing("down"):
        fetched(home)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "not_yet"), (410, "gone"), (401, "unauthorized"), (403, "unauthorized"), (500, "down"), (503, "down"),
        (429, "down"), (206, "down"), (304, "down"),
    ],
)  # fmt: skip
def test_what_the_provider_answers_says_whether_to_ask_again(home, status, code):
    home.gives("/RE1.wav", b"", status=status)
    with refusing(code):
        fetched(home)


def test_a_storage_that_has_nothing_or_refuses_says_nothing_of_the_provider_s_recording(home, storage, world):
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    for status in (403, 404):
        storage.gives("/x.wav", b"", status=status)
        with refusing("down"):
            fetched(home, world=world)


def test_a_file_that_says_it_is_too_large_is_not_even_begun(home):
    home.gives("/RE1.wav", SOUND, Content_Length="100001")
    with refusing("too_large"):
        fetched(home)


def test_a_file_that_turns_out_too_large_is_left_off(home):
    def endless(wire):
        wire.write(SOUND)
        while True:
            wire.write(bytes(65_536))

    home.gives("/RE1.wav", endless)
    with refusing("too_large"):
        fetched(home)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Sorry" + bytes(100)),
        ("audio/x-wav", b"<html>Sorry" + bytes(100)),
        ("audio/x-wav", b"RIFF\0\0\0\0AVI LIST"),
        ("audio/x-wav", b""),
        ("audio/x-wav", b"RI"),
        ("application/json", SOUND),
        (None, SOUND),
    ],
)
def test_what_is_no_sound_is_not_kept(home, kind, body):
    home.gives("/RE1.wav", body, Content_Type=kind)
    with refusing("not_audio"):
        fetched(home)


def test_what_is_packed_is_not_unpacked(home):
    home.gives("/RE1.wav", SOUND, Content_Encoding="gzip")
    with refusing("not_audio"):
        fetched(home)


@pytest.mark.parametrize("body", [b"ID3" + bytes(20), b"\xff\xfb\x90" + bytes(20), b"OggS" + bytes(20)])
def test_sound_of_other_kinds_is(home, body):
    home.gives("/RE1.wav", body, Content_Type="application/octet-stream")
    assert fetched(home) == ("application/octet-stream", body)


def test_a_file_that_is_cut_off_is_asked_for_again(home):
    home.gives("/RE1.wav", SOUND[:500], Content_Length=str(len(SOUND)))
    with refusing("down"):
        fetched(home)


def test_a_disk_of_ours_that_is_full_is_not_laid_at_the_provider_s_door(home):
    class Full(BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    home.gives("/RE1.wav")
    with pytest.raises(ProviderError) as refused:
        download(f"http://127.0.0.1:{home.port}/RE1.wav", into=Full(), headers={}, limits=LIMITS)
    assert (refused.value.code, refused.value.retryable) == ("not_stored", True)
    assert "(No space left on device). Make room in VAR_DIR;" in str(refused.value)


def test_after_the_deadline_no_further_address_of_a_host_is_tried(home, world):
    world.resolve = several("93.184.216.35", "93.184.216.36", "93.184.216.37")
    home.leads("/RE1.wav", f"https://{STORAGE}/x.wav")
    connect = world.connect

    def slow(address, port, timeout_s):
        time.sleep(0.3 if address != "127.0.0.1" else 0)
        return connect(address, port, timeout_s)

    world.connect = slow
    with refusing("down"):
        fetched(home, world=world, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.2))
    assert world == ["127.0.0.1", "93.184.216.35"]


def slowly(wire):
    while True:
        wire.write(b"R")
        wire.flush()
        time.sleep(0.02)


def test_a_sender_that_trickles_is_cut_off_at_the_deadline(home):
    home.gives("/RE1.wav", lambda wire: (wire.write(SOUND[:500]), slowly(wire)))
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.3))


def test_so_is_one_whose_headers_never_end(home):
    home.pages["/RE1.wav"] = (200, {}, b"")
    server = socket.create_server(("127.0.0.1", 0))

    def trickle():
        line, _ = server.accept()
        with suppress(OSError), line, line.makefile("wb") as wire:  # cut off
            wire.write(b"HTTP/1.1 200 OK\r\n")
            slowly(wire)

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    home.port = server.getsockname()[1]
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=2, deadline_s=0.3))
    thread.join(5)
    server.close()


def test_a_server_that_is_silent_or_away_may_be_there_later(home):
    home.gives("/RE1.wav", lambda _: time.sleep(0.5))
    with refusing("down"):
        fetched(home, limits=Limits(max_bytes=100_000, timeout_s=0.1))
    home.port = 1
    with refusing("down"):
        fetched(home)
