"""Where recordings are kept, by what they sound like: the same content is stored once, whoever's it is."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from calls.models import OwedDeletion, Recording, RecordingState
from voice.media import HEAD, media_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voice.media import Media

GONE = (RecordingState.DELETED, RecordingState.REFUSED)
"""The states of a recording whose file goes, and which stays gone."""

_FOLDER = "recordings"
_LEFT_BEHIND = timedelta(days=1)  # longer than any file is on its way


def media_at(path: Path) -> Media | None:
    """What kind of sound the file at `path` says to be."""
    with path.open("rb") as file:
        return media_of(file.read(HEAD))


def digest_of(path: Path) -> str:
    """What a file's content is called: its SHA-256, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(recording: Recording, path: Path, digest: str) -> str:
    """Store a file under its content's name, unless it is there; the name.

    The recording's row must say `digest` already: whoever takes off the same content at this moment sees that. Where
    another is taking it off, or left it half written, this recording gets a copy of its own.
    """
    media = media_at(path)
    kind = media.ending if media else "mp3"
    name = f"{_FOLDER}/{digest[:2]}/{digest}.{kind}"
    if _is_being_taken_off(digest) or not _is_free_or_whole(name, path.stat().st_size):
        name = f"{_FOLDER}/{digest[:2]}/{digest}-{recording.pk}.{kind}"
        default_storage.delete(name)  # nobody else's, so if it is there it is half of a try that was killed
    if default_storage.exists(name):
        return name
    with path.open("rb") as file:
        return default_storage.save(name, File(file))


def sweep(*, now: datetime) -> int:
    """Delete what workers that were killed left on the storage, and no row knows, a day later; how many files.

    :raises StorageError: the storage cannot be looked through.
    """
    with explained("looked for"):
        return _sweep(now=now)


def _sweep(*, now: datetime) -> int:
    if not default_storage.exists(_FOLDER) and not hasattr(default_storage, "bucket"):
        return 0
    swept = 0
    for folder in default_storage.listdir(_FOLDER)[0]:
        names = {f"{_FOLDER}/{folder}/{file}" for file in default_storage.listdir(f"{_FOLDER}/{folder}")[1]}
        for name in names - set(Recording.objects.filter(file__in=names).values_list("file", flat=True)):
            if now - default_storage.get_modified_time(name) > _LEFT_BEHIND:
                default_storage.delete(name)
                swept += 1
    return swept


class StorageError(Exception):
    """The storage of recordings does not do what it should; the message is a sentence for staff."""


@contextmanager
def explained(what: str = "stored", *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Raise what goes wrong at the storage as a StorageError: the recording could not be `what`.

    :raises but: as they come.
    """
    try:
        yield
    except but:
        raise
    except OSError as error:
        cure = "Make room in MEDIA_ROOT and VAR_DIR, and let the worker read and write there."
        raise StorageError(
            f"The recording could not be {what} ({error.strerror or type(error).__name__}). {cure}"
        ) from error
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "boto3", "s3transfer")):
            raise
        # Whose modules are there only where a bucket is.
        told = getattr(error, "response", {}).get("Error", {}).get("Code") or type(error).__name__
        cure = "Check S3_BUCKET, S3_ENDPOINT_URL, S3_REGION, S3_ACCESS_KEY and S3_SECRET_KEY."
        raise StorageError(f"The recording could not be {what} ({told}). {cure}") from error


def require() -> None:
    """Look whether the storage answers and lets us look into it.

    :raises StorageError: it does not.
    """
    bucket = getattr(default_storage, "bucket", None)
    with explained("looked for"):
        if bucket is not None:
            next(iter(bucket.objects.limit(1)), None)
        elif default_storage.exists(_FOLDER):
            default_storage.listdir(_FOLDER)


def once_committed(act: Callable[[int, str], None], recording_id: int, digest: str) -> None:
    """Take off what is stored once the transaction is committed; what fails then is logged, and jobs try again."""

    def later() -> None:  # Django names it where it fails, which no partial has a name for
        act(recording_id, digest)

    transaction.on_commit(later, robust=True)


def take_off(recording_id: int, digest: str) -> None:
    """Delete what is stored of a recording, unless another one has that content or is about to."""
    others = Recording.objects.exclude(pk=recording_id).filter(sha256=digest)
    kept = set(others.filter(state=RecordingState.KEPT).values_list("file", flat=True))
    is_awaited = others.filter(state=RecordingState.ANNOUNCED).exists()  # it finds the file there, and keeps it
    for name in _copies(digest):
        own = f"{digest}-{recording_id}." in name
        if name not in kept and (own or not (is_awaited or f"{digest}-" in name)):
            default_storage.delete(name)


def _copies(digest: str) -> list[str]:
    folder = f"{_FOLDER}/{digest[:2]}"
    try:
        _, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{file}" for file in files if file.startswith(digest)]


@contextmanager
def workbench() -> Iterator[Path]:
    """A folder for files on their way, which is gone afterwards.

    What processes that were killed left on this machine goes first, a day later: nothing else knows of it.
    """
    for left in _bench().iterdir():
        with suppress(FileNotFoundError):  # its process is done with it in this very moment
            if timezone.now() - datetime.fromtimestamp(left.stat().st_mtime, tz=UTC) > _LEFT_BEHIND:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=_bench()) as folder:
        yield Path(folder)


@contextmanager
def local_copy(recording: Recording) -> Iterator[Path]:
    """A kept recording as a file of this machine.

    :raises FileNotFoundError: the storage does not have it.
    :raises StorageError: the storage cannot be read.
    """
    with workbench() as folder:
        path = folder / f"sound{Path(str(recording.file.name)).suffix}"
        with explained("read", but=(FileNotFoundError,)), path.open("wb") as copy, recording.file.open("rb") as stored:
            shutil.copyfileobj(stored, copy)
        yield path


def _bench() -> Path:
    place = Path(settings.VAR_DIR) / "fetching"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _is_being_taken_off(digest: str) -> bool:
    gone = Recording.objects.filter(sha256=digest, state__in=GONE)
    return gone.exists() or OwedDeletion.objects.filter(sha256=digest).exists()


def _is_free_or_whole(name: str, size: int) -> bool:
    return not default_storage.exists(name) or default_storage.size(name) == size
