"""Bytes of a kept recording, piece by piece: the whole of it is never held in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calls.models import Recording
    from calls.ranges import Piece

_CHUNK = 64 * 1024  # bytes


class MissingError(Exception):
    """The row says that the recording is kept, and its storage does not have it or does not answer."""


def read(recording: Recording, piece: Piece) -> Iterator[bytes]:
    """The bytes of a piece, in chunks; it is opened at once and read as it is asked for.

    :raises MissingError: where there is nothing to open.
    """
    try:
        bucket = getattr(recording.file.storage, "bucket", None)
        return _from_bucket(recording, piece) if bucket else _from_disk(recording, piece)
    except (OSError, ClientError, BotoCoreError) as error:
        raise MissingError(str(recording.pk)) from error


def _from_disk(recording: Recording, piece: Piece) -> Iterator[bytes]:
    file = recording.file.storage.open(recording.file.name)
    file.seek(piece.first)
    return _chunks(file, piece.length)


def _chunks(file: Any, left: int) -> Iterator[bytes]:
    with file:
        while left and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _from_bucket(recording: Recording, piece: Piece) -> Iterator[bytes]:
    """Ask the bucket for the piece alone: its library's own file would fetch the whole first."""
    storage: Any = recording.file.storage
    with storage.open(recording.file.name) as file:  # opens nothing yet, and knows the key with its folder
        body = file.obj.get(Range=f"bytes={piece.first}-{piece.last}")["Body"]
    chunks: Iterator[bytes] = body.iter_chunks(_CHUNK)
    return chunks
