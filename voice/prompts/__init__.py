"""Prompts as texts with named holes; `filled(name, **holes)` reads `name`.md beside this file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_HOLE = re.compile(r"\{\{(\w+)\}\}")
_USER = "\n# User\n"


class PromptError(Exception):
    """A prompt and what should fill it do not fit; a mistake of ours, never of the caller's."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt ready to be sent. `version` is the first 12 hex digits of the SHA-256 of the text with its holes."""

    name: str
    version: str
    system: str
    user: str


def filled(name: str, **holes: str) -> Filled:
    """The prompt `name` with every hole filled; what fills a hole is never searched for holes itself.

    :raises PromptError: when the prompt lacks a hole that is given, has one that is not, or has no part for the user.
    """
    text = _text(name)
    wanted = set(_HOLE.findall(text))
    if wanted != set(holes):
        raise PromptError(f"{name}.md has the holes {sorted(wanted)}, and {sorted(holes)} were given.")
    system, found, user = text.partition(_USER)
    if not found:
        raise PromptError(f'{name}.md has no line "# User" between what is told and what is asked.')
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Filled(name, version, _put(system, holes), _put(user, holes))


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def _put(text: str, holes: dict[str, str]) -> str:
    return _HOLE.sub(lambda match: holes[match[1]], text).strip()
