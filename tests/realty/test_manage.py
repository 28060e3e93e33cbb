"""`manage.py` in a pipe whose reader leaves."""

import json
import os
import subprocess
import sys

import pytest

from tests.realty.running import ROOT, environment

LINE = {"asked": "budget", "text": "fifty lakhs", "now": "2026-03-05T15:00:00+05:30"}


@pytest.fixture
def closed_pipe():
    """The writing end of a pipe that nobody reads from."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["understand", "help"])  # one that flushes each line, one that never does
def test_a_reader_that_left_ends_a_command_quietly(tmp_path, closed_pipe, command, unbuffered):
    file = tmp_path / "utterances.jsonl"
    file.write_text("".join(json.dumps({"id": str(i), **LINE}) + "\n" for i in range(3)))
    run = subprocess.run(
        [sys.executable, "manage.py", command, *([str(file)] if command == "understand" else [])],
        cwd=ROOT,
        env=environment(tmp_path / "var", PYTHONUNBUFFERED=unbuffered),
        stdout=closed_pipe,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (141, "")
