"""A small telephone network for newcomers and tests: it dials nobody, and plays carrier and callee over real HTTP."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
import uuid
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import requests

from voice import personas
from voice.events import EndReason, LineState
from voice.providers import twiml
from voice.providers.base import HangUp, LineReport
from voice.providers.twiml_network import TwimlNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from voice.providers.base import CallOrder, LineAction, WebhookRequest

logger = logging.getLogger(__name__)

OUR_NUMBER = "+15005550006"
_TIMEOUT_S = 15  # as long as Twilio waits
_MOST_DOCUMENTS = 100  # TwiML documents a call may go through


@dataclass(frozen=True, slots=True)
class Pretend(TwimlNetwork):
    """The network. It reaches this server at `local_base_url`, and signs as a proxy would let it see the public one.

    `folder` holds a locked file for each call on the line; `pace_s` is the time a callee takes to answer.
    """

    public_base_url: str
    local_base_url: str
    secret: str
    folder: str
    pace_s: float = 1.5
    name: str = "pretend"
    rings_people: bool = False
    doors: tuple[str, ...] = twiml.DOORS
    calls_per_second: float = 0
    max_lines: int = 0
    cost_per_minute: float = 0

    @property
    def our_number(self) -> str:
        """What those who are called see."""
        return OUR_NUMBER

    def verify(self, request: WebhookRequest) -> bool:
        """Whether the network itself sent this."""
        return twiml.is_signed(request, [self.secret])

    def place_call(self, order: CallOrder) -> str:
        """Start the call on a thread of this process; its id."""
        sid = f"CA{uuid.uuid4().hex}"
        line = _Line(network=self, order=order, sid=sid)
        threading.Thread(target=line.run, name=f"pretend-{order.call_id}", daemon=True).start()
        return sid

    def act(self, provider_call_id: str, action: LineAction) -> None:
        """Tell the line, in whichever process it is."""
        path = Path(self.folder) / provider_call_id
        if path.exists():
            path.with_suffix(".said").write_text("" if isinstance(action, HangUp) else action.text)

    def look_up(self, order: CallOrder, provider_call_id: str, *, since: datetime) -> LineReport | None:  # noqa: ARG002 -- Provider
        """A call whose process was killed has ended; the operating system took its lock away."""
        path = Path(self.folder) / (provider_call_id or "unknown")
        if not path.exists():
            return None
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return LineReport(provider_call_id, LineState.IN_PROGRESS)
        path.unlink(missing_ok=True)
        return LineReport(provider_call_id, LineState.ENDED, EndReason.CANCELED)


@dataclass(slots=True)
class _Line:
    """One call on the network: obeys the TwiML it gets, and speaks for the callee."""

    network: Pretend
    order: CallOrder
    sid: str
    sequence: int = 0
    answered_at: float | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def run(self) -> None:
        path = Path(self.network.folder) / self.sid
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                self._ring()
            except (requests.RequestException, ET.ParseError) as error:
                # As with a real carrier, a server that does not answer, or answers nonsense, hears no more of the call.
                logger.warning("call %s broke off on the pretend network: %s", self.order.call_id, type(error).__name__)
            finally:
                path.unlink(missing_ok=True)

    def _ring(self) -> None:
        persona = personas.pick(self.order.to)
        self._status("initiated")
        self._wait()
        self._status("ringing")
        self._wait()
        if persona.line in {"busy", "no_answer"}:
            self._status(persona.line.replace("_", "-"))
            return
        self.answered_at = time.monotonic()
        self._status("in-progress")
        seed = zlib.crc32(self.order.to.encode())
        self._talk(personas.Callee(persona, name=self.order.name, seed=seed))
        self._status("completed")

    def _talk(self, callee: personas.Callee) -> None:
        url: str | None = self._address("voice")
        form = {"CallStatus": "in-progress"}
        for _ in range(_MOST_DOCUMENTS):
            if url is None:
                return
            document = self._fetch(url, form)
            url, form = self._obey(document, callee, base=url)
        logger.error("call %s went through %s documents and was cut", self.order.call_id, _MOST_DOCUMENTS)

    def _fetch(self, url: str, form: dict[str, str]) -> bytes:
        """The TwiML at `url`, or the fallback's where the server fails; XML tells its encoding itself."""
        response = self._post(url, form)
        if response.ok:
            return response.content
        response = self._post(self._address("fallback"), form | {"ErrorCode": "11200", "ErrorUrl": url})
        return response.content if response.ok else b"<Response/>"

    def _obey(self, document: bytes, callee: personas.Callee, *, base: str) -> tuple[str | None, dict[str, str]]:
        """Execute the verbs in order; where to go next and what to post there, or None at the end of the call."""
        for verb in ET.fromstring(document):  # noqa: S314 -- our own server's document
            if verb.tag == "Gather":
                answer = self._gather(verb, callee)
                if answer is None:
                    return None, {}
                if answer or verb.get("actionOnEmptyResult") == "true":
                    return urljoin(base, verb.get("action", base)), {"CallStatus": "in-progress", **answer}
            elif verb.tag == "Redirect":
                return urljoin(base, verb.text or base), {"CallStatus": "in-progress"}
            elif verb.tag == "Hangup":
                return None, {}
        return None, {}

    def _gather(self, verb: ET.Element, callee: personas.Callee) -> dict[str, str] | None:
        """What the callee says to the words inside; empty for silence, None when they hang up."""
        said = " ".join(_spoken(verb))
        self._wait()
        answer = callee.answer(said)
        if answer is None:
            return None
        return {"SpeechResult": answer, "Confidence": "0.91", "Language": verb.get("language", "")} if answer else {}

    def _status(self, status: str) -> None:
        form = {"CallStatus": status, "CallbackSource": "call-progress-events", "SequenceNumber": str(self.sequence)}
        if status not in {"initiated", "ringing", "in-progress"}:
            talked = time.monotonic() - self.answered_at if self.answered_at is not None else 0
            form |= {"CallDuration": str(round(talked)), "Duration": str(-(-round(talked) // 60))}
        self.sequence += 1
        self._post(self._address("status"), form)

    def _post(self, url: str, form: dict[str, str]) -> requests.Response:
        whole = {
            "CallSid": self.sid,
            "AccountSid": "AC" + "0" * 32,
            "ApiVersion": "2010-04-01",
            "Direction": "outbound-api",
            "From": OUR_NUMBER,
            "To": self.order.to,
            "Caller": OUR_NUMBER,
            "Called": self.order.to,
            **form,
        }
        headers = {"X-Twilio-Signature": twiml.sign(url, whole, self.network.secret)}
        local = url.replace(self.network.public_base_url, self.network.local_base_url, 1)
        return self.session.post(local, data=whole, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False)

    def _address(self, door: str) -> str:
        return self.network.address(door, f"?call={self.order.call_id}")

    def _wait(self) -> None:
        time.sleep(self.network.pace_s)


def _spoken(verb: ET.Element) -> Iterator[str]:
    for child in verb:
        if child.tag == "Say" and child.text:
            yield child.text
