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


class Chunks:
    """The bytes of a piece, read as they are asked for; closed at their end, or when nobody wants the rest."""

    def __init__(self, source: Any, left: int) -> None:
        self._source, self._left = source, left

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk: bytes = self._source.read(min(_CHUNK, self._left)) if self._left else b""
        if not chunk:
            self.close()
            raise StopIteration
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Give the file or the connection back; a second time changes nothing."""
        self._source.close()


def read(recording: Recording, piece: Piece) -> Chunks:
    """The bytes of a piece, in chunks; it is opened at once.

    :raises MissingError: where there is nothing to open.
    """
    try:
        is_bucket = hasattr(recording.file.storage, "bucket")
        source = _of_bucket(recording, piece) if is_bucket else _of_disk(recording, piece)
    except (OSError, ClientError, BotoCoreError) as error:
        raise MissingError(str(recording.pk)) from error
    return Chunks(source, piece.length)


def _of_disk(recording: Recording, piece: Piece) -> Any:
    file = recording.file.storage.open(str(recording.file.name))
    file.seek(piece.first)
    return file


def _of_bucket(recording: Recording, piece: Piece) -> Any:
    """Ask the bucket for the piece alone: its library's own file would fetch the whole first."""
    storage: Any = recording.file.storage
    with storage.open(str(recording.file.name)) as file:  # reads nothing yet, and knows the key with its folder
        return file.obj.get(Range=f"bytes={piece.first}-{piece.last}")["Body"]
