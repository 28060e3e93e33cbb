"""PURE. Which bytes of a file an HTTP request asks for: https://www.rfc-editor.org/rfc/rfc9110#section-14."""

from __future__ import annotations

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)
_MOST_DIGITS = 18  # no file is longer, and no number is too long to read


class UnsatisfiableError(ValueError):
    """None of the bytes that were asked for exist."""


class Piece(NamedTuple):
    """Bytes from `first` to `last`, both of them included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def asked_piece(header: str, size: int, *, most: int) -> Piece | None:
    """The bytes that a Range header asks for of a file of `size` bytes, at most `most` of them; None for the whole.

    Shorter than asked is allowed, since the answer tells what it holds: whoever plays a file asks again for the rest.
    Several ranges at once, and what cannot be read, are answered with the whole file, as if no range had been sent.

    :raises UnsatisfiableError: where the file ends before the first of them.
    """
    found = _ONE.fullmatch(header.strip())
    if not found or max(map(len, found.groups())) > _MOST_DIGITS or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < start:
            return None
    if start >= size:
        raise UnsatisfiableError
    return Piece(start, min(end, start + most - 1))
