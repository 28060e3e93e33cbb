"""A test's own Twilio: signs and posts forms over real HTTP, and reads the TwiML that comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import requests
from twilio.request_validator import RequestValidator

PAYLOADS = Path(__file__).parent / "payloads" / "twilio"
TOKEN = "a-twilio-token-of-the-tests"


def payload(name: str) -> dict[str, str]:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


@dataclass
class TwilioLine:
    """One call as Twilio sees it. `base` is where the server listens, `public` the address that gets signed."""

    base: str
    public: str
    sid: str = "CA00000000000000000000000000000005"
    caller: str = "+919820012345"
    called: str = "+14155550100"
    direction: str = "inbound"
    token: str = TOKEN
    provider: str = "twilio"
    session: requests.Session = field(default_factory=requests.Session)

    def form(self, **more: str) -> dict[str, str]:
        return {
            **payload("inbound_first_india"),
            "CallSid": self.sid,
            "Direction": self.direction,
            "From": self.caller,
            "To": self.called,
            "CallStatus": "in-progress",
            **more,
        }

    def post(self, path: str, headers: dict[str, str] | None = None, **more: str) -> requests.Response:
        """Post to a path, or to an absolute action address, with a good signature."""
        url = path if path.startswith("http") else self.public + path
        form = self.form(**more)
        signature = RequestValidator(self.token).compute_signature(url, form)
        return self.session.post(
            url.replace(self.public, self.base, 1),
            data=form,
            headers={"X-Twilio-Signature": signature, **(headers or {})},
            timeout=15,
            allow_redirects=False,
        )

    def ring(self) -> requests.Response:
        return self.post(f"/webhooks/{self.provider}/voice", CallStatus="ringing")

    def say(self, document: requests.Response, text: str, **more: str) -> requests.Response:
        """Answer the Gather of a document."""
        return self.post(action_of(document), SpeechResult=text, Confidence="0.91", **more)

    def record(self, document: requests.Response, sid: str, **more: str) -> requests.Response:
        """Answer the first Record of a document; what was said is in the recording `sid`."""
        action = str(ET.fromstring(document.text).find("Record").get("action"))
        return self.post(action, RecordingSid=sid, RecordingDuration="3", **more)

    def follow(self, document: requests.Response, **more: str) -> requests.Response:
        """Go where a document sends whoever has said nothing, or waits."""
        return self.post(str(ET.fromstring(document.text).findtext("Redirect")), **more)

    def status(self, status: str, *, call: int | None = None, sequence: int = 0, **more: str) -> requests.Response:
        query = f"?call={call}" if call else ""
        return self.post(
            f"/webhooks/{self.provider}/status{query}", CallStatus=status, SequenceNumber=str(sequence), **more
        )


def gather_of(document: requests.Response) -> ET.Element:
    gather = ET.fromstring(document.text).find("Gather")
    assert gather is not None, document.text
    return gather


def action_of(document: requests.Response) -> str:
    return str(gather_of(document).get("action"))


def turn_of(document: requests.Response) -> int:
    return int(parse_qs(urlsplit(action_of(document)).query)["turn"][0])


def spoken(document: requests.Response) -> str:
    return " ".join(say.text or "" for say in ET.fromstring(document.text).iter("Say"))


def hangs_up(document: requests.Response) -> bool:
    return ET.fromstring(document.text).find("Hangup") is not None
