"""A model's answer is mended in form and refused as a whole where it does not fit."""

import pytest

from tests.voice.llm.conftest import ANSWER, SCHEMA
from voice.llm.advising import SCHEMA as ADVICE
from voice.llm.base import Fault, RungError
from voice.llm.reading import read
from voice.llm.summaries import SCHEMA as SUMMARY

VALUE = {"plain": "up to 65 lakh", "quote": "पैंसठ लाख तक"}


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"```json\n{ANSWER}\n```",
        f"Sure! Here it is: {ANSWER} Anything else?",
        f"<think>The {{caller}} says so.</think>\n{ANSWER}",
        f"[{ANSWER}]",
        "{'plain': 'up to 65 lakh', 'quote': 'पैंसठ लाख तक',}",
        '{plain: "up to 65 lakh", quote: "पैंसठ लाख तक"}',
        '{"plain": "up to 65 lakh", "quote": "पैंसठ लाख तक", // as said\n}',
    ],
)
def test_an_answer_whose_form_alone_is_wrong_is_mended(text):
    assert read(text, SCHEMA) == VALUE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        "}{",
        "[]",
        "{}",
        '{"plain": "up to 65 lakh"}',
        '{"plain": "up to 65 lakh", "quote": "पैंस',
        '{"plain": "up to 65 lakh", "quote": null}',
        '{"plain": "up to 65 lakh", "quote": ["a"]}',
        '{"plain": 65, "quote": "a"}',
        '{"plain": NaN, "quote": "a"}',
        '{"plain": "a", "quote": "b", "consent": true}',
        f"{ANSWER} or rather {ANSWER}",
        '{"plain": "\\u0000", "quote": "a"}',
        '{"plain": "\\ud800", "quote": "a"}',
        "{" * 16_000 + "}",
        '{"a":' * 4_000 + "}" * 4_000,
        '{"a":[' + "[" * 15_000 + "}",
        "{'" + '"' * 15_000 + "}",
        "{" + "\\" * 15_000 + "}",
        "{" + "'a',b:" * 2_500 + "}",
    ],
)
def test_an_answer_that_does_not_fit_is_refused_as_a_whole(text):
    with pytest.raises(RungError) as raised:
        read(text, SCHEMA)
    assert raised.value.fault is Fault.GARBAGE


@pytest.mark.parametrize("schema", [ADVICE, SUMMARY])
def test_every_property_is_required_so_that_half_an_answer_never_fits(schema):
    objects = [schema, *(one["items"] for one in schema["properties"].values() if "items" in one)]
    for one in objects:
        assert (set(one["required"]), one["additionalProperties"]) == (set(one["properties"]), False)


def test_no_beginning_of_an_answer_passes_for_the_whole():
    whole = (
        '{"suggestions": [{"question": "budget", "quote": "a", "plain": "b"}, '
        '{"question": "location", "quote": "c", "plain": "d"}], '
        '"intent": "", "intent_quote": "", "answer": "", "answer_quote": ""}'
    )
    assert read(whole, ADVICE)
    for end in range(len(whole)):
        with pytest.raises(RungError):
            read(whole[:end], ADVICE)
