"""JSON lines as people hand them over: each line checked, the bad ones refused by number, the rest carried on with."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAMES = {
    str: "text",
    dict: "an object",
    list: "a list",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used, and what to mend in it. `number` counts from 1."""

    number: int
    reason: str


class UnreadableFileError(Exception):
    """The file cannot be opened; the message is a sentence for the person who named it."""


def open_lines(name: str) -> IO[bytes]:
    """The file of this name, or standard input for "-".

    :raises UnreadableFileError: when it cannot be opened.
    """
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UnreadableFileError(f"Cannot read {name}: {error.strerror}. Name a file of JSON lines.") from error


def read_lines(lines: Iterable[bytes], required: Mapping[str, type]) -> Iterator[tuple[int, dict[str, Any]] | BadLine]:
    """Yield (line number, object) or a BadLine for each line that is not blank.

    `required` maps each key that an object must have to the type of its value.
    """
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        parsed = _parse(raw.lstrip(b"\xef\xbb\xbf") if number == 1 else raw, required)
        yield BadLine(number, parsed) if isinstance(parsed, str) else (number, parsed)


def _parse(raw: bytes, required: Mapping[str, type]) -> dict[str, Any] | str:
    """Return the object, or the reason for which it is refused."""
    try:
        parsed = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        return f"not UTF-8 (byte {error.start + 1}); save the file as UTF-8"
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} at column {error.colno}"
    except (RecursionError, ValueError):
        return "not JSON that can be read: nested too deeply, or a number too long"
    if not isinstance(parsed, dict):
        return "not a JSON object; write one {...} a line"
    for key, kind in required.items():
        if key not in parsed:
            return f'"{key}" is missing'
        if not _is(parsed[key], kind):
            return f'"{key}" must be {_NAMES.get(kind, kind.__name__)}'
    return parsed


def _is(value: object, kind: type) -> bool:
    # In Python a bool is an int; in JSON true is not a number.
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, kind)
