"""Processes that serve for days search for circular garbage seldom, and never among what they loaded at their start."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from realty import heartbeat

SAYS = "import gc; print(gc.get_threshold()[0] >= 10_000, gc.get_freeze_count() > 10_000)"


@pytest.mark.parametrize(
    ("starts", "in_cluster", "rarely"),
    [
        ("import realty.wsgi", False, "True True"),
        ("import django; django.setup()", True, "True True"),
        ("import django; django.setup()", False, "False False"),
    ],
    ids=["the web server", "the job cluster", "a command"],
)
def test_what_serves_searches_rarely(starts, in_cluster, rarely, tmp_path):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "realty.settings", "VAR_DIR": str(tmp_path)}
    environment |= {heartbeat.FOLDER: str(tmp_path)} if in_cluster else {}
    command = [sys.executable, "-c", f"{starts}; {SAYS}"]
    said = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == rarely
