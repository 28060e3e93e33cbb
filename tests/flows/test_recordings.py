"""Recordings, from the provider's word of them to a file that is kept, and to one that nobody has any more."""

import hashlib
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django_q.models import OrmQ

from calls import operations
from calls.models import Call, OwedDeletion, Recording
from calls.operations import owing, recordings, shelf
from leads.models import Lead
from tests.sounds import wav
from tests.twilio_line import payload
from voice import personas
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)

SID = "RE" + "1".zfill(32)
SOUND = wav(440, 660)
DIGEST = hashlib.sha256(SOUND).hexdigest()
NAME = f"recordings/{DIGEST[:2]}/{DIGEST}.wav"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def jobs(monkeypatch):
    """Jobs as they are queued, which no worker executes."""
    queued = []
    monkeypatch.setattr("calls.operations.recordings.enqueue", lambda path, **about: queued.append((path, about)))
    return queued


@pytest.fixture
def call(lead, api, now):
    """One that Twilio talks on."""
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    call.refresh_from_db()
    return call


def announce(line, call, **more):
    form = {**payload("recording_completed_dual"), "CallSid": call.provider_call_id, **more}
    answer = line.post(f"/webhooks/twilio/recording?call={call.pk}", **form)
    assert answer.status_code == 200


def files(media) -> list[str]:
    return sorted(str(one.relative_to(media)) for one in Path(media).rglob("*") if one.is_file())


def test_a_recording_is_fetched_once_it_is_announced_and_kept_by_its_content(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    with recording.file.open("rb") as file:
        assert file.read() == SOUND
    told = ("kept", NAME, DIGEST, len(SOUND), "audio/x-wav", 2, 0, 1, now, "waiting", "", 0, "", None)
    assert told == tuple(
        Recording.objects.values_list(
            "state", "file", "sha256", "size_bytes", "content_type", "channels", "caller_channel", "duration_s",
            "kept_at", "transcription", "error", "fetch_tries", "lease", "leased_until",
        ).get()
    )  # fmt: skip
    assert [len(one) for one in recording.peaks] == [800, 800]
    asked = [(one.path, one.query, one.authorization[:6]) for one in api.requests if "/Recordings/" in one.path]
    path = f"/2010-04-01/Accounts/AC{'0' * 31}1/Recordings/{SID}.wav"
    assert asked == [(path, {"RequestedChannels": ["2"]}, "Basic ")]


def test_what_is_announced_twice_and_whose_first_worker_was_killed_is_kept_once(line, call, api, media, now, jobs):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    announce(line, call, RecordingDuration="42")
    recording = Recording.objects.get()
    soon = now + timedelta(days=365)  # the webhook came by the real clock
    assert (recordings.fetch_due(now=soon), recordings.fetch_due(now=soon)) == (1, 0)
    assert jobs == [("calls.tasks.fetch_recording", {"recording_id": recording.pk})]
    # The worker takes it, writes half of the file, and is killed.
    Recording.objects.update(lease="a dead worker's", leased_until=soon + timedelta(seconds=120), sha256=DIGEST)
    (media / NAME).parent.mkdir(parents=True)
    (media / NAME).write_bytes(SOUND[:100])
    assert recordings.fetch(recording.pk, now=soon) == "moved"
    later = soon + timedelta(seconds=121)
    assert recordings.fetch_due(now=later) == 1
    assert recordings.fetch(recording.pk, now=later) == "kept"
    assert recordings.fetch(recording.pk, now=later) == "moved"
    assert Recording.objects.values_list("state", "file").get() == (
        "kept",
        NAME.replace(".wav", f"-{recording.pk}.wav"),
    )
    with default_storage.open(Recording.objects.get().file.name) as file:
        assert file.read() == SOUND


def test_a_file_that_a_killed_worker_had_written_whole_is_taken_as_it_is(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    (media / NAME).parent.mkdir(parents=True)
    (media / NAME).write_bytes(SOUND)
    assert recordings.fetch(Recording.objects.get().pk, now=now) == "kept"
    assert files(media) == [NAME]


def kept(call, sid, now) -> Recording:
    Recording.objects.create(call=call, provider_recording_id=sid, channels=2, fetch_after=now)
    recording = Recording.objects.get(provider_recording_id=sid)
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    return recording


def test_content_that_two_recordings_share_is_stored_once_and_stays_until_the_last_of_them_goes(call, api, media, now):
    other = "RE" + "2".zfill(32)
    api.recordings |= {sid: {"call_sid": call.provider_call_id, "media": SOUND} for sid in (SID, other)}
    one, two = kept(call, SID, now), kept(call, other, now)
    assert files(media) == [NAME]
    recordings.delete(one, state="deleted", now=now)
    assert (files(media), one.state, one.file.name) == ([NAME], "deleted", "")
    recordings.delete(two, state="deleted", now=now)
    recordings.delete(two, state="refused", now=now)
    assert files(media) == []
    assert set(Recording.objects.values_list("state", "sha256", "delete_there", "deleted_at")) == {
        ("deleted", "", True, now)
    }


def test_content_that_is_being_taken_off_this_moment_is_stored_under_a_name_of_its_own(call, api, media, now):
    other = "RE" + "2".zfill(32)
    api.recordings |= {sid: {"call_sid": call.provider_call_id, "media": SOUND} for sid in (SID, other)}
    one = kept(call, SID, now)
    Recording.objects.filter(pk=one.pk).update(state="deleted", file="", delete_there=True)  # and its file is not yet
    two = kept(call, other, now)
    assert two.file.name == NAME.replace(".wav", f"-{two.pk}.wav")
    Call.objects.update(status="ended")
    assert recordings.delete_there(one.pk, now=now) == "deleted"
    assert (files(media), sorted(api.recordings)) == ([two.file.name], [other])


def test_a_purge_of_thousands_does_not_bury_the_calls_that_are_to_be_dialled(call, now):
    rows = [Recording(call=call, provider_recording_id=f"RE{n}", state="deleted", delete_there=True) for n in range(50)]
    Recording.objects.bulk_create(rows)
    owed = [OwedDeletion(provider="twilio", provider_call_id="CA1", after=now) for _ in range(50)]
    OwedDeletion.objects.bulk_create(owed)
    OrmQ.objects.all().delete()
    assert [recordings.delete_there_due(now=now), recordings.delete_there_due(now=now)] == [20, 0]
    OrmQ.objects.all().delete()
    assert [owing.delete_owed_due(now=now), owing.delete_owed_due(now=now)] == [20, 0]


def test_what_is_not_there_yet_is_asked_for_ever_less_often_and_given_up_after_a_day(call, api, now):
    waits = [recordings.wait_after(tries).total_seconds() for tries in range(1, 150)]
    assert waits[:9] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert timedelta(hours=23) < timedelta(seconds=sum(waits)) < timedelta(hours=25)
    recording = Recording.objects.create(call=call, provider_recording_id=SID, fetch_after=now, fetch_tries=148)
    assert recordings.fetch(recording.pk, now=now) == "not_yet"
    told = Recording.objects.values_list("state", "fetch_after", "error", "lease", "fetch_tries")
    sentence = "The provider does not have the recording yet."
    assert told.get() == ("announced", now + timedelta(minutes=10), sentence, "", 149)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    assert told.get() == ("failed", None, sentence, "", 150)


def test_a_call_on_the_pretend_network_is_recorded_fetched_and_deleted_there(providers, media, now, settings):
    settings.RECORDINGS_DELETE_AT_PROVIDER = True
    providers["pretend"]["speaks"] = True
    number = next(f"+9198200{n:05d}" for n in range(99_999) if personas.pick(f"+9198200{n:05d}").name == "hangs_up")
    call = operations.request_call(lead_id=Lead.objects.create(phone=number).pk, now=now, provider="pretend")
    operations.dial(call.pk, tries=0, now=now)
    while call.is_live:
        time.sleep(0.05)
        call.refresh_from_db()
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    assert (recording.state, recording.channels, recording.caller_channel) == ("kept", 2, 0)
    assert min(max(channel) for channel in recording.peaks) > 30
    there = Path(providers["pretend"]["folder"], "recordings")
    assert len(list(there.iterdir())) == 1
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert list(there.iterdir()) == []
    assert files(media) == [recording.file.name]


def test_a_caller_who_refused_is_deleted_at_the_provider_unheard(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    Call.objects.update(recording_consent="refused", status="ended")
    announce(line, call)
    recording = Recording.objects.get()
    assert (recording.state, recordings.fetch(recording.pk, now=now)) == ("refused", "moved")
    api.mode = "503"
    assert recordings.delete_there(recording.pk, now=now) == "down"
    api.mode = "ok"
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert recordings.delete_there(recording.pk, now=now) == "done"
    assert (api.recordings, files(media)) == ({}, [])
    assert Recording.objects.values_list("state", "delete_there", "deleted_there_at").get() == ("refused", False, now)


def test_a_caller_who_refuses_while_the_recording_is_fetched_leaves_no_file(call, api, media, now, monkeypatch):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    put = shelf.put

    def refused_meanwhile(*args):
        recordings.delete(recording, state="refused", now=now)
        return put(*args)

    monkeypatch.setattr("calls.operations.shelf.put", refused_meanwhile)
    assert recordings.fetch(recording.pk, now=now) == "moved"
    assert (Recording.objects.get().state, files(media)) == ("refused", [])


def test_a_recording_that_nobody_announced_is_asked_for_after_the_call(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    api.recordings["RE" + "9" * 32] = {"call_sid": call.provider_call_id, "source": "RecordVerb"}  # a single answer
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    call.refresh_from_db()
    recording = Recording.objects.get()
    assert recording.fetch_after == call.ended_at + timedelta(minutes=5)
    later = recording.fetch_after
    assert recordings.fetch_due(now=later) == 1
    assert recordings.fetch(recording.pk, now=later) == "found"
    assert recordings.fetch(recording.pk, now=later) == "kept"
    began = datetime(2026, 11, 22, 10, 4, 12, tzinfo=UTC)
    told = Recording.objects.values_list("provider_recording_id", "state", "channels", "started_at")
    assert list(told) == [(SID, "kept", 2, began)]


def test_where_the_provider_recorded_nothing_the_call_says_so_and_nobody_asks_again(line, call, api, now):
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "absent"
    assert Recording.objects.values_list("state", "fetch_after").get() == ("absent", None)


def test_what_is_announced_late_takes_the_place_of_what_was_expected(line, call, api, now):
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    announce(line, call)
    assert Recording.objects.values_list("provider_recording_id", "state", "duration_s").get() == (SID, "announced", 41)


@pytest.mark.parametrize(
    ("fault", "code", "state", "error"),
    [
        ({"status": "deleted"}, "failed", "failed", "Twilio has deleted the recording."),
        ({"media": b"<html>" + bytes(100)}, "not_audio", "announced", "What the provider sent is no recording."),
        ({"media": b"RIFF\0\0\0\0WAVEfmt " + bytes(100)}, "not_audio", "announced", "What the provider sent cannot"),
        ({"media": SOUND * 5}, "failed", "failed", "The recording is larger than 0 MB. Raise RECORDING_MAX_MB"),
    ],
)
def test_staff_read_why_a_recording_did_not_come(call, api, now, settings, fault, code, state, error):
    settings.RECORDING_MAX_BYTES = 40_000
    api.recordings[SID] = {"call_sid": call.provider_call_id, **fault}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == code
    recording.refresh_from_db()
    assert (recording.state, recording.error[: len(error)]) == (state, error)


def test_what_a_provider_recorded_although_the_agent_does_not_is_never_fetched(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    VoiceAgent.objects.update(record=False)
    Call.objects.update(agent=VoiceAgent.objects.get())
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    recording.refresh_from_db()
    assert (recording.state, recording.error.split(",")[0], files(media)) == (
        "failed",
        "The agent of this call records nothing and told nobody of a recording",
        [],
    )


def test_where_the_account_is_refused_staff_read_which_setting_to_correct(call, api, now):
    api.media_status = 401
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == "unauthorized"
    recording.refresh_from_db()
    assert recording.error == (
        "Twilio refused the account's credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
    )


def test_where_nothing_is_to_be_transcribed_the_recording_waits_for_nobody(call, api, now, settings):
    settings.TRANSCRIBE = False
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    assert kept(call, SID, now).transcription == ""


def test_a_storage_that_is_full_is_told_of_and_tried_again(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    media.parent.mkdir(exist_ok=True)
    media.write_text("a file where the folder should be")
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == "not_stored"
    recording.refresh_from_db()
    assert recording.state == "announced"
    assert recording.error.startswith("The recording could not be stored (Not a directory).")
    media.unlink()
    assert recordings.fetch(recording.pk, now=now) == "kept"


def test_what_a_killed_worker_left_behind_is_swept_away_a_day_later(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    kept(call, SID, now)
    (media / "recordings/00").mkdir()
    (media / f"recordings/00/{'0' * 64}.wav").write_bytes(SOUND)
    today = datetime.now(UTC)
    assert [shelf.sweep(now=today), shelf.sweep(now=today + timedelta(hours=25))] == [0, 1]
    assert files(media) == [NAME]


def test_the_file_of_an_erased_lead_takes_nothing_from_another_whose_same_sound_comes_at_that_moment(
    call, api, media, now, monkeypatch
):
    other = "RE" + "2".zfill(32)
    api.recordings |= {sid: {"call_sid": call.provider_call_id, "media": SOUND} for sid in (SID, other)}
    one = kept(call, SID, now)
    with monkeypatch.context() as slow:
        slow.setattr("calls.operations.shelf.take_off", lambda *_: None)  # the row is gone, and its file is not yet
        with transaction.atomic():
            owing.owe(now=now, call=call)
            one.delete()
    two = kept(call, other, now)
    assert two.file.name == NAME.replace(".wav", f"-{two.pk}.wav")
    assert owing.delete_owed(OwedDeletion.objects.get().pk, now=now) == "deleted"
    assert files(media) == [two.file.name]


def test_what_a_killed_process_left_of_a_recording_on_its_machine_goes_a_day_later(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for name, age_h in (("of yesterday", 25), ("of today", 1)):
        (tmp_path / "fetching" / name).mkdir(parents=True)
        (tmp_path / "fetching" / name / "sound").write_bytes(SOUND)
        os.utime(tmp_path / "fetching" / name, (time.time() - age_h * 3600,) * 2)
    with shelf.workbench() as mine:
        assert sorted(one.name for one in (tmp_path / "fetching").iterdir()) == sorted(["of today", mine.name])


def test_a_worker_that_was_too_slow_takes_off_nothing_that_a_faster_one_has_kept(call, api, media, now, monkeypatch):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    put = shelf.put

    def overtaken(*args):
        monkeypatch.setattr("calls.operations.shelf.put", put)
        assert recordings.fetch(recording.pk, now=now + timedelta(seconds=121)) == "kept"
        return put(*args)

    monkeypatch.setattr("calls.operations.shelf.put", overtaken)
    assert recordings.fetch(recording.pk, now=now) == "moved"
    assert (Recording.objects.get().state, files(media)) == ("kept", [NAME])


def test_a_recording_that_kills_every_worker_comes_to_an_end(call, api, now):
    recording = Recording.objects.create(call=call, provider_recording_id=SID, fetch_after=now, fetch_tries=150)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    assert Recording.objects.get().error.startswith("Whatever was to fetch this recording failed each time.")


def test_a_recording_stays_with_its_provider_until_its_call_is_over(line, call, api, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = kept(call, SID, now)
    Recording.objects.update(delete_there=True)
    assert recordings.delete_there_due(now=now) == 1
    assert recordings.delete_there_due(now=now) == 0
    assert recordings.delete_there(recording.pk, now=now) == "live"
    Call.objects.update(status="ended")
    assert recordings.delete_there_due(now=now + timedelta(seconds=30)) == 1
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert (api.recordings, Recording.objects.get().state) == ({}, "kept")


def test_a_call_that_comes_in_is_recorded_from_its_first_words_on_where_its_agent_says_so(line, api):
    agent = VoiceAgent.objects.create(name="Asha", is_default=True)
    start = ET.fromstring(line.ring().text)[0]
    call = Call.objects.get()
    assert [(one.tag, one.attrib) for one in start.iter()] == [
        ("Start", {}),
        (
            "Recording",
            {
                "channels": "dual",
                "trim": "do-not-trim",
                "recordingStatusCallback": (
                    f"https://crm.example.com/webhooks/twilio/recording?call={call.pk}#rc=5&rp=ct,rt,5xx"
                ),
                "recordingStatusCallbackMethod": "POST",
                "recordingStatusCallbackEvent": "completed absent",
            },
        ),
    ]
    VoiceAgent.objects.filter(pk=agent.pk).update(record=False)
    line.sid = "CA" + "7" * 32
    assert ET.fromstring(line.ring().text).find("Start") is None
