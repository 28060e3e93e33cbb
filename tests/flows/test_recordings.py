"""Recordings, from the provider's word of them to a file that is kept, and to one that nobody has any more."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from calls import operations
from calls.models import Recording
from calls.operations import recordings
from tests.sounds import wav
from tests.twilio_line import payload

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
    assert recordings.delete_there(one.pk, now=now) == "deleted"
    assert (files(media), sorted(api.recordings)) == ([two.file.name], [other])


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
