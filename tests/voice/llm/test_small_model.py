"""A real model, small as it is: the protocol works with llama.cpp's own server. Its answers are not judged."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.small_model import small_model
from voice.dialogue.advice import Doubt
from voice.llm import build
from voice.llm.advising import SCHEMA, prompt_of
from voice.llm.base import Fault, Prompt, RungError
from voice.llm.openai_compatible import OpenAiCompatible

pytestmark = pytest.mark.llm

WORD = {
    "type": "object",
    "properties": {"word": {"type": "string", "enum": ["red", "blue"]}},
    "required": ["word"],
    "additionalProperties": False,
}
STORY = {"type": "object", "properties": {"a": {"type": "string", "minLength": 1500}}, "required": ["a"]}
PATIENCE_S = 120  # for a machine that is busy with other tests


@pytest.fixture(scope="session")
def address():
    with small_model() as url:
        yield f"{url}/v1"


@pytest.fixture
def rung(address):
    return OpenAiCompatible(address, "small")


def prompt(schema, user="Say hello.", max_tokens=60):
    return Prompt("test", "0123456789ab", "You answer with JSON.", user, schema, max_tokens)


def advice_prompt():
    doubt = Doubt("meaning", "budget", "sixty five ke andar", "en-IN", datetime.now(UTC))
    return prompt_of(doubt, knowledge="", brokerage="Sunrise Realty")


def brief(schema):
    """The same, without room for a small model to talk for ever."""
    if schema["type"] == "object":
        return schema | {"properties": {name: brief(one) for name, one in schema["properties"].items()}}
    if schema["type"] == "array":
        return schema | {"items": brief(schema["items"]), "maxItems": 2}
    return schema if "enum" in schema else schema | {"maxLength": 20}


def test_a_streamed_answer_fits_its_schema_and_its_tokens_are_counted(rung):
    done = rung.complete(prompt(WORD, "Which colour is the sky?"), PATIENCE_S)
    assert json.loads(done.text)["word"] in {"red", "blue"}
    assert done.tokens_in > 10
    assert 3 < done.tokens_out <= 60


def test_our_prompt_and_its_schema_give_json_that_we_can_read(address):
    ladder = build({"primary": {"base_url": address, "model": "small", "timeout_s": PATIENCE_S}})
    question = replace(advice_prompt(), schema=brief(SCHEMA))
    answer = ladder.ask(question, budget_s=PATIENCE_S, read=lambda found: found)
    assert (answer.rung, set(answer.value)) == ("primary", set(question.schema["required"]))
    assert [(one.fault, one.tokens_in > 300, one.tokens_out > 10) for one in answer.attempts] == [("", True, True)]


def test_an_answer_that_needs_more_tokens_than_it_may_have_is_cut_off(rung):
    done = rung.complete(prompt(STORY, max_tokens=20), PATIENCE_S)
    assert (done.is_whole, done.tokens_out) == (False, 20)


def test_a_deadline_frees_the_server_for_the_next_question(rung):
    """It serves one at a time, and the story would take minutes."""
    for _ in range(3):
        with pytest.raises(RungError) as raised:
            rung.complete(prompt(STORY, "Tell a story without an end.", max_tokens=3_900), 0.4)
        assert raised.value.fault is Fault.TIMEOUT
    assert rung.complete(prompt(WORD), 15).tokens_out > 0


def test_a_server_without_that_path_is_not_found(address):
    with pytest.raises(RungError) as raised:
        OpenAiCompatible(f"{address}/nothing", "small").complete(prompt(WORD), PATIENCE_S)
    assert raised.value.fault is Fault.NOT_FOUND
