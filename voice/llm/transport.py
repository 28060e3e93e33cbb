"""HTTP with bounds: every connection can be hung up, bodies are limited, nothing is followed or unpacked."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from voice.llm.base import Fault, RungError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice.llm.deadline import Line

MOST_BYTES = 1_000_000  # of one body; a streamed answer costs some 300 bytes a token
_PIECE = 8192  # bytes
_FAULTS = {
    HTTPStatus.UNAUTHORIZED: Fault.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: Fault.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND: Fault.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Fault.TIMEOUT,
    HTTPStatus.GONE: Fault.RETIRED,
    HTTPStatus.TOO_MANY_REQUESTS: Fault.RATE_LIMITED,
}


class BoundedAdapter(HTTPAdapter):
    """Carries requests over a Line. A redirect or a packed body raises RungError instead of being believed."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool, with connections that the line holds."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = partial(_held, type(pool).ConnectionCls, self._line)
        return pool

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send; unless it is to be streamed, the body is read here, within bounds."""
        # A packed body may be a thousand times its size.
        request.headers["Accept-Encoding"] = "identity"
        left_s = self._line.left_s()
        response = super().send(request, *args, **{**kwargs, "stream": True, "timeout": (left_s, left_s)})
        self._line.closing.callback(response.close)
        if response.is_redirect:
            raise RungError(Fault.REDIRECTED)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise RungError(Fault.GARBAGE)
        if not kwargs.get("stream"):
            vars(response)["_content"] = b"".join(pieces(response, self._line))
        return response


def _held(kind: type[urllib3.connection.HTTPConnection], line: Line, **kwargs: Any) -> Any:
    connection = kind(**kwargs)
    connect = connection._new_conn

    def held() -> Any:
        connected = connect()
        line.hold(connected)
        return connected

    vars(connection)["_new_conn"] = held
    return connection


def carry(session: requests.Session, line: Line) -> None:
    """Let the session's requests go over the line, and close the session when that is done."""
    adapter = BoundedAdapter(line)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    line.closing.callback(session.close)


def pieces(response: requests.Response, line: Line) -> Iterator[bytes]:
    """The body as it arrives.

    :raises RungError: when it is late, broken off, or longer than MOST_BYTES.
    """
    total = 0
    while line.left_s():
        try:
            piece = response.raw.read1(_PIECE, decode_content=False)
        except urllib3.exceptions.ReadTimeoutError:
            raise RungError(Fault.TIMEOUT) from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise RungError(Fault.BROKEN) from None
        if not piece:
            return
        total += len(piece)
        if total > MOST_BYTES:
            raise RungError(Fault.ENDLESS)
        yield piece


def error_of(error: requests.RequestException) -> RungError:
    """What a request that got no answer means."""
    if isinstance(error, requests.Timeout):
        return RungError(Fault.TIMEOUT)
    if _has_no_connection(error):
        return RungError(Fault.REFUSED)
    return RungError(Fault.BROKEN)


def _has_no_connection(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def fault_of(status: int) -> Fault:
    """What an HTTP status other than 200 means."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault.SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return Fault.EMPTY
    return _FAULTS.get(HTTPStatus(status), Fault.REJECTED) if status in set(HTTPStatus) else Fault.REJECTED


def retry_after_s(header: str, *, now: float) -> float:
    """Seconds that a Retry-After header asks for, 0 when it makes no sense; `now` in seconds since 1970."""
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0
