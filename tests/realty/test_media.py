"""Where recordings are kept, as the environment says."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from realty.media import media_storage

BUCKET = {"S3_BUCKET": "recordings"}


@pytest.fixture
def said(monkeypatch):
    """Say this of the storage."""

    def say(**told):
        for name in ("S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
            monkeypatch.setenv(name, told.get(name, ""))

    return say


def test_nothing_said_keeps_recordings_on_this_machine(said):
    said()
    assert media_storage() == {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750},
    }


def test_a_bucket_alone_is_amazon_s_with_the_machine_s_own_role(said):
    said(**BUCKET)
    storage = media_storage()
    config = storage["OPTIONS"].pop("client_config")
    assert storage == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "recordings",
            "endpoint_url": None,
            "region_name": None,
            "access_key": None,
            "secret_key": None,
            "default_acl": None,
            "file_overwrite": False,
        },
    }
    assert (config.s3, config.connect_timeout, config.read_timeout) == ({"addressing_style": "auto"}, 5, 30)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            {"S3_REGION": "ap-south-1", "S3_ACCESS_KEY": "key"},
            (
                "S3_REGION is set, but S3_BUCKET is not. Set S3_BUCKET to the bucket's name, or take S3_REGION and "
                "S3_ACCESS_KEY away to keep recordings on this machine."
            ),
        ),
        (
            {"S3_BUCKET": "s3://recordings"},
            (
                "S3_BUCKET is 's3://recordings', which is no name of a bucket. Write the name alone, without s3:// and "
                "folders."
            ),
        ),
        (
            BUCKET | {"S3_ACCESS_KEY": "key"},
            "S3_ACCESS_KEY is set, but S3_SECRET_KEY is not. Set both, or none to use the machine's role.",
        ),
        (
            BUCKET | {"S3_SECRET_KEY": "secret"},
            "S3_SECRET_KEY is set, but S3_ACCESS_KEY is not. Set both, or none to use the machine's role.",
        ),
        (
            BUCKET | {"S3_ENDPOINT_URL": "storage"},
            "S3_ENDPOINT_URL is 'storage'. Write an address such as S3_ENDPOINT_URL=https://crm.example.com",
        ),
    ],
)
def test_what_does_not_fit_together_stops_the_start_and_names_its_cure(said, told, sentence):
    said(**told)
    with pytest.raises(ImproperlyConfigured) as error:
        media_storage()
    assert str(error.value) == sentence
