"""What no caller says: markup, code, queries, escapes, and orders to a language model. None of it answers anything."""

from __future__ import annotations

import re

from voice.understanding.text import MAX_CHARS

_MARKUP = re.compile(
    r"<\s*[/!?]?\s*[a-z][^<>]*>|<[!?/]|<\||\{\s*['\"%{]|\$\{|\{\{|\]\(|\[/?inst\]|[\x00-\x08\x0e-\x1f]|\\x[0-9a-f]{2}",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:drop|alter|truncate|create)\s+(?:table|database|schema)\b|\bselect\b.{0,80}?\bfrom\b.{0,80}?(?:\bwhere\b|;)"
    r"|\bselect\s+\*|\bunion\s+(?:all\s+)?select\b|\binsert\s+into\b|\bdelete\s+from\s+\w+\s*(?:;|where\b)"
    r"|\bor\s+'?1'?\s*=\s*'?1|';|--\s*$|\bimport\s+os\b|\brm\s+-rf\b|/etc/passwd|javascript:|\w\(['\"].{0,80}?['\"]\)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"^\s*(?:system|assistant|developer|user|tool)\s*:|#{2,}\s*\w|\b(?:system prompt|jailbreak|developer mode)\b"
    r"|\b(?:ignore|forget|disregard|override|bypass|bhool|neglect)\b(?:\s+\w+){0,5}?"
    r"\s+(?:instructions?|rules|prompts?|guidelines|programming|directives)\b"
    r"|\b(?:instructions?|prompts?|guidelines)\b(?:\s+\w+){0,3}?\s+(?:ignore|bhool|chhod|bhula)\b"
    r"|\b(?:set|mark|record|flag|log|put)\b(?:\s+\w+){0,3}?\s+(?:consent|lead|slot|qualified)\b"
    r"|\b(?:consent|qualified|slot)\s*(?:=|:|to|as|is)\s*(?:true|false|yes|null)\b"
    r"|\b(?:the\s+)?assistant\s+(?:must|should|will|shall|is\s+to)\b|\byou\s+are\s+now\s+(?:dan|in\s+\w+\s+mode)\b",
    re.IGNORECASE,
)


def is_unspoken(text: str) -> bool:
    """True for tags, objects, queries and escapes, in as much of a text as is read at all."""
    opening = text[:MAX_CHARS]
    return bool(_MARKUP.search(opening) or _CODE.search(opening))


def is_order(text: str) -> bool:
    """True for what is meant for a language model, such as "ignore previous instructions"."""
    return bool(_ORDER.search(text))
