"""A Vapi that posts to us as the real one does: server messages, and requests to the model of its assistants."""

import json
import time
from pathlib import Path

import requests

PAYLOADS = Path(__file__).parents[1] / "payloads" / "vapi"
VAPI_ID = "22222222-2222-4222-8222-222222222222"
SECRET = "vapi-webhook-token"


def payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


class VapiLine:
    """One call at Vapi; `call` is ours where we placed it."""

    def __init__(self, base, call=None):
        self.base = base
        self.customer = {"number": "+919820012345", "externalId": f"call-{call.pk}" if call else "somebody"}
        self.type = "outboundPhoneCall" if call else "inboundPhoneCall"
        self.messages = [{"role": "system", "content": "Be brief."}]
        self.clock = time.time_ns() // 1_000_000  # "tomorrow" is said now

    def post(self, body, path="call", secret=SECRET, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body)
        headers = {"X-Vapi-Secret": secret, "Content-Type": "application/json", **headers}
        return requests.post(f"{self.base}/webhooks/vapi/{path}", data=data, headers=headers, timeout=15)

    def tell(self, name, **more):
        """Post a server message as received, about this call."""
        body = payload(name)
        self.clock += 1000
        message = body["message"] | {"timestamp": self.clock, **more}
        message["customer"] = self.customer
        message["call"] = message["call"] | {"type": self.type, "customer": self.customer}
        return self.post({"message": message})

    def say(self, text, *, by_caller):
        role = "user" if by_caller else "assistant"
        return self.tell("transcript_final_user", role=role, transcript=text)

    def request(self, *, stream=True, tools=("endCall", "transferCall")):
        """What Vapi asks the model: all that was said so far."""
        return {
            "model": "realtyassistant",
            "messages": self.messages,
            "temperature": 0.5,
            "max_tokens": 250,
            "stream": stream,
            "tools": [{"type": "function", "function": {"name": name, "parameters": {}}} for name in tools],
            "call": {"id": VAPI_ID, "type": self.type, "customer": self.customer, "monitor": {"controlUrl": "SECRET"}},
            "customer": self.customer,
            "metadata": {},
        }

    def ask(self, *, stream=True, path="llm/chat/completions", **more):
        return self.post(self.request(stream=stream, **more), path)

    def hear(self, text):
        """The caller says this; our answer, which the assistant then speaks."""
        self.messages.append({"role": "user", "content": text})
        said, tools = spoken(self.ask())
        self.messages.append({"role": "assistant", "content": said})
        return said, tools


def spoken(response):
    """The words of a streamed completion, and the tools that it calls."""
    assert response.status_code == 200, response.text
    parts = response.text.split("\n\n")
    assert parts[-2:] == ["data: [DONE]", ""]
    choices = [json.loads(part.removeprefix("data: "))["choices"][0] for part in parts[:-2]]
    assert [choice["finish_reason"] for choice in choices[:-1]] == [None] * (len(choices) - 1)
    deltas = [choice["delta"] for choice in choices]
    tools = [one["function"]["name"] for delta in deltas for one in delta.get("tool_calls", ())]
    assert choices[-1]["finish_reason"] == ("tool_calls" if tools else "stop")
    return "".join(delta.get("content", "") for delta in deltas), tools
