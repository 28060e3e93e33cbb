"""A Vapi on this machine: POST, GET and list of calls, call control, server messages, and callees it talks to."""

from __future__ import annotations

import json
import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from tests.carriers.carrier import Answer, Ask, Carrier, Line, Request, sample
from tests.carriers.plan import Callee, Fault, Plan, Post

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "a-vapi-key-of-the-carrier"
SECRET = "a-vapi-secret-of-the-carrier"
ASSISTANT = "33333333-3333-4333-8333-333333333333"
NUMBER_ID = "44444444-4444-4444-8444-444444444444"

_ORG = "11111111-1111-4111-8111-111111111111"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_KEYS = {
    "assistantVersion", "transport", "customer", "customerId", "customers", "name", "schedulePlan", "assistantId",
    "assistant", "assistantOverrides", "squadId", "squad", "squadOverrides", "workflowId", "workflow",
    "workflowOverrides", "phoneNumberId", "phoneNumber",
}  # fmt: skip
_CUSTOMER = {
    "number", "name", "email", "externalId", "extension", "numberE164CheckEnabled", "sipUri", "assistantOverrides",
}  # fmt: skip
_REASON = {
    Callee.TALKS: "customer-ended-call",
    Callee.HANGS_UP: "customer-ended-call",
    Callee.BUSY: "customer-busy",
    Callee.NO_ANSWER: "customer-did-not-answer",
    Callee.FAILED: "twilio-failed-to-connect-call",
}
_SAID = ("Yes, I want a two bedroom flat in Wakad, Pune.", "About eighty lakhs.", "Within three months. Yes, call me.")


class Vapi(Carrier):
    """The account of KEY with ASSISTANT and NUMBER_ID; `max_lines` calls at once, 0 for no limit."""

    def __init__(self, plan: Plan, *, public: str = "", base: str = "", max_lines: int = 0) -> None:
        self.max_lines = max_lines
        super().__init__(plan, public=public, base=base)

    def answer(self, request: Request) -> Answer | Ask:
        """As documented under docs.vapi.ai/api-reference/calls."""
        if request.path.startswith("/control/"):  # asks for no key
            return self._control(request)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Answer(401, sample("vapi", "rest_error_401"))
        if request.path == "/call":
            return self._asked(request) if request.method == "POST" else self._list(request.query)
        line = self.lines.get(request.path.removeprefix("/call/"))
        if request.method == "GET" and line:
            return Answer(200, line.body)
        return Answer(404, {"message": "Couldn't find that call.", "error": "Not Found", "statusCode": 404})

    def _asked(self, request: Request) -> Answer | Ask:
        wish = json.loads(request.body)
        if complaint := complaint_of(wish):
            return Answer(400, {"message": [complaint], "error": "Bad Request", "statusCode": 400})
        busy = sum(line.body["status"] != "ended" for line in list(self.lines.values()))
        if self.max_lines and busy >= self.max_lines:
            return Answer(400, sample("vapi", "rest_error_400_concurrency"))
        return Ask(str(wish["customer"].get("externalId", "")).removeprefix("call-"), wish)

    def make(self, ask: Ask, line_id: int) -> dict[str, Any]:
        """A new call, as POST answers it."""
        number = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.plan.seed} {line_id}"))
        given = ("name", "assistantId", "assistant", "assistantOverrides", "phoneNumberId", "customer")
        return {name: ask.wish[name] for name in given if name in ask.wish} | {
            "id": number, "orgId": _ORG, "type": "outboundPhoneCall", "status": "queued", "cost": 0,
            "createdAt": _stamp(), "updatedAt": _stamp(), "phoneCallProvider": "twilio",
            "phoneCallProviderId": f"CA{uuid.uuid4().hex}", "phoneCallTransport": "pstn",
            "monitor": {"listenUrl": f"wss://127.0.0.1/{number}", "controlUrl": f"{self.url}/control/{number}"},
        }  # fmt: skip

    def id_of(self, body: Mapping[str, Any]) -> str:
        """Its id."""
        return str(body["id"])

    def refuse(self, fault: Fault) -> Answer:
        """429 is documented nowhere, but every server has it."""
        status = {Fault.BUSY: 429, Fault.ERROR_BEFORE: 503}.get(fault, 500)
        return Answer(status, {"message": "Internal server error", "statusCode": status})

    def _list(self, query: Mapping[str, str]) -> Answer:
        since, wanted = query.get("createdAtGe") or query.get("createdAtGt") or "", query.get("phoneNumberId")
        found = [
            line.body
            for line in sorted(self.lines.values(), key=lambda line: -line.began)
            if (not wanted or line.body.get("phoneNumberId") == wanted)
            and (not since or _moment(line.body["createdAt"]) >= _moment(since))
        ]
        return Answer(200, found[: int(query.get("limit", "100"))])

    def _control(self, request: Request) -> Answer:
        line = self.lines.get(request.path.removeprefix("/control/"))
        if line and json.loads(request.body).get("type") == "end-call":
            line.stop.set()
        return Answer(200, {"success": bool(line)})

    def live(self, line: Line) -> None:
        """Ring, talk where somebody answers, and end."""
        if line.post is not Post.EARLY:
            self.rest(line, 2)
        posts = [self._move(line, "ringing")]
        self._deliver(line, posts[-1])
        self.rest(line, 4)
        if line.callee in {Callee.TALKS, Callee.HANGS_UP} and not line.stop.is_set():
            posts.append(self._move(line, "in-progress"))
            self._deliver(line, posts[-1])
            self.rest(line, 6)
        reason = "manually-canceled" if line.stop.is_set() else _REASON[line.callee]
        ended = [self._move(line, "ended", reason), self._report(line)]
        if line.post is Post.LATE:
            time.sleep(self.plan.late_s)
            self._post_all(line, [*posts, *ended])
        elif line.post is Post.REORDERED:
            self._post_all(line, [*reversed(ended), *reversed(posts)])
        elif line.post is not Post.LAST_LOST:
            for post in ended:
                self._deliver(line, post)

    def _move(self, line: Line, status: str, reason: str = "") -> dict[str, Any]:
        stale = dict(line.body)  # webhooks carry the call as it was made
        line.body |= {"status": status, "updatedAt": _stamp()}
        if status == "in-progress":
            line.body["startedAt"] = _stamp()
        if reason:
            line.body |= {"endedReason": reason, "endedAt": _stamp(), "analysis": {}, "artifact": {"messages": []}}
            if "startedAt" in line.body:
                line.body |= {"cost": 0.05, "artifact": _artifact(line)}
        return _message(stale, "status-update", status=status, **({"endedReason": reason} if reason else {}))

    def _report(self, line: Line) -> dict[str, Any]:
        names = ("endedReason", "startedAt", "endedAt", "cost", "artifact", "analysis")
        told = {name: line.body[name] for name in names if name in line.body}
        stale = {name: value for name, value in line.body.items() if name not in names} | {"status": "queued"}
        return _message(stale, "end-of-call-report", costs=[], durationSeconds=4.0, **told)

    def _deliver(self, line: Line, message: dict[str, Any]) -> None:
        if line.post not in {Post.LATE, Post.REORDERED, Post.LOST}:
            self._post_all(line, [message] * (2 if line.post is Post.TWICE else 1))

    def _post_all(self, line: Line, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            line.posted.append(str(message["message"].get("status", "report")))
            self.post(message, server_of(line.wish))

    def post(self, message: Mapping[str, Any], server: str = "") -> requests.Response | None:
        """Post one server message with the secret of the account's credential; `server`: where an assistant says."""
        url = server or f"{self.public}/webhooks/vapi/call"
        there = url.replace(self.public, self.base, 1) if self.public else url
        headers = {"X-Vapi-Secret": SECRET}
        return self.send(lambda: requests.post(there, json=message, headers=headers, timeout=15), "message")


def complaint_of(wish: Mapping[str, Any]) -> str:
    """What is wrong with a request for a call, in Vapi's way of saying it; empty when nothing is."""
    customer = wish.get("customer") or {}
    if unknown := (set(wish) - _KEYS) | (set(customer) - _CUSTOMER):
        return f"property {min(unknown)} should not exist"
    if not _E164.fullmatch(str(customer.get("number", ""))):
        return "customer.number must be a valid phone number in the E.164 format."
    long = [name for name in ("name", "email", "externalId") if len(str(customer.get(name, ""))) > 40]
    if long or len(str(wish.get("name", ""))) > 40:
        return f"{long or 'name'} must be shorter than or equal to 40 characters"
    if ("assistantId" in wish) == ("assistant" in wish):
        return "one of assistantId, assistant is required"
    if wish.get("phoneNumberId") != NUMBER_ID or wish.get("assistantId", ASSISTANT) != ASSISTANT:
        return "phoneNumberId or assistantId does not exist"
    limit = (wish.get("assistantOverrides") or wish.get("assistant") or {}).get("maxDurationSeconds", 600)
    return "" if 10 <= limit <= 43_200 else "maxDurationSeconds must be between 10 and 43200"


def server_of(wish: Mapping[str, Any]) -> str:
    """The address that an assistant's own server has; empty where the account's is used."""
    for holder in ("assistant", "assistantOverrides"):
        if url := ((wish.get(holder) or {}).get("server") or {}).get("url"):
            return str(url)
    return ""


def _artifact(line: Line) -> dict[str, Any]:
    began, messages = time.time() * 1000, []
    for number, said in enumerate(_SAID[: 1 if line.callee is Callee.HANGS_UP else 3]):
        for role, text in (("bot", "What are you looking for?"), ("user", said)):
            messages.append({"role": role, "message": text, "time": began, "secondsFromStart": number, "duration": 900})
    told = "".join(f"{'AI' if one['role'] == 'bot' else 'User'}: {one['message']}\n" for one in messages)
    return {"messages": messages, "transcript": told}


def _message(call: Mapping[str, Any], kind: str, **more: object) -> dict[str, Any]:
    common = {"timestamp": int(time.time() * 1000), "call": call, "customer": call["customer"]}
    return {"message": {**common, "type": kind, **more}}


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
