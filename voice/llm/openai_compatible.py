"""Any server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM and others."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import requests

from voice.llm import transport
from voice.llm.base import Completion, Fault, RungError
from voice.llm.deadline import within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice.llm.base import Prompt
    from voice.llm.deadline import Line

MOST_TEXT = 16_000  # characters of one answer
_NOT_UNDERSTOOD = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(slots=True)
class OpenAiCompatible:
    """A model at `base_url` (with its /v1). Servers that do not know JSON schemas are asked without one."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 3.5
    name: str = "primary"
    _knows_schemas: bool = True

    def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """The streamed answer as a whole; hangs up after `timeout_s`.

        :raises RungError: in every other case.
        """
        return within(timeout_s, lambda line: self._ask(prompt, line))

    def _ask(self, prompt: Prompt, line: Line) -> Completion:
        session = requests.Session()
        transport.carry(session, line)
        try:
            return _completion(self._response(session, prompt), line)
        except requests.RequestException as error:
            raise transport.error_of(error) from None

    def _response(self, session: requests.Session, prompt: Prompt) -> requests.Response:
        response = self._post(session, _body(prompt, self.model, schema=self._knows_schemas))
        if response.status_code in _NOT_UNDERSTOOD and self._knows_schemas:
            response = self._post(session, _body(prompt, self.model, schema=False))
            self._knows_schemas = response.status_code != HTTPStatus.OK
        if response.status_code != HTTPStatus.OK:
            header = response.headers.get("Retry-After", "")
            raise RungError(
                transport.fault_of(response.status_code),
                retry_after_s=transport.retry_after_s(header, now=time.time()),
            )
        return response

    def _post(self, session: requests.Session, body: dict[str, Any]) -> requests.Response:
        url = f"{self.base_url}/chat/completions"
        return session.post(url, json=body, stream=True, auth=self._authorize)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As a header of the session it would give way to a password in ~/.netrc.
        if self.api_key:
            request.headers["Authorization"] = f"Bearer {self.api_key}"
        return request


def _body(prompt: Prompt, model: str, *, schema: bool) -> dict[str, Any]:
    body = {
        "model": model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        "temperature": 0,
        "max_tokens": prompt.max_tokens,
        "stream": True,
    }
    if schema:
        form = {"name": prompt.name, "strict": True, "schema": prompt.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
        body["stream_options"] = {"include_usage": True}
    return body


def _completion(response: requests.Response, line: Line) -> Completion:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        return _assembled(_events(response, line))
    if kind == "application/json":  # a server that does not stream
        return _assembled([_loaded(b"".join(transport.pieces(response, line)))])
    raise RungError(Fault.GARBAGE)


def _events(response: requests.Response, line: Line) -> Iterator[Any]:
    rest = b""
    for piece in transport.pieces(response, line):
        *whole, rest = (rest + piece).split(b"\n")
        for row in whole:
            data = row.removeprefix(b"data:").strip()
            if not row.startswith(b"data:") or not data:
                continue
            if data == b"[DONE]":
                return
            yield _loaded(data)


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RungError(Fault.GARBAGE) from None


def _assembled(events: Iterator[Any] | list[Any]) -> Completion:
    text, finish = "", None
    usage: Any = None
    for event in events:
        if not isinstance(event, dict):
            raise RungError(Fault.GARBAGE)
        if event.get("error"):
            raise RungError(Fault.SERVER_ERROR)
        usage = event.get("usage") or usage
        more, ended = _choice(event)
        text, finish = text + more, ended or finish
        if len(text) > MOST_TEXT:
            raise RungError(Fault.ENDLESS)
    if not text.strip():
        raise RungError(Fault.EMPTY)
    if not finish:
        raise RungError(Fault.BROKEN)
    return Completion(text, _count(usage, "prompt_tokens"), _count(usage, "completion_tokens"), finish != "length")


def _choice(event: dict[str, Any]) -> tuple[str, str | None]:
    """The text that an event adds, and why the answer ended, where it did."""
    try:
        choice = event["choices"][0] if event.get("choices") else {}
        message = choice.get("delta") or choice.get("message") or {}
        content, finish = message.get("content") or "", choice.get("finish_reason")
    except (AttributeError, KeyError, TypeError):
        raise RungError(Fault.GARBAGE) from None
    if not isinstance(content, str) or not isinstance(finish, str | None):
        raise RungError(Fault.GARBAGE)
    return content, finish


def _count(usage: Any, key: str) -> int:
    counted = usage.get(key) if isinstance(usage, dict) else 0
    return counted if isinstance(counted, int) and 0 <= counted < 10**9 else 0
