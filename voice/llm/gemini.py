"""Gemini through google-generativeai, which takes a second to import and so is not, unless this rung is tried."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from voice.llm import transport
from voice.llm.base import Completion, Fault, RungError
from voice.llm.deadline import within

if TYPE_CHECKING:
    from voice.llm.base import Prompt
    from voice.llm.deadline import Line

_KEYWORDS = frozenset({"type", "enum", "items", "properties", "required", "description", "nullable"})
_NO_SUCH_KEY = "API_KEY_INVALID"
_ENDS = {"STOP": True, "MAX_TOKENS": False}  # finish reason -> whether the answer is whole


@dataclass(frozen=True, slots=True)
class Gemini:
    """A Gemini model; `base_url` is where its API is."""

    api_key: str = field(repr=False)
    model: str
    base_url: str = "https://generativelanguage.googleapis.com"
    timeout_s: float = 3.5
    name: str = "gemini"

    def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """The answer; hangs up after `timeout_s`, in which the library's import is included.

        :raises RungError: in every other case.
        """
        return within(timeout_s, lambda line: self._ask(prompt, line))

    def _ask(self, prompt: Prompt, line: Line) -> Completion:
        # Both announce the end of their support to whoever runs the program.
        warnings.filterwarnings("ignore", r"(?s).*google", FutureWarning)
        import google.generativeai as genai  # noqa: PLC0415 -- a second and 60 MB that most calls never need
        from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 -- comes with it
        from google.protobuf.json_format import Error as FormError  # noqa: PLC0415 -- comes with it

        model = genai.GenerativeModel(self.model, system_instruction=prompt.system, generation_config=_config(prompt))
        model._client = self._client(line)
        try:
            answer = model.generate_content(prompt.user, request_options={"timeout": line.left_s(), "retry": None})
        except GoogleAPICallError as error:
            raise _error_of(error) from None
        except requests.RequestException as error:
            raise transport.error_of(error) from None
        except (FormError, ValueError):
            raise RungError(Fault.GARBAGE) from None
        return _completion(answer)

    def _client(self, line: Line) -> Any:
        """A client of its own for each question: the library's shared one has no line to hang up."""
        from google.ai.generativelanguage import GenerativeServiceClient  # noqa: PLC0415 -- as in _ask
        from google.api_core.client_options import ClientOptions  # noqa: PLC0415 -- as in _ask

        options = ClientOptions(api_endpoint=self.base_url, api_key=self.api_key)
        client = GenerativeServiceClient(transport="rest", client_options=options)
        session = client.transport._session
        transport.carry(session, line)
        session._max_refresh_attempts = 0  # a key cannot be refreshed, only asked with three times
        return client


def _config(prompt: Prompt) -> dict[str, Any]:
    return {
        "temperature": 0,
        "max_output_tokens": prompt.max_tokens,
        "response_mime_type": "application/json",
        "response_schema": _schema(prompt.schema),
    }


def _schema(schema: Any) -> Any:
    """The schema in the keywords that Gemini knows; what it then lets through is refused on reading."""
    kept = {key: value for key, value in schema.items() if key in _KEYWORDS}
    if "properties" in kept:
        kept["properties"] = {name: _schema(one) for name, one in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"])
    return kept


def _error_of(error: Any) -> RungError:
    response = getattr(error, "response", None)
    header = response.headers.get("Retry-After", "") if response is not None else ""
    fault = transport.fault_of(error.code) if error.code else Fault.BROKEN
    details = (one for one in error.details if isinstance(one, dict))
    if any(one.get("reason") == _NO_SUCH_KEY for one in details):  # said with status 400
        fault = Fault.UNAUTHORIZED
    return RungError(fault, retry_after_s=transport.retry_after_s(header, now=time.time()))


def _completion(answer: Any) -> Completion:
    if not answer.candidates:
        raise RungError(Fault.EMPTY)
    candidate = answer.candidates[0]
    text = "".join(part.text for part in candidate.content.parts)
    if not text.strip():
        raise RungError(Fault.EMPTY)
    finish, usage = candidate.finish_reason.name, answer.usage_metadata
    if finish not in _ENDS:
        raise RungError(Fault.BROKEN)
    return Completion(text, usage.prompt_token_count, usage.candidates_token_count, _ENDS[finish])
