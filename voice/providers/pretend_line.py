"""One call on the pretend network: it obeys the TwiML that it gets, and speaks for whoever picks up."""

from __future__ import annotations

import fcntl
import logging
import time
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import requests

from voice import personas
from voice.providers import twiml
from voice.providers.pretend_sound import Talk, answer_at, record_answer, recording_at, unrecorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voice.providers.base import CallOrder
    from voice.providers.pretend_sound import Voice
    from voice.providers.twiml_network import TwimlNetwork

logger = logging.getLogger(__name__)

_TIMEOUT_S = 15  # as long as Twilio waits
_MOST_DOCUMENTS = 100  # TwiML documents a call may go through
_DETECTED = {"hang_up": "machine_start", "leave_message": "machine_end_beep"}
_HOLD, _HOLD_S = ["Pause", "Redirect"], 1
_ACCOUNT = "AC" + "0" * 32
_STAFF_SAY = (
    "Hello, this is the sales office, thank you for waiting. Which area are you looking in?",
    "All right. And how much would you like to spend?",
)
_STAFF_END = "Thank you, I will send you what we have there. Goodbye!"


def word_for(path: Path) -> Path:
    """Where word is left for the line whose locked file is `path`."""
    return path.with_name(f"{path.name}.word")


@dataclass(slots=True)
class Line:
    """One call on the network: obeys the TwiML it gets, and speaks for the callee."""

    network: TwimlNetwork
    order: CallOrder
    path: Path
    secret: str
    local_base_url: str
    pace_s: float
    speaks: bool = True
    sequence: int = 0
    answered_at: float | None = None
    detected: str = ""  # what answering-machine detection has still to tell
    talk: Talk | None = None  # what there is to record
    handed_over_at: datetime | None = None
    told: str | None = None  # what the callee has heard, and said nothing to
    session: requests.Session = field(default_factory=requests.Session)

    def run(self) -> None:
        """Ring, talk and hang up; the file is locked as long as the call lasts."""
        path = self.path
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
                word_for(path).unlink(missing_ok=True)
                unrecorded(path).unlink(missing_ok=True)

    @property
    def sid(self) -> str:
        """The network's id of this call."""
        return self.path.name

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
        wanted = _DETECTED.get(self.order.agent.on_machine if self.order.agent else "", "")
        self.detected = "human" if wanted and persona.line != "voicemail" else wanted
        seed = zlib.crc32(self.order.to.encode())
        self.talk = Talk(persona.name) if self.order.agent and self.order.agent.record else None
        self._talk(personas.Callee(persona, name=self.order.name, seed=seed))
        self._record()
        self._status("completed")

    def _talk(self, callee: personas.Callee) -> None:
        url: str | None = self._address("voice")
        form = {"CallStatus": "in-progress"}
        for _ in range(_MOST_DOCUMENTS):
            if url is None:
                return
            document = self._fetch(url, form)
            if self.detected:
                self._detect()
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
        root = ET.fromstring(document)  # noqa: S314 -- our own server's document
        # Without a second, all documents would be used up before an answer is heard.
        time.sleep(_HOLD_S if [verb.tag for verb in root] == _HOLD else 0)
        for verb in root:
            if word_for(self.path).exists():  # hung up on, or told a message and hung up on
                return None, {}
            if verb.tag in {"Gather", "Record"}:
                answer = self._gather(verb, callee) if verb.tag == "Gather" else self._answer(callee)
                if answer is None:
                    return None, {}
                if answer or verb.get("actionOnEmptyResult") == "true":
                    return urljoin(base, verb.get("action", base)), {"CallStatus": "in-progress", **answer}
            elif verb.tag == "Redirect":
                return urljoin(base, verb.text or base), {"CallStatus": "in-progress"}
            elif verb.tag == "Dial":
                rung = self._ring_staff(verb, callee)
                return urljoin(base, verb.get("action", base)), {"CallStatus": "in-progress", **rung}
            elif verb.tag in {"Say", "Pause"}:
                self._listen(verb)
            elif verb.tag == "Hangup":
                return None, {}
        return None, {}

    def _listen(self, verb: ET.Element) -> None:
        """Words that want no answer, or silence."""
        if verb.tag == "Pause":
            self._wait()
        else:
            self.told = "".join(verb.itertext())
            self._note("agent", self.told)

    def _gather(self, verb: ET.Element, callee: personas.Callee) -> dict[str, str] | None:
        """What the callee says to the words inside; empty for silence, None when they hang up."""
        said = " ".join(_spoken(verb))
        self._wait()
        answer = callee.answer(said)
        self._note("agent", said)
        self._note("caller", answer or "")
        if answer is None:
            return None
        return {"SpeechResult": answer, "Confidence": "0.91", "Language": verb.get("language", "")} if answer else {}

    def _answer(self, callee: personas.Callee) -> dict[str, str] | None:
        """A recording of what the callee says to the last words; empty for silence, None when they hang up."""
        said, self.told = self.told, None
        if said is None:
            return {}  # they have been silent since
        self._wait()
        answer = callee.answer(said)
        if answer is None:
            return None
        if not answer:
            return {}
        self._note("caller", answer)
        path = answer_at(self.path, f"RE{uuid.uuid4().hex}")
        seconds = record_answer(answer, path, speaks=self.speaks)
        return {"RecordingSid": path.stem, "RecordingDuration": str(seconds)}

    def _ring_staff(self, dial: ET.Element, callee: personas.Callee) -> dict[str, str]:
        """Ring the number inside; the owner of a number is always the same person, who hears a whisper first."""
        number = dial.find("Number")
        if number is None or not number.text:
            return {"DialCallStatus": "failed", "DialBridged": "false"}
        leg = {"DialCallSid": f"CA{uuid.uuid4().hex}"}
        staff = personas.pick(number.text)
        self._wait()
        if staff.line in {"busy", "no_answer"}:
            return leg | {"DialCallStatus": staff.line.replace("_", "-"), "DialBridged": "false"}
        # A voicemail box presses no key, so nobody is put through to it.
        bridged = self._whisper(number, leg["DialCallSid"], key="" if staff.line == "voicemail" else "1")
        began = time.monotonic()
        if bridged:
            self.handed_over_at = datetime.now(UTC)
            self._talk_with_staff(callee)
        talked = str(round(time.monotonic() - began))
        return leg | {"DialCallStatus": "completed", "DialBridged": str(bridged).lower(), "DialCallDuration": talked}

    def _talk_with_staff(self, callee: personas.Callee) -> None:
        """Staff ask a little, and the callee answers as they answer the agent."""
        callee.meet_staff()
        for said in _STAFF_SAY:
            self._wait()
            answer = callee.answer(said)
            self._note("staff", said)
            self._note("caller", answer or "")
            if answer is None:
                return
        self._note("staff", _STAFF_END)

    def _whisper(self, number: ET.Element, sid: str, *, key: str) -> bool:
        """Whether whoever picked up is put through, as the documents say."""
        url = number.get("url", "")
        form = {
            "CallSid": sid,
            "ParentCallSid": self.sid,
            "Direction": "outbound-dial",
            "CallStatus": "in-progress",
            "To": number.text or "",
            "Called": number.text or "",
        }
        document = ET.fromstring(self._fetch(url, form))  # noqa: S314 -- our own server's document
        gather = document.find("Gather")
        if gather is not None and key:
            action = urljoin(url, gather.get("action", url))
            document = ET.fromstring(self._fetch(action, form | {"Digits": key}))  # noqa: S314 -- as above
        return document.find("Hangup") is None

    def _note(self, voice: Voice, text: str) -> None:
        """What is said is recorded, until somebody stops that."""
        if self.talk and not unrecorded(self.path).exists():
            self.talk.note(voice, text)

    def _record(self) -> None:
        """Keep the recording where one was wanted, and tell of it as Twilio does."""
        if self.talk is None:
            return
        seconds = self.talk.record(recording_at(self.path)) if self.speaks else None
        form = {
            "CallSid": self.sid,
            "AccountSid": _ACCOUNT,
            "RecordingSid": recording_at(self.path).stem,
            "RecordingStatus": "absent" if seconds is None else "completed",
            "RecordingDuration": str(-1 if seconds is None else seconds),
            "RecordingChannels": "2",
            "RecordingSource": "OutboundAPI",
        }
        if self.handed_over_at and self.talk.staff_from_s is not None:
            # Words take longer in the recording than on the line, so it begins where the hand-off comes out right.
            began = self.handed_over_at - timedelta(seconds=self.talk.staff_from_s)
            form["RecordingStartTime"] = format_datetime(began)
        self._send(self._address("recording"), form)

    def _detect(self) -> None:
        """Tell who has answered, as asynchronous detection does while the conversation has begun."""
        told, self.detected = self.detected, ""
        form = {
            "CallSid": self.sid,
            "AccountSid": _ACCOUNT,
            "AnsweredBy": told,
            "MachineDetectionDuration": "2804",
        }
        self._send(self._address("amd"), form)

    def _status(self, status: str) -> None:
        form = {"CallStatus": status, "CallbackSource": "call-progress-events", "SequenceNumber": str(self.sequence)}
        if status not in {"initiated", "ringing", "in-progress"}:
            talked = time.monotonic() - self.answered_at if self.answered_at is not None else 0
            form |= {"CallDuration": str(round(talked)), "Duration": str(-(-round(talked) // 60))}
        self.sequence += 1
        self._post(self._address("status"), form)

    def _post(self, url: str, form: dict[str, str]) -> requests.Response:
        ours, theirs = self.network.from_number, self.order.to
        line = {
            "CallSid": self.sid,
            "AccountSid": _ACCOUNT,
            "ApiVersion": "2010-04-01",
            "Direction": "outbound-api",
        }
        return self._send(url, line | {"From": ours, "To": theirs, "Caller": ours, "Called": theirs} | form)

    def _send(self, url: str, form: dict[str, str]) -> requests.Response:
        headers = {"X-Twilio-Signature": twiml.sign(url, form, self.secret)}
        local = url.replace(self.network.public_base_url, self.local_base_url, 1)
        return self.session.post(local, data=form, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False)

    def _address(self, door: str) -> str:
        return self.network.address(door, f"?call={self.order.call_id}")

    def _wait(self) -> None:
        time.sleep(self.pace_s)


def _spoken(verb: ET.Element) -> Iterator[str]:
    for child in verb:
        if child.tag == "Say" and child.text:
            yield child.text
