"""Where recordings and other uploads are kept: on this machine, or in a bucket that speaks Amazon S3's language."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from realty import env

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CONNECT_S, _READ_S = 5, 30
# Voices are for nobody else who has an account on this machine.
_OURS_ALONE = {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750}


def media_storage() -> dict[str, Any]:
    """Django's entry for the storage of media.

    :raises ImproperlyConfigured: when what is said of the bucket does not fit together.
    """
    bucket = env.text("S3_BUCKET")
    given = [name for name in ("S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY") if env.text(name)]
    if not bucket:
        if given:
            raise ImproperlyConfigured(
                f"{given[0]} is set, but S3_BUCKET is not. Set S3_BUCKET to the bucket's name, or take "
                f"{' and '.join(given)} away to keep recordings on this machine."
            )
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": dict(_OURS_ALONE)}
    if not _BUCKET.fullmatch(bucket):
        raise ImproperlyConfigured(
            f"S3_BUCKET is {bucket!r}, which is no name of a bucket. Write the name alone, without s3:// and folders."
        )
    for name, other in (("S3_ACCESS_KEY", "S3_SECRET_KEY"), ("S3_SECRET_KEY", "S3_ACCESS_KEY")):
        if name in given and other not in given:
            raise ImproperlyConfigured(
                f"{name} is set, but {other} is not. Set both, or none to use the machine's role."
            )
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _options(bucket)}


def _options(bucket: str) -> dict[str, Any]:
    from botocore.config import Config  # noqa: PLC0415 -- slow to load, and mostly not wanted

    elsewhere = env.text("S3_ENDPOINT_URL")
    return {
        "bucket_name": bucket,
        "endpoint_url": env.base_url("S3_ENDPOINT_URL", "") if elsewhere else None,
        "region_name": env.text("S3_REGION") or None,
        "access_key": env.text("S3_ACCESS_KEY") or None,
        "secret_key": env.text("S3_SECRET_KEY") or None,
        "default_acl": None,  # private; many buckets refuse to be told
        "file_overwrite": False,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if elsewhere else "auto"},
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            retries={"mode": "standard", "max_attempts": 3},
            # Storages other than Amazon's mostly know no others.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
