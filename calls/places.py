"""The places that callers may name: the gazetteer, and what this brokerage's own listings call theirs."""

from __future__ import annotations

import time
from threading import Lock

from leads.queries import listed_places
from voice.understanding import Places

_FRESH_S = 60  # a listing that staff enter is known to the next call, and no turn waits for the database twice

_lock = Lock()
_known: tuple[float, frozenset[tuple[str, str]], Places] | None = None


def places() -> Places:
    """The places of now, at most a minute old; shared by all threads of this process."""
    global _known  # noqa: PLW0603 -- one gazetteer a process, as the gazetteer itself is
    with _lock:
        if _known and time.monotonic() - _known[0] < _FRESH_S:
            return _known[2]
        listed = frozenset(listed_places())
        same = _known and _known[1] == listed
        current = _known[2] if _known and same else Places.default().with_listings(sorted(listed))
        _known = (time.monotonic(), listed, current)
        return current


def forget() -> None:
    """Look at the listings again at the next turn."""
    global _known  # noqa: PLW0603 -- as above
    _known = None
