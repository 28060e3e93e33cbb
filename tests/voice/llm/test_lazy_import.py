"""google-generativeai takes a second and 60 MB, and is not imported before its rung is tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm_server import LlmServer

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns  # all that a web server imports
import realty.wsgi, calls.tasks, calls.operations
from datetime import UTC, datetime
from voice import llm
from voice.dialogue.advice import Doubt
from calls.lines import language_models

doubt = Doubt(kind="meaning", asked="budget", text="hm", language="en-IN", now=datetime.now(UTC))
ladder = language_models()
advised = llm.advise(ladder, doubt, knowledge="", brokerage="B", budget_s=20)
loaded = [name for name in ("google.generativeai", "google.ai", "grpc", "google.protobuf") if name in sys.modules]
print([rung.name for rung in ladder.rungs], advised.rung, loaded)
"""
FITTING = '{"suggestions": [], "intent": "", "intent_quote": "", "answer": "", "answer_quote": ""}'


@pytest.mark.parametrize(
    ("variables", "faults", "printed"),
    [
        ({}, [], "[] rules []"),
        ({"LLM_MODEL": "small"}, ["500"], "['primary'] rules []"),
        ({"LLM_MODEL": "small", "GEMINI_MODEL": "some", "GEMINI_API_KEY": "k"}, [], "['primary', 'gemini'] primary []"),
        (
            {"LLM_MODEL": "small", "GEMINI_MODEL": "some", "GEMINI_API_KEY": "k"},
            ["500"],
            "['primary', 'gemini'] gemini ['google.generativeai', 'google.ai', 'grpc', 'google.protobuf']",
        ),
    ],
)
def test_gemini_s_library_is_imported_when_its_rung_is_tried_and_not_before(tmp_path, variables, faults, printed):
    with LlmServer(answer=FITTING, faults=faults) as server:
        addresses = {"LLM_BASE_URL": f"{server.url}/v1", "GEMINI_BASE_URL": server.url, "LLM_TIMEOUT_S": "20"}
        done = subprocess.run(
            [sys.executable, "-W", "error::FutureWarning", "-c", PROGRAM],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "realty.settings", "VAR_DIR": str(tmp_path)}
            | addresses
            | variables,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.splitlines()[-1:] == [printed], done.stderr
