"""A Twilio on this machine: POST, GET and list of Calls, Messages, signed callbacks, and callees who obey TwiML."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree import ElementTree as ET

import requests
from twilio.request_validator import RequestValidator

from tests.carriers.carrier import Answer, Ask, Carrier, Line, Request, sample
from tests.carriers.plan import Callee, Fault, Plan, Post

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a-twilio-token-of-the-carrier"
NUMBER = "+14155550100"

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
_MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
_EVENTS = {"initiated", "ringing", "answered", "completed"}
_ENUMS = {
    "Method": {"GET", "POST"}, "FallbackMethod": {"GET", "POST"}, "StatusCallbackMethod": {"GET", "POST"},
    "RecordingStatusCallbackMethod": {"GET", "POST"}, "AsyncAmdStatusCallbackMethod": {"GET", "POST"},
    "StatusCallbackEvent": _EVENTS, "RecordingStatusCallbackEvent": {"in-progress", "completed", "absent"},
    "Record": {"true", "false"}, "RecordingChannels": {"mono", "dual"},
    "RecordingTrack": {"inbound", "outbound", "both"},
    "Trim": {"trim-silence", "do-not-trim"}, "MachineDetection": {"Enable", "DetectMessageEnd"},
    "AsyncAmd": {"true", "false"},
}  # fmt: skip
_ADDRESSES = {"Url", "FallbackUrl", "StatusCallback", "RecordingStatusCallback", "AsyncAmdStatusCallback"}
_NUMBERS = {
    "Timeout": (1, 600), "TimeLimit": (1, 86_400), "MachineDetectionTimeout": (3, 59),
    "MachineDetectionSpeechThreshold": (1000, 6000), "MachineDetectionSpeechEndThreshold": (500, 5000),
    "MachineDetectionSilenceTimeout": (2000, 10_000),
}  # fmt: skip
_END = {Callee.BUSY: "busy", Callee.NO_ANSWER: "no-answer", Callee.FAILED: "failed"}
_ANSWERS = (
    "Yes, speaking.",
    "I want a two bedroom flat in Wakad, Pune.",
    "My budget is about eighty lakhs.",
    "Within three months.",
    "Yes, that is fine.",
    "No, thank you. Goodbye.",
)
_OVER = {"completed", "busy", "failed", "no-answer", "canceled"}


class Twilio(Carrier):
    """The account ACCOUNT with the number NUMBER."""

    def __init__(self, plan: Plan, *, public: str = "", base: str = "", token: str = TOKEN) -> None:
        self.token = token
        self.texts: list[dict[str, str]] = []
        super().__init__(plan, public=public, base=base)

    def answer(self, request: Request) -> Answer | Ask:
        """As documented under docs/voice/api/call-resource."""
        if not request.has_basic(ACCOUNT, self.token):
            return _error("20003")
        path = request.path.removesuffix(".json")
        if request.method == "POST" and path == _CALLS:
            return self._asked({name: values for name, values in request.form.items() if values != [""]})
        if request.method == "POST" and request.path == _MESSAGES:
            return self._text(request)
        if request.method == "GET" and path == _CALLS:
            return self._list(request.query)
        if path.startswith(f"{_CALLS}/") and (line := self.lines.get(path.rsplit("/", 1)[-1])):
            return self._update(line, request) if request.method == "POST" else Answer(200, line.body)
        return _error("20404")

    def _asked(self, form: Mapping[str, list[str]]) -> Answer | Ask:
        if complaint := complaint_of(form):
            return _error("21211" if complaint.startswith("To ") else "20001", complaint)
        call = parse_qs(urlsplit(form["StatusCallback"][0]).query).get("call", [""])[0]
        return Ask(call, form)

    def make(self, ask: Ask, line_id: int) -> dict[str, Any]:
        """A new call, as POST answers it."""
        sid = f"CA{uuid.uuid5(uuid.NAMESPACE_OID, f'{self.plan.seed} {line_id}').hex}"
        return sample("twilio", "rest_call_created") | {
            "sid": sid, "to": ask.wish["To"][0], "from": NUMBER, "account_sid": ACCOUNT,
            "date_created": _stamp(), "date_updated": _stamp(), "uri": f"{_CALLS}/{sid}.json",
        }  # fmt: skip

    def id_of(self, body: Mapping[str, Any]) -> str:
        """Its CallSid."""
        return str(body["sid"])

    def refuse(self, fault: Fault) -> Answer:
        """429 and 503 as Twilio words them; 500 where the call was made all the same."""
        if fault is Fault.BUSY:
            return _error("20429")
        code, status = (20503, 503) if fault is Fault.ERROR_BEFORE else (20500, 500)
        return Answer(status, {"code": code, "message": "Internal Server Error", "more_info": "", "status": status})

    def _list(self, query: Mapping[str, str]) -> Answer:
        newest_first = sorted(self.lines.values(), key=lambda line: -line.began)
        wanted = {"to": query.get("To"), "from": query.get("From"), "status": query.get("Status")}
        found = [
            line.body
            for line in newest_first
            if all(value is None or line.body[name] == value for name, value in wanted.items())
        ]
        size = int(query.get("PageSize", "50"))
        return Answer(200, {"calls": found[:size], "page": 0, "page_size": size, "next_page_uri": None})

    def _update(self, line: Line, request: Request) -> Answer:
        if line.body["status"] in _OVER:
            return _error("21220", "Call is not in-progress. Cannot redirect.")
        if request.form.get("Status", [""])[0] in {"completed", "canceled"} or "Twiml" in request.form:
            line.stop.set()
        return Answer(200, line.body)

    def _text(self, request: Request) -> Answer:
        form = {name: values[0] for name, values in request.form.items()}
        if not (_E164.fullmatch(form.get("To", "")) and form.get("Body") and form.get("From") == NUMBER):
            return _error("21211")
        self.texts.append(form)
        sid = f"SM{len(self.texts):032x}"
        return Answer(201, {"sid": sid, "status": "queued", "to": form["To"], "from": NUMBER, "body": form["Body"]})

    def live(self, line: Line) -> None:
        """Ring, talk where somebody answers, and end."""
        if line.post is not Post.EARLY:
            self.rest(line, 2)
        posts = [self._move(line, "initiated", 0)]
        self._deliver(line, posts[-1])
        self.rest(line)
        posts.append(self._move(line, "ringing", 1))
        self._deliver(line, posts[-1])
        self.rest(line, 4)
        answers = line.callee in {Callee.TALKS, Callee.HANGS_UP}
        if answers and not line.stop.is_set():
            posts.append(self._move(line, "in-progress", 2))
            self._deliver(line, posts[-1])
            self._detect(line)
            self._talk(line)
        ended = "completed" if answers else "canceled" if line.stop.is_set() else _END[line.callee]
        posts.append(self._move(line, ended, len(posts)))
        if line.post is Post.LATE:
            time.sleep(self.plan.late_s)
            for post in posts:
                self._status(line, post)
        elif line.post is Post.REORDERED:
            for post in reversed(posts):
                self._status(line, post)
        elif line.post is not Post.LAST_LOST:
            self._deliver(line, posts[-1])

    def _move(self, line: Line, status: str, number: int) -> dict[str, str]:
        """Make it true, and say what would be posted."""
        over = status in _OVER
        line.body["status"] = "queued" if status == "initiated" else status
        line.body["date_updated"] = _stamp()
        if status == "in-progress":
            line.body["start_time"] = _stamp()
        if over:
            seconds = str(max(1, round(time.time() - line.began))) if status == "completed" else "0"
            line.body |= {"end_time": _stamp(), "duration": seconds, "price": "-0.014"}
        return {
            **self._form(line), "CallStatus": status, "SequenceNumber": str(number), "Timestamp": _stamp(),
            "CallbackSource": "call-progress-events",
            **({"CallDuration": line.body["duration"], "Duration": "1"} if over else {}),
        }  # fmt: skip

    def _deliver(self, line: Line, form: dict[str, str]) -> None:
        """Post now what is not kept for later or lost."""
        if line.post in {Post.LATE, Post.REORDERED, Post.LOST}:
            return
        self._status(line, form)
        if line.post is Post.TWICE:
            self._status(line, form)

    def _status(self, line: Line, form: dict[str, str]) -> None:
        event = "answered" if form["CallStatus"] == "in-progress" else form["CallStatus"]
        event = "completed" if event in _OVER else event
        if event in line.wish.get("StatusCallbackEvent", ["completed"]):
            line.posted.append(form["CallStatus"])
            self.post(line.wish["StatusCallback"][0], form, "status")

    def _detect(self, line: Line) -> None:
        wish = line.wish
        if "MachineDetection" in wish and "AsyncAmdStatusCallback" in wish:
            found = sample("twilio", "async_amd_human") | {"CallSid": line.body["sid"], "AccountSid": ACCOUNT}
            self.post(wish["AsyncAmdStatusCallback"][0], found, "amd")

    def _talk(self, line: Line) -> None:
        wish = line.wish
        more: dict[str, str] = {}
        url, answers = wish["Url"][0], iter(_ANSWERS)
        for _ in range(20):
            response = self.post(url, self._form(line) | {"CallStatus": "in-progress"} | more, "voice")
            if response is None or response.status_code >= 400:
                if "FallbackUrl" in wish:
                    faulty = {"ErrorCode": "11200", "ErrorUrl": url}
                    self.post(wish["FallbackUrl"][0], self._form(line) | faulty, "fallback")
                return
            if (line.callee is Callee.HANGS_UP and more) or self.rest(line):
                return
            asked = _next(response.text)
            said = next(answers, None)
            if asked is None or said is None:
                return
            action, heard = asked
            url, more = urljoin(url, action), _input(said, heard=heard)

    def _form(self, line: Line) -> dict[str, str]:
        ours = {"CallSid": str(line.body["sid"]), "AccountSid": ACCOUNT, "From": NUMBER, "To": str(line.body["to"])}
        return sample("twilio", "outbound_answer") | ours | {"Direction": "outbound-api"}

    def post(self, address: str, form: Mapping[str, str], what: str) -> requests.Response | None:
        """Post a form as Twilio does: signed over the public address, and again as the address's fragment asks.

        The fragment is neither sent nor signed: docs/usage/webhooks/webhooks-connection-overrides.
        """
        url, _, fragment = address.partition("#")
        wish = {name: values[0] for name, values in parse_qs(fragment).items()}
        headers = {
            "X-Twilio-Signature": RequestValidator(self.token).compute_signature(url, dict(form)),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        there = url.replace(self.public, self.base, 1) if self.public else url
        return self.send(
            lambda: requests.post(there, data=form, headers=headers, timeout=15, allow_redirects=False),
            what,
            again=int(wish.get("rc", "1")),
            after_5xx=not {"5xx", "all"}.isdisjoint(wish.get("rp", "ct").split(",")),
        )


def complaint_of(form: Mapping[str, list[str]]) -> str:
    """What is wrong with a request for a call; empty when nothing is."""
    for name in ("To", "From", "Url", "StatusCallback"):
        if name not in form:
            return f"{name} is required"
    if not _E164.fullmatch(form["To"][0]) or form["To"] == form["From"]:
        return "To is not a valid phone number"
    if form["From"] != [NUMBER]:
        return "From is not a number of this account"
    for name, values in form.items():
        if complaint := _complaint(name, values):
            return f"{name} {complaint}: {values}"
    return ""


def _complaint(name: str, values: list[str]) -> str:
    if name in {"To", "From", "CallerId", "CallReason"}:
        return ""
    if name in _ENUMS:
        return "" if set(values) <= _ENUMS[name] else "has a value that is none of Twilio's"
    if name in _ADDRESSES:
        return "" if urlsplit(values[0]).scheme in {"http", "https"} else "is no absolute address"
    if name in _NUMBERS:
        least, most = _NUMBERS[name]
        return "" if values[0].isdigit() and least <= int(values[0]) <= most else "is out of range"
    return "is no parameter of Twilio's"


def _input(said: str, *, heard: bool) -> dict[str, str]:
    if heard:
        return {"SpeechResult": said, "Confidence": "0.91"}
    return {"DialCallStatus": "no-answer", "DialCallSid": f"CA{uuid.uuid4().hex}"}


def _next(document: str) -> tuple[str, bool] | None:
    """Where the document sends the caller's words (True) or a call that was put through (False); None: it ends."""
    for verb in ET.fromstring(document):
        if verb.tag == "Gather":
            return str(verb.get("action")), True
        if verb.tag == "Dial":
            return str(verb.get("action")), False
        if verb.tag in {"Hangup", "Reject"}:
            return None
    return None


def _stamp() -> str:
    return format_datetime(datetime.now(UTC))


def _error(code: str, message: str = "") -> Answer:
    errors: dict[str, Any] = sample("twilio", "rest_errors")
    known = errors.get(code) or {"http_status": 400, "body": {"code": int(code), "status": 400, "more_info": ""}}
    return Answer(known["http_status"], known["body"] | ({"message": message} if message else {}))
