"""Recordings in a bucket: stored, read in pieces and deleted over a storage's own HTTP, and a refusal that is told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage, storages
from moto.server import ThreadedMotoServer

from calls.models import Call, Recording
from calls.operations import recordings, shelf
from leads.models import Lead
from realty.management.commands.worker import tell_of_storage
from realty.media import media_storage
from tests.sounds import wav

pytestmark = pytest.mark.django_db(transaction=True)

SOUND = wav(440, 660)


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(server, settings, monkeypatch):
    """The project's storage, as its environment would have it."""
    told = {"S3_BUCKET": "recordings", "S3_ENDPOINT_URL": server, "S3_REGION": "ap-south-1"}
    for name, value in (told | {"S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret"}).items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = {**settings.STORAGES, "default": media_storage()}
    made = storages["default"].connection.create_bucket(
        Bucket="recordings", CreateBucketConfiguration={"LocationConstraint": "ap-south-1"}
    )
    yield made
    made.objects.delete()
    made.delete()


@pytest.fixture
def recording(db, now):
    call = Call.objects.create(lead=Lead.objects.create(name="Ravi Rao"), provider="twilio", provider_call_id="CA1")
    return Recording.objects.create(call=call, provider_recording_id="RE1", fetch_after=now)


def keep(recording, tmp_path, now) -> bool:
    path = tmp_path / "sound"
    path.write_bytes(SOUND)
    return recordings.keep(recording, path, content_type="audio/wav", caller_channel=0, now=now)


def test_a_recording_is_stored_in_the_bucket_read_piece_by_piece_and_deleted(bucket, recording, tmp_path, now):
    assert keep(recording, tmp_path, now)
    assert [one.key for one in bucket.objects.all()] == [recording.file.name]
    with recording.file.open("rb") as file:
        file.seek(1000)
        assert file.read(500) == SOUND[1000:1500]
    other = Recording.objects.create(call=recording.call, provider_recording_id="RE2", fetch_after=now)
    assert keep(other, tmp_path, now)
    assert other.file.name == recording.file.name
    recordings.delete(recording, state="deleted", now=now)
    assert default_storage.exists(other.file.name)
    recordings.delete(other, state="deleted", now=now)
    assert list(bucket.objects.all()) == []


def test_a_bucket_that_is_not_there_is_told_when_a_worker_starts(bucket, settings, monkeypatch, caplog):
    tell_of_storage()
    monkeypatch.setenv("S3_BUCKET", "elsewhere")
    settings.STORAGES = {**settings.STORAGES, "default": media_storage()}
    tell_of_storage()
    (told,) = [one.getMessage() for one in caplog.records if one.name == "realty.management.commands.worker"]
    assert told == (
        "no recording can be kept or heard: The recording could not be looked for (NoSuchBucket). "
        "Check S3_BUCKET, S3_ENDPOINT_URL, S3_REGION, S3_ACCESS_KEY and S3_SECRET_KEY."
    )


def test_what_no_row_knows_is_swept_out_of_the_bucket_and_what_is_kept_can_be_heard(bucket, recording, tmp_path, now):
    assert keep(recording, tmp_path, now)
    bucket.put_object(Key=f"recordings/00/{'0' * 64}.wav", Body=b"left behind")
    today = datetime.now(UTC)
    assert [shelf.sweep(now=today), shelf.sweep(now=today + timedelta(hours=25))] == [0, 1]
    assert [one.key for one in bucket.objects.all()] == [recording.file.name]
    with shelf.local_copy(recording) as path:
        assert path.read_bytes() == SOUND


def test_a_listener_gets_from_the_bucket_just_the_bytes_that_were_asked_for(
    bucket, recording, tmp_path, now, admin_client
):
    assert keep(recording, tmp_path, now)
    url = f"/admin/calls/recording/{recording.pk}/audio"
    answer = admin_client.get(url, headers={"Range": "bytes=1000-1499"})
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 1000-1499/{len(SOUND)}")
    assert b"".join(answer.streaming_content) == SOUND[1000:1500]
    bucket.objects.delete()
    assert admin_client.get(url).status_code == 404
    assert recording.listens.count() == 1


def test_a_bucket_that_is_not_there_is_named_with_what_to_correct(bucket, recording, tmp_path, now, settings):
    options = settings.STORAGES["default"]["OPTIONS"] | {"bucket_name": "elsewhere"}
    settings.STORAGES = {**settings.STORAGES, "default": settings.STORAGES["default"] | {"OPTIONS": options}}
    with pytest.raises(recordings.shelf.StorageError) as error:
        keep(recording, tmp_path, now)
    assert str(error.value) == (
        "The recording could not be stored (NoSuchBucket). "
        "Check S3_BUCKET, S3_ENDPOINT_URL, S3_REGION, S3_ACCESS_KEY and S3_SECRET_KEY."
    )
