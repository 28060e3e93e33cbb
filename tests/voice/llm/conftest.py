"""A misbehaving server, and a prompt to put to it."""

import pytest

from tests.llm_server import LlmServer
from voice.llm.base import Prompt

SCHEMA = {
    "type": "object",
    "properties": {"plain": {"type": "string"}, "quote": {"type": "string"}},
    "required": ["plain", "quote"],
    "additionalProperties": False,
}
ANSWER = '{"plain": "up to 65 lakh", "quote": "पैंसठ लाख तक"}'


@pytest.fixture
def prompt():
    return Prompt("test", "0123456789ab", "You listen.", "What was said?", SCHEMA)


@pytest.fixture
def server():
    with LlmServer(answer=ANSWER) as running:
        yield running
