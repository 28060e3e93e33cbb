"""Recordings that wait for Whisper delay no call, and a killed process costs no recording."""

import os
import time
import wave
from dataclasses import replace
from io import BytesIO
from urllib.parse import urlsplit

import psutil
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from calls import dispatcher, operations
from calls.models import Call, Recording, Transcript
from calls.queue import TRANSCRIPTION
from leads.models import Lead
from realty import heartbeat
from realty.management.commands.worker import NAMES, SLOW, cluster
from realty.supervisor import Supervisor
from realty.watchdog import Watchdog
from tests.speech import wav_of
from tests.whisper_model import model_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whisper]

PATIENCE_S = 90


class Transcribers:
    """A cluster of one process that transcribes, in the tests' database; as nice as we are, to save time."""

    def __init__(self, folder, media) -> None:
        self.folder = folder
        program = replace(cluster(TRANSCRIPTION, folder), niceness=0)
        ours = {
            "DJANGO_SETTINGS_MODULE": "realty.settings",
            "DATABASE_URL": database_url(),
            "MEDIA_ROOT": media,
            "TRANSCRIPTION_WORKERS": "1",
            "WHISPER_MODEL": model_folder(),
        }
        self.supervisor = Supervisor([replace(program, env={**program.env, **ours})])
        self.watchdog = Watchdog(self.supervisor, NAMES[TRANSCRIPTION], folder, SLOW)

    def until(self, condition):
        """Let the node live until what must come."""
        end = time.monotonic() + PATIENCE_S
        while not (result := condition()):
            assert time.monotonic() < end, "it did not come"
            self.supervisor.poll(time.monotonic())
            self.watchdog.tick(time.monotonic())
            dispatcher.run_once(timezone.now())
            time.sleep(0.1)
        return result

    def cluster(self) -> dict[str, int]:
        return self.supervisor.pids()

    def at_work(self) -> psutil.Process:
        (busy,) = self.folder.glob("*.busy")
        return psutil.Process(int(busy.stem))


def database_url() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def node(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    folder = tmp_path / "signs"
    folder.mkdir()
    made = Transcribers(folder, settings.MEDIA_ROOT)
    yield made
    heartbeat.ask_to_end(folder)
    made.supervisor.stop(grace_s=8)


def many_times(sound: bytes) -> bytes:
    """The same words for many minutes: Whisper takes them for a loop, and hears them again and again."""
    target = BytesIO()
    with wave.open(BytesIO(sound)) as once, wave.open(target, "wb") as often:
        often.setparams(once.getparams())
        frames = once.readframes(once.getnframes())
        for _ in range(200):
            often.writeframes(frames)
    return target.getvalue()


def record(number: int, sound: bytes) -> Recording:
    lead = Lead.objects.create(name="Meena Kulkarni", phone=f"+9198200123{number:02}")
    call = Call.objects.create(lead=lead, provider="twilio", status="ended", end_reason="completed")
    recording = Recording(call=call, state="kept", transcription="waiting")
    recording.file.save(f"{number}.wav", ContentFile(sound))
    return recording


def execute_next() -> None:
    """Execute the next job of the calls' cluster, as one of its workers would."""
    broker = get_broker()
    while True:
        ((row, payload),) = broker.dequeue()
        task = SignedPackage.loads(payload)
        import_string(task["func"])(*task["args"], **task["kwargs"])
        broker.acknowledge(row)
        if task["func"] != heartbeat.PULSE:
            return


def states() -> list[tuple[str, int]]:
    return list(Recording.objects.order_by("pk").values_list("transcription", "transcription_tries"))


def test_a_backlog_delays_no_call_and_a_killed_process_costs_no_recording(node, providers, now):
    sound = wav_of("I want two bedrooms in Bangalore.")
    long = record(1, many_times(sound))
    record(2, sound)
    node.until(lambda: states()[0] == ("running", 1))

    lead = Lead.objects.create(name="Ravi Rao", phone="+919820012399")
    call = operations.request_call(lead_id=lead.pk, now=now, provider="pretend")
    execute_next()
    node.until(lambda: Call.objects.filter(pk=call.pk, status="ended").exists())
    assert call.turns.exclude(said="").exists()
    assert states()[:2] == [("running", 1), ("waiting", 0)]

    before = node.cluster()
    node.at_work().kill()
    with long.file.storage.open(long.file.name, "wb") as file:
        file.write(sound)  # all of it once more would take a minute
    Recording.objects.filter(pk=long.pk).update(leased_until=timezone.now())
    node.until(lambda: states()[:2] == [("done", 2), ("done", 1)])
    assert node.cluster() == before
    assert list(Transcript.objects.filter(engine="whisper").values_list("recording__transcription", "is_best")) == [
        ("done", True),
        ("done", True),
    ]
