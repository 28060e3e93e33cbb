"""A model's answer as data: mended where only its form is wrong, refused as a whole where it does not fit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import json_repair
from jsonschema import Draft202012Validator

from voice.llm.base import Fault, RungError

if TYPE_CHECKING:
    from collections.abc import Mapping

MENDABLE = 4_000
"""Characters; the time that mending takes grows with their square, and nobody says so much."""

_SIGNS = 300  # quotes and brackets in a text to be mended, for the same reason
_SIGN = re.compile(r"[\"'“”`\[{]")
_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def read(text: str, schema: Mapping[str, Any]) -> Any:
    """The JSON object in `text`, which may stand in prose or a fence.

    Every property of the schema must be required, or an answer that breaks off could pass for a whole one.

    :raises RungError: Fault.GARBAGE when it does not fit the schema.
    """
    try:
        value = _loaded(_THOUGHT.sub("", text))
        fits = Draft202012Validator(dict(schema)).is_valid(value) and _is_text(value)
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise RungError(Fault.GARBAGE)
    return value


def _loaded(text: str) -> Any:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise ValueError("no object")
    whole = text[start : end + 1]
    try:
        return json.loads(whole)
    except ValueError:
        if len(whole) > MENDABLE or len(_SIGN.findall(whole)) > _SIGNS:
            raise
        return json_repair.loads(whole, skip_json_loads=True, strict=True)


def _is_text(value: Any) -> bool:
    """Whether the strings can be stored and spoken; a database refuses what UTF-8 cannot say."""
    if isinstance(value, dict):
        return all(_is_text(one) for one in value.values())
    if isinstance(value, list):
        return all(_is_text(one) for one in value)
    return not (isinstance(value, str) and _UNSPEAKABLE.search(value))
