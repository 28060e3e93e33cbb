"""Our dialogue as the model of a Vapi assistant: chat completions asked and answered as OpenAI spells them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from voice.events import CallEvent, EventKind, LineState
from voice.providers.base import Unreadable, WebhookResponse, storable
from voice.providers.vapi_callers import caller_in, kept_customer
from voice.providers.vapi_reports import as_object, as_text, from_messages, words_of
from voice.providers.vapi_tools import END_CALL, HAND_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voice.events import Reply

_MODEL = "realtyassistant"
_ROLES = {"user", "assistant", "tool"}


def parse(body: bytes, *, provider: str) -> CallEvent:
    """What the caller has said so far, word for word in `spoken`; which words are new, the call's own record tells.

    `extra` holds how it is to be answered: `stream`, `tools` (names that the answer may call), `after_tool`, and
    `no_transfer` where the assistant cannot put anybody through.

    :raises Unreadable: with the error that Vapi is answered.
    """
    asked = _read(body)
    call = as_object(asked.get("call"))
    call_id = as_text(call.get("id"))[:64]
    if not call_id:
        raise refusal("call.id is missing: set metadataSendMode of the assistant's model to variable", "no_call")
    messages = _messages(asked)
    spoken = tuple(from_messages(messages))
    stream = bool(asked.get("stream"))
    offered = _tools(asked) & {HAND_OFF, END_CALL}
    return CallEvent(
        kind=EventKind.HEARD,
        provider=provider,
        provider_call_id=call_id,
        dedupe_key=f"{call_id}:llm:{_digest(messages, stream=stream)}",
        line=LineState.IN_PROGRESS,
        turn=None if spoken else 0,  # before anybody has spoken, the opening is asked for
        spoken=spoken,
        extra={
            "stream": "yes" if stream else "",
            "tools": " ".join(sorted(offered)),
            "no_transfer": "" if HAND_OFF in offered else "yes",
            "after_tool": "yes" if messages and messages[-1]["role"] == "tool" else "",
        },
        **caller_in(asked),
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = as_object(storable(json.loads(body)))
    except (ValueError, RecursionError):
        raise refusal("the body is not JSON", "bad_json") from None
    if not isinstance(asked.get("messages"), list) or not asked["messages"]:
        raise refusal("messages is missing or empty", "no_messages")
    return asked


def _messages(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in map(as_object, asked["messages"]) if as_text(one.get("role")) in _ROLES]


def refusal(sentence: str, code: str, *, status: int = 400) -> Unreadable:
    """A request that cannot be answered, with the error in OpenAI's form."""
    error = {"error": {"message": f"{sentence}.", "type": "invalid_request_error", "param": None, "code": code}}
    return Unreadable(sentence, answer=WebhookResponse(json.dumps(error), "application/json", status))


def kept(body: bytes) -> dict[str, object]:
    """The request as stored: who is on the line and what was said, without the instructions and the assistant."""
    asked = _read(body)
    call = as_object(asked.get("call"))
    return {
        "messages": [_kept_message(one) for one in _messages(asked)] or [{"role": "system", "content": ""}],
        "stream": bool(asked.get("stream")),
        "tools": [{"type": "function", "function": {"name": name}} for name in sorted(_tools(asked))],
        "call": {name: call[name] for name in ("id", "type") if name in call},
        "customer": kept_customer(asked),
    }


def _kept_message(message: Mapping[str, Any]) -> dict[str, object]:
    spoken = message["role"] != "tool"
    return {"role": message["role"], "content": words_of(message) if spoken else ""}


def _tools(asked: Mapping[str, Any]) -> set[str]:
    tools = asked.get("tools")
    functions = (as_object(as_object(one).get("function")) for one in (tools if isinstance(tools, list) else ()))
    return {as_text(one.get("name")) for one in functions} - {""}


def _digest(messages: list[dict[str, Any]], *, stream: bool) -> str:
    """Equal for one request sent twice: the same words in the same order, to be answered in the same form."""
    said = [(one["role"], words_of(one), as_text(one.get("tool_call_id"))) for one in messages]
    return hashlib.sha256(json.dumps([said, stream]).encode()).hexdigest()[:32]


def render(reply: Reply, *, call_id: int, turn: int, event: CallEvent, at: int) -> WebhookResponse:
    """The reply as a completion: a stream of chunks where one was asked for, else one object; `at` is in seconds."""
    answer = _answer(reply, event, name=f"call-{call_id}-{turn}")
    head = {"id": f"chatcmpl-{call_id}-{turn}", "created": at, "model": _MODEL}
    finish = "tool_calls" if "tool_calls" in answer else "stop"
    if event.extra.get("stream"):
        chunks = "".join(f"data: {json.dumps(one, ensure_ascii=False)}\n\n" for one in _chunks(head, answer, finish))
        return WebhookResponse(f"{chunks}data: [DONE]\n\n", "text/event-stream; charset=utf-8")
    choice = {"index": 0, "message": answer, "finish_reason": finish}
    whole = {**head, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    return WebhookResponse(json.dumps(whole, ensure_ascii=False), "application/json")


_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # nobody is charged for any


def _answer(reply: Reply, event: CallEvent, *, name: str) -> dict[str, Any]:
    """The assistant's message. What follows a tool's answer was said before that tool was called."""
    offered = event.extra.get("tools", "").split()
    wanted = HAND_OFF if reply.transfer else END_CALL if reply.ends_call else ""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if wanted in offered and not event.extra.get("after_tool"):
        message["tool_calls"] = [{"id": name, "type": "function", "function": {"name": wanted, "arguments": "{}"}}]
    return message


def _chunks(head: Mapping[str, Any], answer: Mapping[str, Any], finish: str) -> Iterator[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if answer["content"]:
        deltas.append({"content": answer["content"]})
    if "tool_calls" in answer:
        deltas.append({"tool_calls": [{"index": 0, **one} for one in answer["tool_calls"]]})
    for delta in deltas:
        yield _chunk(head, delta, None)
    yield _chunk(head, {}, finish)


def _chunk(head: Mapping[str, Any], delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**head, "object": "chat.completion.chunk", "choices": [choice]}
