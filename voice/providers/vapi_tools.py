"""What Vapi's model may ask us to do: the tools as Vapi wants them, its four ways of calling one, and our answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from voice.events import ToolCall
from voice.providers.base import WebhookResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TRANSFER = "transfer_destination"
"""The name under which Vapi's question whom to put a caller through to reaches us."""

HAND_OFF = "transferCall"
END_CALL = "endCall"
DEFAULT_DIAL_S = 20

_LONGEST_RESULT = 500  # characters; a model reads it aloud
_LONGEST_ARGUMENTS = 4000
_MOST = 20  # tool calls in one message
_NO_ARGUMENTS: dict[str, object] = {"type": "object", "properties": {}}

SLOTS = (
    "locations",
    "category",
    "property_type",
    "bedrooms",
    "budget",
    "purpose",
    "timeline",
    "email",
    "consent",
)

_FUNCTIONS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        "record_slot",
        "Note one answer right after the caller gave it. Its result says whether the caller's words prove it.",
        {
            "type": "object",
            "properties": {
                "slot": {"type": "string", "enum": list(SLOTS)},
                "value": {"type": "string", "description": "The caller's own words."},
            },
            "required": ["slot", "value"],
        },
    ),
    ("check_availability", "Ask whether a property on offer meets what the caller has said so far.", _NO_ARGUMENTS),
    (
        "book_callback",
        "Promise to call back at the time that the caller named.",
        {
            "type": "object",
            "properties": {"when": {"type": "string", "description": "The caller's own words, such as: tomorrow at 6"}},
            "required": ["when"],
        },
    ),
    ("hand_off", "Note that the caller wants to talk to a person.", _NO_ARGUMENTS),
    ("do_not_call", "Note that the caller does not want to be called again.", _NO_ARGUMENTS),
)


def definitions(server: Mapping[str, object]) -> list[dict[str, object]]:
    """The tools of an assistant with a brain of its own; `server` is where Vapi asks for them to be done."""
    functions = [
        {
            "type": "function",
            "async": False,
            "server": dict(server),
            "function": {"name": name, "description": description, "parameters": parameters},
        }
        for name, description, parameters in _FUNCTIONS
    ]
    return [*functions, *endings()]


def endings() -> list[dict[str, object]]:
    """The tools that Vapi itself runs: hang up, and put through to whomever we name when it asks."""
    return [{"type": HAND_OFF, "destinations": []}, {"type": END_CALL}]


def calls_in(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The tool calls of a message, in any of the four shapes; a legacy function call is one without an id."""
    legacy = message.get("functionCall")
    if isinstance(legacy, dict):
        return (ToolCall("", _text(legacy.get("name")), _arguments(legacy)),)
    listed = message.get("toolCallList") or [
        one.get("toolCall") for one in _dicts(message.get("toolWithToolCallList")) if one.get("toolCall")
    ]
    return tuple(_read(one) for one in list(_dicts(listed))[:_MOST])


def _read(one: Mapping[str, Any]) -> ToolCall:
    function = one.get("function")
    function = function if isinstance(function, dict) else {}
    given = function if {"arguments", "parameters"} & function.keys() else one
    return ToolCall(_text(one.get("id"))[:80], _text(function.get("name") or one.get("name")), _arguments(given))


def _arguments(holder: Mapping[str, Any]) -> dict[str, Any]:
    """What a model made up as arguments; {} where it is no object."""
    given = holder.get("arguments", holder.get("parameters"))
    if isinstance(given, str):
        try:
            given = json.loads(given or "{}")
        except ValueError:
            return {}
    return given if isinstance(given, dict) else {}


def as_message(tool: ToolCall) -> dict[str, object]:
    """A tool call as it is stored, in the first of the shapes."""
    arguments = json.dumps(tool.arguments, ensure_ascii=False)
    function = {"name": tool.name, "arguments": arguments if len(arguments) <= _LONGEST_ARGUMENTS else "{}"}
    return {"id": tool.id, "type": "function", "function": function}


def render(results: Sequence[tuple[ToolCall, str]]) -> WebhookResponse:
    """One line for each tool call, with its id; always status 200, for Vapi takes any other as silence."""
    if results and results[0][0].name == TRANSFER:
        return _as_json(_destination(results[0][1]))
    if results and not results[0][0].id:
        return _as_json({"result": _line(results[0][1])})
    return _as_json(
        {"results": [{"toolCallId": tool.id, "name": tool.name, "result": _line(result)} for tool, result in results]}
    )


def _destination(result: str) -> dict[str, object]:
    """Where to put the caller through to, from a Transfer as JSON; anything else is what the caller is told instead."""
    try:
        transfer = json.loads(result)
    except ValueError:
        transfer = None
    if not isinstance(transfer, dict) or not transfer.get("number"):
        return {"error": _line(result)}
    plan: dict[str, object] = {
        # The only mode in which Vapi comes back to the caller when nobody, or a voicemail box, picks up.
        "mode": "warm-transfer-experimental",
        "message": _line(str(transfer.get("whisper", ""))) or "A caller wants to talk to you.",
        "dialTimeout": transfer.get("timeout_s") or DEFAULT_DIAL_S,
        "fallbackPlan": {"message": _line(str(transfer.get("missed", ""))), "endCallEnabled": True},
    }
    return {
        "destination": {
            "type": "number",
            "number": transfer["number"],
            "message": _line(str(transfer.get("message", ""))),
            "callerId": "{{phoneNumber.number}}",  # a caller's own number is not ours to show
            "transferPlan": plan,
        }
    }


def _as_json(answer: Mapping[str, object]) -> WebhookResponse:
    return WebhookResponse(json.dumps(answer, ensure_ascii=False), "application/json")


def _line(text: str) -> str:
    """One line: Vapi drops results with line breaks."""
    return " ".join(text.split())[:_LONGEST_RESULT]


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
