"""Spoken words as files, said by espeak-ng."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def wav_of(text: str, voice: str = "en-us") -> bytes:
    """A WAV of 22,050 Hz in which somebody says `text`."""
    if shutil.which("espeak-ng") is None:
        pytest.fail("espeak-ng is missing; install it: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), text], check=True)
        return path.read_bytes()
