"""Recordings on their storage: the same content once, nothing half written, nothing left behind, nothing taken away."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from calls.models import Call, OwedDeletion, Recording
from calls.operations import owing, recordings, shelf
from tests.flows.fetched import NAME, SID, SOUND, announce, files, kept
from tests.sounds import wav

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def test_a_file_that_a_killed_worker_had_written_whole_is_taken_as_it_is(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    (media / NAME).parent.mkdir(parents=True)
    (media / NAME).write_bytes(SOUND)
    assert recordings.fetch(Recording.objects.get().pk, now=now) == "kept"
    assert files(media) == [NAME]


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


def test_content_that_another_recording_is_about_to_keep_stays_for_it(call, api, media, now, monkeypatch):
    other = "RE" + "2".zfill(32)
    api.recordings |= {sid: {"call_sid": call.provider_call_id, "media": SOUND} for sid in (SID, other)}
    one, put = kept(call, SID, now), shelf.put

    def the_first_one_goes(*args):
        name = put(*args)
        recordings.delete(one, state="deleted", now=now)
        return name

    monkeypatch.setattr("calls.operations.shelf.put", the_first_one_goes)
    assert (kept(call, other, now).file.name, files(media)) == (NAME, [NAME])


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


def test_who_is_erased_while_their_recording_is_stored_leaves_no_file(call, api, media, now, monkeypatch):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    put = shelf.put

    def erased(*args):
        with transaction.atomic():
            owing.owe(now=now, call=call)
            Call.objects.all().delete()
        return put(*args)

    monkeypatch.setattr("calls.operations.shelf.put", erased)
    assert (recordings.fetch(recording.pk, now=now), files(media)) == ("moved", [])


def test_a_storage_that_is_away_keeps_nothing_at_the_provider(call, api, media, now, monkeypatch):
    other = "RE" + "2".zfill(32)
    sounds = {SID: SOUND, other: wav(880)}
    api.recordings |= {sid: {"call_sid": call.provider_call_id, "media": sound} for sid, sound in sounds.items()}
    one, two = kept(call, SID, now), kept(call, other, now)
    Call.objects.update(status="ended")

    def away(*_):
        raise OSError

    with monkeypatch.context() as storage:
        storage.setattr("calls.operations.shelf.take_off", away)
        recordings.delete(one, state="refused", now=now)
        with transaction.atomic():
            owing.owe(now=now, pk=two.pk)
            two.delete()
        for delete, pk in ((recordings.delete_there, one.pk), (owing.delete_owed, OwedDeletion.objects.get().pk)):
            with pytest.raises(OSError):
                delete(pk, now=now)
        assert (api.recordings, len(files(media))) == ({}, 2)
    assert recordings.delete_there(one.pk, now=now) == "deleted"
    assert owing.delete_owed(OwedDeletion.objects.get().pk, now=now) == "deleted"
    assert files(media) == []
