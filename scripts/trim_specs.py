"""Cut Twilio's OpenAPI document down to the requests that we make: `trim_specs.py twilio_api_v2010.json OUT.json`.

The whole document is at github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_BASE = "/2010-04-01/Accounts/{AccountSid}"
KEPT = {
    f"{_BASE}/Calls.json": ("post", "get"),
    f"{_BASE}/Calls/{{Sid}}.json": ("post", "get"),
    f"{_BASE}/Calls/{{CallSid}}/Recordings.json": ("get",),
    f"{_BASE}/Calls/{{CallSid}}/Recordings/{{Sid}}.json": ("post",),
    f"{_BASE}/Recordings/{{Sid}}.json": ("get", "delete"),
    f"{_BASE}/Messages.json": ("post",),
}


def trim(whole: dict[str, Any]) -> dict[str, Any]:
    """The document with these operations, without prose and without answers."""
    paths = {
        path: {method: _request_of(whole["paths"][path][method]) for method in methods}
        for path, methods in KEPT.items()
    }
    schemas: dict[str, Any] = {}
    wanted = _references(paths)
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = _bare(whole["components"]["schemas"][name])
            wanted |= _references(schemas[name])
    return {
        "openapi": whole["openapi"],
        "info": {key: whole["info"][key] for key in ("title", "version")},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": whole["components"]["securitySchemes"]},
    }


def _request_of(operation: dict[str, Any]) -> dict[str, Any]:
    return {name: _bare(operation[name]) for name in ("parameters", "requestBody", "security") if name in operation}


def _bare(value: Any) -> Any:
    """The value without prose; a property may be called "description", its schema is no text."""
    if isinstance(value, dict):
        return {
            key: _bare(one)
            for key, one in value.items()
            if not (key in {"description", "summary"} and isinstance(one, str))
            and key != "examples"
            and not key.startswith("x-")
        }
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        here = {value["$ref"].rsplit("/", 1)[-1]} if "$ref" in value else set()
        return here.union(*(_references(one) for one in value.values()))
    return set().union(*(_references(one) for one in value)) if isinstance(value, list) else set()


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:3])
    target.write_text(json.dumps(trim(json.loads(source.read_text())), indent=1, sort_keys=True) + "\n")
