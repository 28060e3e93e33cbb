"""What kind of sound a file is, by its first bytes."""

from __future__ import annotations

from typing import NamedTuple

HEAD = 12
"""Bytes that tell."""


class Media(NamedTuple):
    """A kind of file: its media type, and the ending of its name."""

    content_type: str
    ending: str


_WAV, _MP4 = Media("audio/wav", "wav"), Media("audio/mp4", "m4a")
_MP3 = Media("audio/mpeg", "mp3")
_BY_MAGIC = {
    b"OggS": Media("audio/ogg", "ogg"),
    b"fLaC": Media("audio/flac", "flac"),
    b"\x1aE\xdf\xa3": Media("audio/webm", "webm"),
}


def media_of(head: bytes) -> Media | None:
    """The kind of a file that begins with these bytes; None: no sound. Whether it can be played, reading tells."""
    if head[:4] == b"RIFF":
        return _WAV if head[8:12] == b"WAVE" else None
    if head[4:8] == b"ftyp":
        return _MP4
    if head[:4] in _BY_MAGIC:
        return _BY_MAGIC[head[:4]]
    # An MPEG frame: eleven bits set, of a layer that there is.
    is_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and bool(head[1] & 0x06)
    return _MP3 if head[:3] == b"ID3" or is_frame else None
