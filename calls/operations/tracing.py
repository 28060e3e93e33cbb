"""Where a person is found: in every text of every table, and in the files that we keep."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from django.apps import apps
from django.contrib.sessions.models import Session
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

from leads.spellings import glance_of, pattern_of, spoken_in

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from pathlib import Path

    from django.db.models import Field, Model

    from leads.spellings import Whose

_ROWS = 500  # in memory at once
_CHUNK = 1 << 20  # bytes of a file
_OVERLAP = 256  # bytes; nothing that is looked for is longer
_WORDS = {"CharField", "TextField", "JSONField", "FileField", "BinaryField", "SlugField", "GenericIPAddressField"}
UNREADABLE = "unreadable"
_SOUND = {".wav", ".mp3", ".m4a", ".ogg", ".flac", ".webm", ".bin"}


@dataclass(frozen=True, slots=True)
class Trace:
    """One place: a column of a row, or a file, whose `column` is "name" or "content" and which has no row."""

    table: str
    column: str
    pk: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.pk}".strip()


def columns_of(model: type[Model]) -> list[Field[Any, Any]]:
    """The columns of a table that can hold words."""
    return [field for field in model._meta.concrete_fields if _holds_words(field)]


def _holds_words(field: Field[Any, Any]) -> bool:
    if field.is_relation:
        return False
    return field.get_internal_type() in _WORDS


def rows_with(whose: Whose) -> Iterator[tuple[type[Model], Trace, Any]]:
    """Every column of every row that holds what is looked for, with its value; reads all there is.

    Jobs and sessions are looked into as they are unpacked.
    """
    pattern, may_hold = pattern_of(whose), glance_of(whose)
    if pattern is None:
        return
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        columns = columns_of(model)
        names = [field.attname for field in columns]
        if not names:
            continue
        rows = model._base_manager.order_by().values_list("pk", *names)
        for pk, *values in rows.iterator(chunk_size=_ROWS):
            for name, value in zip(names, values, strict=True):
                if value and may_hold(text := text_of(model, name, value)) and pattern.search(text):
                    yield model, Trace(model._meta.db_table, name, str(pk)), value


def text_of(model: type[Model], column: str, value: Any) -> str:
    """A value as text, unpacked where it is packed; words that stand one by one also as they were said."""
    if model is OrmQ and column == "payload":
        return unpacked(value)
    if model is Session and column == "session_data":
        return json.dumps(Session(session_data=value).get_decoded(), default=str, ensure_ascii=False)
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    return "\n".join([json.dumps(value, default=str, ensure_ascii=False), *_said_in(value)])


def _said_in(value: Any) -> Iterator[str]:
    if said := spoken_in(value):
        yield said
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _said_in(one)


def unpacked(payload: str) -> str:
    """What a queued job is called with; the packed text of one that is not ours."""
    try:
        job = SignedPackage.loads(payload)
    except (BadSignature, ValueError, TypeError):
        return payload
    return json.dumps(job, default=str, ensure_ascii=False)


def files_with(pattern: re.Pattern[str], folders: list[Path], *, but: frozenset[Path] = frozenset()) -> Iterator[Trace]:
    """Files below these folders, by their names and by what is written in them; sound is not listened to.

    A file or a folder that this process may not read is told, too, its column UNREADABLE.
    """
    for path in _files(folders, but):
        if pattern.search(str(path)):
            yield Trace(str(path), "name", "")
        try:
            if path.suffix.lower() not in _SOUND and _is_in(pattern, path):
                yield Trace(str(path), "content", "")
        except FileNotFoundError:
            continue  # gone meanwhile
        except OSError:
            yield Trace(str(path), UNREADABLE, "")


def _files(folders: list[Path], but: frozenset[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for folder in folders:
        for path in (folder, *sorted(folder.rglob("*"))):
            real = path.resolve()
            if real not in seen and (path.is_file() or _is_closed(path)) and not (but & {real, *real.parents}):
                seen.add(real)
                yield path


def _is_closed(folder: Path) -> bool:
    """Whether what is in a folder is not even listed; reading it as a file then fails."""
    return folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)


def _opened(path: Path) -> IO[bytes]:
    """A file as it was before it was packed; Django's cache packs what follows the time that it expires at."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if path.suffix != ".djcache":
        return path.open("rb")
    with path.open("rb") as file:
        pickle.load(file)  # noqa: S301 -- our own cache, which Django reads in the same way
        return io.BytesIO(zlib.decompress(file.read()))


def _is_in(pattern: re.Pattern[str], path: Path) -> bool:
    try:
        with _opened(path) as file:
            return _holds(file, pattern)
    except (gzip.BadGzipFile, EOFError, zlib.error, pickle.UnpicklingError, ValueError, LookupError):
        with path.open("rb") as file:  # not packed after all, or only begun
            return _holds(file, pattern)


def _holds(file: IO[bytes], pattern: re.Pattern[str]) -> bool:
    before = b""
    while chunk := file.read(_CHUNK):
        if pattern.search((before + chunk).decode("utf-8", "replace")):
            return True
        before = chunk[-_OVERLAP:]
    return False
