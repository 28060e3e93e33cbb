"""Talking to the agent in the terminal, with and without a language model."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.llm_server import LlmServer


def talk(monkeypatch, said, *arguments):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in said)))
    call_command("talk", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def model(settings):
    with LlmServer() as server:
        primary = {"base_url": f"{server.url}/v1", "model": "small", "api_key": "", "timeout_s": 2.0}
        settings.LANGUAGE_MODELS = {"primary": primary}
        yield server


def test_each_turn_shows_what_was_noted_and_from_which_words(monkeypatch):
    shown = talk(monkeypatch, ["Priya", "2 BHK flat in Wakad", "up to 70 lakh"])
    assert 'locations = [{"city": "Pune", "locality": "Wakad"}]  from "Wakad"' in shown
    assert 'budget_max = 7000000  from "up to 70 lakh"' in shown
    assert "(the line drops)" in shown


def test_a_correction_is_shown_as_one(monkeypatch):
    shown = talk(monkeypatch, ["Priya", "flat in Wakad", "2 BHK", "sorry, 3 BHK and 80 lakh"])
    assert "bedrooms_min was 2; the caller took that back" in shown


def test_without_a_model_the_cure_is_named(monkeypatch, settings):
    settings.LANGUAGE_MODELS = {}
    with pytest.raises(CommandError, match="Set LLM_MODEL"):
        talk(monkeypatch, [], "--provider", "llm")


def test_a_model_is_asked_where_the_rules_are_unsure(monkeypatch, model):
    suggestion = {"question": "budget", "quote": "sixty five lakh", "plain": "up to 65 lakh"}
    nothing = {"intent": "", "intent_quote": "", "answer": "", "answer_quote": ""}
    model.answer = json.dumps({"suggestions": [suggestion], **nothing})
    loan = "company gave us a loan of sixty five lakh so that much"
    shown = talk(monkeypatch, ["Priya", "flat in Wakad", "2 BHK", loan], "--provider", "llm")
    assert ("asked primary (small): answered" in shown, "by primary" in shown) == (True, True)
    assert 'budget_max = 6500000  from "sixty five lakh"' in shown
    assert len(model.requests) == 1


def test_a_question_is_answered_from_the_file_given(monkeypatch, model, tmp_path):
    known = tmp_path / "knowledge.txt"
    known.write_text("Visits are free on any day.", "utf-8")
    model.answer = json.dumps(
        {
            "suggestions": [],
            "intent": "",
            "intent_quote": "",
            "answer": "Visits are free.",
            "answer_quote": "Visits are free on any day.",
        }
    )
    said = ["Priya", "what do you charge for a site visit?"]
    assert "Visits are free on any day." in talk(monkeypatch, said, "--provider", "llm", "--knowledge", str(known))


def test_a_file_that_cannot_be_read_is_a_sentence(monkeypatch, tmp_path):
    with pytest.raises(CommandError, match="cannot be read as text"):
        talk(monkeypatch, [], "--knowledge", str(tmp_path / "none.txt"))
