"""`manage.py transcribe --backlog` as a person runs it."""

import os
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from calls.management.backlog import leave_at_a_signal
from calls.models import Call, Recording, Transcript
from leads.models import Lead
from tests.flows.test_transcription_backlog import database_url, many_times
from tests.realty.running import until
from tests.sounds import wav
from tests.speech import wav_of
from tests.whisper_model import model_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whisper]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(settings, tmp_path):
    """Start it on the tests' database."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    ours = {
        "DJANGO_SETTINGS_MODULE": "realty.settings",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "TRANSCRIPTION_WORKERS": "1",
    }

    def start(*options: str, model: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "transcribe", "--backlog", *options],
            cwd=ROOT,
            env=os.environ | ours | {"WHISPER_MODEL": model},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


def record(number: int, sound: bytes, **fields) -> Recording:
    lead = Lead.objects.create(name="Meena Kulkarni", phone=f"+9198200123{number:02}")
    call = Call.objects.create(lead=lead, provider="twilio", status="ended", end_reason="completed")
    recording = Recording(call=call, **{"state": "kept", "transcription": "waiting", "duration_s": 6} | fields)
    recording.file.save(f"{number}.wav", ContentFile(sound))
    return recording


def states() -> list[tuple[str, int]]:
    return list(Recording.objects.order_by("pk").values_list("transcription", "transcription_tries"))


def test_a_model_that_is_not_there_fails_no_recording(command, tmp_path):
    record(1, wav(0))
    run = command(model=str(tmp_path))
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (1, "")
    assert err.startswith(f"CommandError: The folder {tmp_path} lacks model.bin")
    assert states() == [("waiting", 0)]


def test_whoever_gives_back_what_is_half_heard_is_not_told_a_second_time_to_stop():
    def stopped_twice():
        leave_at_a_signal()
        try:
            signal.raise_signal(signal.SIGINT)
        except SystemExit:
            signal.raise_signal(signal.SIGTERM)
            os._exit(7)

    child = get_context("fork").Process(target=stopped_twice)
    child.start()
    child.join(30)
    assert child.exitcode == 7


def test_ctrl_c_loses_nothing_and_the_next_run_ends_it(command):
    sound = wav_of("I want two bedrooms in Bangalore.")
    record(1, many_times(sound))  # one that Whisper hears for minutes
    broken = record(2, b"RIFF, and nothing more", transcription="failed", transcription_tries=1)
    run = command("--nice", "0", model=model_folder())
    until(lambda: states()[0] == ("running", 1))
    os.killpg(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert (run.returncode, out) == (0, "0 recordings (0.0 minutes) transcribed, 1 still waits.\n")
    assert states() == [("waiting", 0), ("failed", 1)]

    first = Recording.objects.first()
    with first.file.storage.open(first.file.name, "wb") as file:
        file.write(sound)
    run = command("--failed", "--nice", "0", model=model_folder())
    out, _ = run.communicate(timeout=60)
    assert out == (
        "1 recording (0.1 minutes) transcribed, 1 could not be.\n"
        f"Recording {broken.pk}: The recording is not a recording we can read; "
        "give a WAV, MP3, M4A, OGG or FLAC file.\n"
    )
    assert states() == [("done", 1), ("failed", 1)]
    assert Transcript.objects.filter(engine="whisper", is_best=True).count() == 1
