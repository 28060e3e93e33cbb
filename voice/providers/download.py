"""Downloads of recordings: from the provider that was configured, and from public https hosts that it leads to."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi

from voice.media import HEAD, media_of
from voice.providers.base import ProviderError
from voice.providers.hosts import checked, down, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_Socket = TypeVar("_Socket", bound=socket.socket)

_MOST_REDIRECTS = 5
_CHUNK = 65_536
_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}
_AUDIO = ("audio/", "application/octet-stream", "binary/octet-stream", "video/mp4", "application/ogg")
_SLOW = "The recording came too slowly. It is asked for again."
_SILENT = "The recording's server did not answer. It is asked for again."


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _connect(address: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=timeout_s)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


@dataclass(frozen=True, slots=True)
class Network:
    """How hosts are found and reached. `connect` gets an address that was found and checked, never a name."""

    resolve: Callable[[str, int], Sequence[str]] = _resolve
    connect: Callable[[str, int, float], socket.socket] = _connect
    tls: Callable[[], ssl.SSLContext] = _tls


@dataclass(frozen=True, slots=True)
class Limits:
    """What one download may take. `timeout_s` is for each silence, `deadline_s` for all of it, redirects included."""

    max_bytes: int
    timeout_s: float = 10
    deadline_s: float = 45


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in one spelling."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS.get(parts.scheme)}"


def download(
    url: str,
    *,
    into: BinaryIO,
    headers: Mapping[str, str],
    limits: Limits,
    unauthorized: str,
    not_yet: frozenset[int] = frozenset({HTTPStatus.NOT_FOUND}),
    network: Network | None = None,
) -> str:
    """Write the recording at `url` into a file; its content type, lower case and without parameters.

    `url` begins with what the operator configured, and its origin is trusted as given. Whatever it redirects to must be
    https at a public address; `headers` are for the first origin alone. `unauthorized` tells staff what to correct
    where they are refused, and `not_yet` are the statuses there that a later try may cure.

    :raises ProviderError: not_yet, gone, too_large, refused_address, not_audio, unauthorized, not_stored or down.
    """
    home, at_home, network = origin_of(url), True, network or Network()
    with _deadline(limits.deadline_s) as watch:
        for _ in range(_MOST_REDIRECTS + 1):
            parts = urlsplit(url)
            at_home = at_home and origin_of(url) == home  # whoever is led away is not led back
            with _translated(watch):
                addresses = _trusted(parts, network) if at_home else checked(url, network.resolve)
                line = _Line(parts, addresses, network, limits.timeout_s, watch)
                with closing(line), line.ask(headers if at_home else {}) as answer:
                    if answer.status not in _REDIRECTS:
                        if at_home:
                            _must_be_there(answer.status, not_yet, unauthorized)
                        if answer.status != HTTPStatus.OK:
                            raise down(f"The recording's server failed ({answer.status}). It is asked for again.")
                        return _take(answer, into, limits.max_bytes)
                    location = answer.getheader("Location")
                url = _next(url, location)
    raise refused("The recording's address leads round in circles.")


def _trusted(parts: SplitResult, network: Network) -> Sequence[str]:
    """The addresses of the provider itself, wherever they are."""
    return network.resolve(parts.hostname or "", parts.port or _PORTS[parts.scheme])


class _Line(http.client.HTTPConnection):
    """A connection to one of the checked addresses, which TLS proves to be the host's."""

    def __init__(
        self, parts: SplitResult, addresses: Sequence[str], network: Network, timeout_s: float, watch: _Watch
    ) -> None:
        super().__init__(parts.hostname or "", parts.port or _PORTS[parts.scheme], timeout=timeout_s)
        self._parts, self._addresses, self._network, self._watch = parts, addresses, network, watch
        self._timeout_s = timeout_s
        self.default_port = _PORTS[parts.scheme]  # which no Host header names: signed addresses are signed without it

    def connect(self) -> None:
        self.sock = self._watch.over(self._reach())
        if self._parts.scheme == "https":
            # The handshake comes after the watch has the socket: it can trickle, too.
            tls = self._network.tls()
            self.sock = tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._watch.over(self.sock).do_handshake()

    def _reach(self) -> socket.socket:
        for address in self._addresses[:-1]:
            with suppress(OSError):
                return self._network.connect(address, self.port, self._timeout_s)
            if self._watch.is_over:
                raise TimeoutError
        return self._network.connect(self._addresses[-1], self.port, self._timeout_s)

    def ask(self, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        path = self._parts.path or "/"
        # What is packed could unpack to any size.
        sent = {"Accept": "audio/*, */*;q=0.1", "Accept-Encoding": "identity", "User-Agent": "RealtyAssistant"}
        self.request("GET", f"{path}?{self._parts.query}" if self._parts.query else path, headers={**sent, **headers})
        return self.getresponse()


@dataclass(slots=True)
class _Watch:
    """Cuts the connection at the deadline: a sender that trickles never lets a timeout strike."""

    is_over: bool = False
    sock: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def over(self, sock: _Socket) -> _Socket:
        with self.lock:
            self.sock = sock
        if self.is_over:
            self.cut()
        return sock

    def cut(self) -> None:
        self.is_over = True
        with self.lock:
            if self.sock is not None:
                with suppress(OSError):  # closed already
                    self.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _deadline(seconds: float) -> Iterator[_Watch]:
    watch = _Watch()
    timer = threading.Timer(seconds, watch.cut)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()


@contextmanager
def _translated(watch: _Watch) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError, ProviderError) as error:
        if isinstance(error, ProviderError) and not watch.is_over:
            raise
        raise down(_SLOW if watch.is_over else _SILENT) from error
    if watch.is_over:  # what ends with the connection would look whole
        raise down(_SLOW)


def _next(url: str, location: str | None) -> str:
    if not location:
        raise down("The recording's server leads nowhere. It is asked for again.")
    try:
        found = urljoin(url, location)
        origin_of(found)
    except ValueError:  # a port that is no number, a bracket too few
        raise refused("The recording's address cannot be read.") from None
    return found


def _must_be_there(status: int, not_yet: frozenset[int], unauthorized: str) -> None:
    """What the provider alone can say of its recording, and no storage that it leads to."""
    if status in not_yet:
        raise ProviderError("The provider does not have the recording yet.", code="not_yet", retryable=True)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise ProviderError(unauthorized, code="unauthorized", retryable=True)
    if status == HTTPStatus.GONE:
        raise ProviderError("The provider has deleted the recording.", code="gone")


def _take(answer: http.client.HTTPResponse, into: BinaryIO, max_bytes: int) -> str:
    kind = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    if not kind.startswith(_AUDIO) or answer.getheader("Content-Encoding", "identity") != "identity":
        raise _not_audio()
    promised = answer.length
    if promised is not None and promised > max_bytes:
        raise _too_large(max_bytes)
    head, size = b"", 0
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        if len(head) < HEAD:
            head += chunk[:HEAD]
            if len(head) >= HEAD and not media_of(head):
                raise _not_audio()
        _write(into, chunk)
    if promised is not None and size < promised:
        raise http.client.IncompleteRead(b"")
    if not media_of(head):
        raise _not_audio()
    return kind


def _write(into: BinaryIO, chunk: bytes) -> None:
    try:
        into.write(chunk)
        into.flush()
    except OSError as error:  # ours, and no fault of the sender
        sentence = f"The recording could not be written ({error.strerror}). Make room in VAR_DIR; it is fetched again."
        raise ProviderError(sentence, code="not_stored", retryable=True) from error


def _not_audio() -> ProviderError:
    sentence = "What the provider sent is no recording. It is asked for again."
    return ProviderError(sentence, code="not_audio", retryable=True)


def _too_large(max_bytes: int) -> ProviderError:
    return ProviderError(
        f"The recording is larger than {max_bytes // 1_000_000} MB. Raise RECORDING_MAX_MB to keep such recordings.",
        code="too_large",
    )
