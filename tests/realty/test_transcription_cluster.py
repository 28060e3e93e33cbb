"""The processes that transcribe: they give way to all others, and no web process is one of them."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from realty.management.commands.worker import cluster
from realty.supervisor import Program, Supervisor
from tests.realty.running import ROOT, environment, until

WEB = """
import json, sys
import realty.wsgi
from django.test import Client
answer = Client().get("/health/live")
print(json.dumps([answer.status_code, sorted({"faster_whisper", "ctranslate2", "onnxruntime"} & {*sys.modules})]))
"""


def test_a_web_process_never_loads_whisper(tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WEB],
        cwd=ROOT,
        env=environment(tmp_path, ALLOWED_HOSTS="testserver"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout.splitlines()[-1]) == [200, []]


def test_transcription_gives_way_to_everything_and_takes_one_thread(tmp_path):
    calls, transcription = (cluster(name, tmp_path) for name in ("calls", "transcription"))
    assert (calls.niceness, transcription.niceness) == (0, 19)
    assert {name: transcription.env.get(name) for name in ("Q_CLUSTER_NAME", "OMP_NUM_THREADS")} == {
        "Q_CLUSTER_NAME": "transcription",
        "OMP_NUM_THREADS": "1",
    }


def test_a_program_is_as_nice_as_it_says(tmp_path):
    told = tmp_path / "nice"
    code = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(str(os.nice(0))); import time; time.sleep(60)"
    supervisor = Supervisor([Program("sleeper", (sys.executable, "-c", code), niceness=19)])
    supervisor.poll(0.0)
    assert until(lambda: told.exists() and told.read_text()) == "19"
    supervisor.stop(grace_s=0)


def test_a_process_that_is_stuck_is_noticed_at_all():
    """django-q2 counts down by the guard's cycle, and looks for zero exactly."""
    alone = settings.Q_CLUSTER["ALT_CLUSTERS"]["transcription"]
    assert (alone["timeout"] + 3) % settings.Q_CLUSTER["guard_cycle"] == 0


def test_a_node_that_transcribes_nothing_says_how_it_would(settings):
    settings.TRANSCRIPTION_WORKERS = 0
    with pytest.raises(CommandError, match="TRANSCRIPTION_WORKERS is 0 here; set it to how many"):
        call_command("worker", "--only", "transcription")
