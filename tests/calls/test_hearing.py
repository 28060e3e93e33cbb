"""What becomes of a recording that waits for Whisper: heard once, whoever tries, and said in a sentence where not."""

import shutil
import subprocess
import wave
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from calls.models import Call, Recording, RecordingState, Transcript, Turn
from calls.operations import evidence, hearing
from calls.operations.hearing_lease import LEASE
from leads.models import Lead
from tests.heard_calls import hold
from tests.whisper_model import model_folder
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db

GREETING = "Hello, this is Asha from Lakeview Homes. Are you looking for a flat?"
ANSWER = "Yes, I want two bedrooms in Bangalore."


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def call():
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345")
    call = Call.objects.create(lead=lead, provider="twilio", status="ended", end_reason="completed")
    Turn.objects.create(call=call, number=0, said=GREETING)
    Turn.objects.create(call=call, number=1, heard="yes two bedroom", confidence=0.8, said="Where?")
    return call


def wav(*channels: np.ndarray, rate: int = 8_000) -> bytes:
    length = max(channel.size for channel in channels)
    padded = [np.pad(channel, (0, length - channel.size)) for channel in channels]
    target = ContentFile(b"")
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(padded, axis=1).astype("<i2").tobytes())
    target.seek(0)
    return target.read()


SILENCE = np.zeros(8_000, np.int16)


def waiting(call: Call, content: bytes = wav(SILENCE), **fields) -> Recording:
    number = Recording.objects.count()
    recording = Recording(
        call=call, provider_recording_id=f"RE{number}", state="kept", transcription="waiting", duration_s=1, **fields
    )
    recording.file.save(f"{number}.wav", ContentFile(content))
    return recording


def state(recording: Recording) -> tuple[str, int, str]:
    recording.refresh_from_db()
    return recording.transcription, recording.transcription_tries, recording.transcription_error


def best(call: Call) -> list[tuple[str, str]]:
    return list(call.transcripts.filter(is_best=True).values_list("engine", "why"))


def queued() -> list[tuple[str, int]]:
    """The cluster and the recording of each job."""
    return [
        (row.key, SignedPackage.loads(row.payload)["kwargs"]["recording_id"]) for row in OrmQ.objects.order_by("pk")
    ]


def test_a_recording_waits_until_its_call_is_over(call, now):
    waiting(call)
    Call.objects.update(status="in_progress", end_reason="")
    assert (hearing.hear_due(now=now), hearing.next_waiting(now=now)) == (0, None)
    Call.objects.update(status="ended", end_reason="completed")
    assert (hearing.next_waiting(now=now), hearing.hear_due(now=now)) == (Recording.objects.get().pk, 1)


def test_what_waits_is_queued_once_for_the_cluster_that_transcribes(call, now, django_capture_on_commit_callbacks):
    recording = waiting(call)
    with django_capture_on_commit_callbacks(execute=True):
        assert [hearing.hear_due(now=now), hearing.hear_due(now=now)] == [1, 0]
    assert queued() == [("transcription", recording.pk)]


def test_a_long_backlog_is_queued_bit_by_bit(call, now, django_capture_on_commit_callbacks):
    first = waiting(call)
    Recording.objects.bulk_create(
        Recording(
            call=call, provider_recording_id=f"RX{n}", state="kept", file=first.file.name, transcription="waiting"
        )
        for n in range(40)
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert hearing.hear_due(now=now) == 32
    with django_capture_on_commit_callbacks(execute=True):
        assert hearing.hear_due(now=now) == 0
    OrmQ.objects.first().delete()
    assert hearing.hear_due(now=now) == 1


def test_a_job_that_was_lost_is_queued_again(call, now, django_capture_on_commit_callbacks):
    waiting(call)
    assert [hearing.hear_due(now=now + timedelta(minutes=minutes)) for minutes in (0, 9, 11)] == [1, 0, 1]


def test_silence_is_transcribed_and_the_words_heard_live_stand(call, now):
    recording = waiting(call)
    assert hearing.transcribe(recording.pk, now=now) == "done"
    assert (*state(recording), recording.progress, recording.lease) == ("done", 1, "", 100, "")
    assert best(call) == [("provider", "whisper_silent")]
    assert [line["text"] for line in call.transcripts.get(is_best=True).lines] == [
        GREETING,
        "yes two bedroom",
        "Where?",
    ]


def test_who_is_erased_while_their_recording_is_heard_leaves_nothing(call, now):
    def erase() -> bool:
        Call.objects.all().delete()
        return True

    def erase_and_fail() -> bool:
        erase()
        raise OSError

    for tries, becomes_of_it in ((0, erase), (2, erase_and_fail)):
        recording = waiting(call, transcription_tries=tries)
        assert hearing.transcribe(recording.pk, now=now, goes_on=becomes_of_it) == "lost"
        assert Transcript.objects.count() == 0
        call.pk = None
        call.save()


def test_a_caller_who_switched_is_heard_in_the_language_that_was_spoken_in_the_end(now):
    agent = VoiceAgent.objects.create(language="en-IN")
    held = hold([("kya aap hindi mein baat kar sakte hain", 0.9)], now=now, agent=agent, started=False)
    assert held.dialogue["language"] == "hi-IN"
    assert hearing.transcribe(waiting(held).pk, now=now) == "done"
    assert held.transcripts.get(engine="whisper").language == "hi"


def test_of_two_that_try_one_transcribes(call, now):
    recording = waiting(call)
    second = []

    def try_too() -> bool:
        second.append(hearing.transcribe(recording.pk, now=now))
        return True

    assert hearing.transcribe(recording.pk, now=now, goes_on=try_too) == "done"
    assert set(second) == {"not waiting"}
    assert state(recording) == ("done", 1, "")


def test_who_lost_the_lease_writes_nothing(call, now):
    recording = waiting(call)

    def lose() -> bool:
        Recording.objects.update(lease="another's")
        return True

    assert hearing.transcribe(recording.pk, now=now, goes_on=lose) == "lost"
    assert (*state(recording), recording.lease) == ("running", 1, "", "another's")
    assert Transcript.objects.count() == 0


def test_what_is_deleted_meanwhile_gets_no_transcript(call, now):
    recording = waiting(call)

    def delete() -> bool:
        Recording.objects.update(state=RecordingState.DELETED, file="")
        return True

    assert hearing.transcribe(recording.pk, now=now, goes_on=delete) == "lost"
    assert Transcript.objects.count() == 0


def test_a_process_that_is_to_end_gives_the_recording_back(call, now):
    recording = waiting(call)
    assert hearing.transcribe(recording.pk, now=now, goes_on=lambda: False) == "stopped"
    assert (*state(recording), recording.leased_until) == ("waiting", 0, "", None)


def test_ctrl_c_gives_the_recording_back(call, now):
    recording = waiting(call)

    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hearing.transcribe(recording.pk, now=now, goes_on=interrupt)
    assert (*state(recording), recording.leased_until) == ("waiting", 0, "", None)


def test_a_recording_whose_process_was_killed_is_taken_up_again(call, now):
    recording = waiting(call, transcription_tries=1)
    Recording.objects.update(transcription="running", lease="gone", leased_until=now + LEASE)
    assert hearing.hear_due(now=now) == 0
    assert hearing.hear_due(now=now + LEASE) == 1
    assert hearing.transcribe(recording.pk, now=now + LEASE) == "done"
    assert state(recording) == ("done", 2, "")


def test_a_recording_that_kills_its_process_each_time_is_given_up(call, now):
    recording = waiting(call, transcription_tries=3)
    Recording.objects.update(transcription="running", lease="gone", leased_until=now)
    assert hearing.hear_due(now=now) == 0
    sentence = (
        "The process that transcribed it was killed 3 times, mostly for want of memory. Give the machine more, lower "
        "TRANSCRIPTION_WORKERS or choose a smaller WHISPER_MODEL, and transcribe it again."
    )
    assert state(recording) == ("failed", 3, sentence)
    assert best(call) == [("provider", "whisper_failed")]


def test_what_is_no_recording_fails_with_a_sentence_and_the_words_heard_live_stand(call, now):
    recording = waiting(call, b"RIFFnothing to hear in here")
    assert hearing.transcribe(recording.pk, now=now) == "failed"
    sentence = "The recording is not a recording we can read; give a WAV, MP3, M4A, OGG or FLAC file."
    assert state(recording) == ("failed", 1, sentence)
    assert best(call) == [("provider", "whisper_failed")]


def test_a_file_that_is_gone_fails_with_a_sentence(call, now):
    recording = waiting(call)
    recording.file.storage.delete(recording.file.name)
    assert hearing.transcribe(recording.pk, now=now) == "failed"
    assert state(recording)[2].startswith("Its file is not in the storage any more.")


def test_a_storage_that_cannot_be_read_is_waited_for_and_costs_no_try(call, now, tmp_path):
    recording = waiting(call)
    path = tmp_path / "media" / recording.file.name
    path.unlink()
    path.mkdir()
    sentence = (
        "The recording could not be read (Is a directory). "
        "Make room in MEDIA_ROOT and VAR_DIR, and let the worker read and write there."
    )
    for _ in range(4):
        assert (hearing.transcribe(recording.pk, now=now), state(recording)) == ("later", ("waiting", 0, sentence))
    soon, later = now + timedelta(minutes=4), now + timedelta(minutes=6)
    assert [hearing.hear_due(now=at) for at in (now, soon, later)] == [0, 0, 1]
    path.rmdir()
    path.write_bytes(wav(SILENCE))
    assert (hearing.transcribe(recording.pk, now=later), state(recording)) == ("done", ("done", 1, ""))


def test_what_nobody_foresaw_is_tried_three_times(call, now, monkeypatch):
    recording = waiting(call)
    monkeypatch.setattr(evidence, "read", lambda *_, **__: 1 / 0)
    told = [(hearing.transcribe(recording.pk, now=now), state(recording)[0]) for _ in range(3)]
    assert told == [("again", "waiting"), ("again", "waiting"), ("failed", "failed")]
    assert state(recording)[2].startswith("Something unforeseen happened")


def test_who_works_through_a_backlog_leaves_what_they_tried_already(call, now):
    first, second = waiting(call), waiting(call)
    tried = [(), (first.pk,), (first.pk, second.pk)]
    assert [hearing.next_waiting(now=now, but=pks) for pks in tried] == [first.pk, second.pk, None]


def test_whoever_is_stopped_as_soon_as_a_recording_is_theirs_gives_it_back(call, now):
    recording, stopped = waiting(call, wav(SILENCE)), []

    def stop(execute, sql, *args):
        done = execute(sql, *args)
        if sql.startswith("UPDATE") and not stopped:
            stopped.append(sql)
            raise SystemExit
        return done

    with connection.execute_wrapper(stop), pytest.raises(SystemExit):
        hearing.transcribe(recording.pk, now=now)
    assert (state(recording), len(stopped)) == (("waiting", 0, ""), 1)


def test_staff_have_it_transcribed_again(call, now):
    recording = waiting(call, b"not yet repaired")
    hearing.transcribe(recording.pk, now=now)
    assert hearing.retranscribe(recording.pk) is True
    assert state(recording) == ("waiting", 0, "")
    assert hearing.retranscribe(recording.pk) is False


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    """The agent's and the caller's words, one after the other: 8 kHz samples of two channels."""
    if shutil.which("espeak-ng") is None:
        pytest.fail("espeak-ng is missing; install it: apt-get install espeak-ng")
    folder = tmp_path_factory.mktemp("voices")
    spoken = []
    for name, voice, text in (("agent", "en-us", GREETING), ("caller", "en-us+m3", ANSWER)):
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(folder / name), text], check=True)
        with wave.open(str(folder / name)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            places = np.arange(0, samples.size, file.getframerate() / 8_000)
            spoken.append(np.interp(places, np.arange(samples.size), samples).astype(np.int16))
    agent, caller = spoken
    pause = np.zeros(agent.size + 4_000, np.int16)
    return agent, np.concatenate([pause, caller])


@pytest.mark.whisper
def test_the_callers_channel_is_found_where_the_provider_guessed_the_agents(call, now, voices, settings):
    settings.WHISPER_MODEL = model_folder()
    wrong = waiting(call, wav(*voices), channels=2, caller_channel=0)
    assert hearing.transcribe(wrong.pk, now=now) == "done"
    wrong.refresh_from_db()
    transcript = Transcript.objects.get(is_best=True)
    assert (wrong.caller_channel, transcript.engine, transcript.recording_id) == (1, "whisper", wrong.pk)
    assert {line["speaker"] for line in transcript.lines} == {"agent", "caller"}
    words = " ".join(line["text"] for line in transcript.lines).lower()
    assert "in bangalore" in words
    assert "lakeview" not in words
    later = Call.objects.create(lead=call.lead, provider="twilio", status="ended", end_reason="completed")
    next_one = waiting(later, wav(SILENCE, SILENCE), channels=2, caller_channel=0)
    assert hearing.transcribe(next_one.pk, now=now) == "done"
    next_one.refresh_from_db()
    assert next_one.caller_channel == 1


@pytest.mark.whisper
def test_who_took_the_call_over_is_heard_on_the_agents_channel(call, now, voices, settings):
    settings.WHISPER_MODEL = model_folder()
    agent, caller = voices
    again = np.concatenate([agent, np.zeros(caller.size, np.int16), agent])  # the same voice stands for staff
    taken = now + timedelta(seconds=caller.size / 8_000)
    Call.objects.filter(pk=call.pk).update(transfer_state="accepted", transferred_at=taken, disposition="human")
    recording = waiting(call, wav(caller, again), channels=2, caller_channel=0, started_at=now)
    assert hearing.transcribe(recording.pk, now=now) == "done"
    lines = [one for one in Transcript.objects.get(is_best=True).lines if one["text"]]
    assert [one["speaker"] for one in lines][:: len(lines) - 1] == ["caller", "staff"]
    said = {who: " ".join(one["text"] for one in lines if one["speaker"] == who).lower() for who in ("caller", "staff")}
    assert ("are you looking for a" in said["staff"], "bangalore" in said["caller"]) == (True, True)


@pytest.mark.whisper
def test_a_call_is_read_again_before_anything_is_locked_and_once(now, voices, settings, monkeypatch):
    settings.WHISPER_MODEL = model_folder()
    held, locked = hold([("yes", 0.9), ("2 BHK in Wakad", 0.9)], now=now, started=False), []
    read = evidence.read

    def watched(*args, **kwargs):
        locked.append(bool(connection.savepoint_ids))
        return read(*args, **kwargs)

    monkeypatch.setattr(evidence, "read", watched)
    assert hearing.transcribe(waiting(held, wav(voices[1])).pk, now=now) == "done"
    assert locked == [False]


@pytest.mark.whisper
def test_a_model_that_is_not_there_is_told_with_its_cure(call, now, voices, settings, tmp_path):
    settings.WHISPER_MODEL = str(tmp_path)
    recording = waiting(call, wav(voices[1]))
    assert hearing.transcribe(recording.pk, now=now) == "failed"
    sentence = state(recording)[2]
    assert sentence.startswith(f"The folder {tmp_path} lacks model.bin")
    assert sentence.endswith("; set WHISPER_MODEL to a folder with a CTranslate2 Whisper model.")
