"""What differs between an assistant as Vapi has it and as its agent wants it, for people to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = 90  # characters of a value that are shown
_SECRET = ("secret", "token", "key", "authorization", "password", "credential", "headers")


def differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """A line for each value that is not as wanted; what Vapi has beyond what is wanted does not count.

    No secret is in any line.
    """
    return list(_differences(there, wanted, ""))


def _differences(there: Any, wanted: Any, path: str) -> Iterator[str]:
    if isinstance(wanted, dict) and wanted and isinstance(there, dict):
        for name, value in wanted.items():
            yield from _differences(there.get(name), value, f"{path}.{name}" if path else name)
    elif isinstance(wanted, list) and isinstance(there, list) and len(wanted) == len(there):
        for place, (one, other) in enumerate(zip(there, wanted, strict=True)):
            yield from _differences(one, other, f"{path}[{place}]")
    elif wanted != there and not (wanted in ({}, [], "") and there is None):
        yield f"  {path}: {_shown(there, path)} -> {_shown(wanted, path)}"


def _shown(value: Any, path: str) -> str:
    if value is None:
        return "(nothing)"
    if any(word in path.casefold() for word in _SECRET) or _holds_secret(value):
        return "(secret)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(
            any(word in name.casefold() for word in _SECRET) or _holds_secret(one) for name, one in value.items()
        )
    return isinstance(value, list) and any(map(_holds_secret, value))
