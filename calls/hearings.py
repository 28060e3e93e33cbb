"""PURE. Two hearings of one turn, live and in the recording: what differs, and which of the two to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from calls.words import ALIKE, likeness, pair_up, sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

SURER = 0.1
"""By so much one recogniser must be surer than the other to be believed for that alone."""
NOT_TOLD = 0.7
"""What a live recogniser that tells no confidence is taken to have."""
UNSURE = 0.35
"""Below this mean confidence Whisper is guessing, and is not believed against a live hearing."""


class Better(NamedTuple):
    """Which hearing to believe ("live", "whisper"; "" where neither heard anything), and why, as a code."""

    which: str
    why: str


def choose(
    live: str,
    again: str,
    *,
    live_sure: float | None,
    again_sure: float | None,
    keys: bool = False,
    read: Callable[[str], Mapping[str, Any]] | None = None,
) -> Better:
    """Which of two hearings of a turn to believe.

    Confidences are 0 to 1, None where nobody told one. `keys` tells that keys were pressed; `read` gives what words
    mean, slot to value. The reasons, the strongest first: only one heard anything; both heard the same; Whisper
    guesses; one is understood to say all that the other does and more; one recogniser is surer. Where nothing speaks
    for Whisper the live words stay, because the conversation was held, and read back, by them.
    """
    if keys:
        return Better("live", "keys")
    if not (sounds(live) and sounds(again)):
        return _only_one(bool(sounds(live)), bool(sounds(again)))
    if sounds(live) == sounds(again):
        return Better("live", "same")
    sure = again_sure if again_sure is not None else NOT_TOLD
    if sure < UNSURE:
        return Better("live", "whisper_unsure")
    if read and (fuller := _fuller(read(live), read(again))):
        return Better(fuller, "more_values")
    ahead = sure - (live_sure if live_sure is not None else NOT_TOLD)
    if ahead >= SURER:
        return Better("whisper", "whisper_surer")
    return Better("live", "live_surer" if ahead <= -SURER else "live_kept")


def _only_one(live: bool, again: bool) -> Better:
    if again:
        return Better("whisper", "live_empty")
    return Better("live", "whisper_empty") if live else Better("", "")


def _fuller(live: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Whose words say all that the other's do, and more; "" where neither."""
    shared = live.keys() & again.keys()
    if live.keys() == again.keys() or any(live[slot] != again[slot] for slot in shared):
        return ""
    if shared == again.keys():
        return "live"
    return "whisper" if shared == live.keys() else ""


def difference(live: str, again: str) -> list[tuple[str, str]]:
    """Word by word what became of the live words: ("same" | "only_live" | "only_again", words), in order.

    Words that sound the same count as the same, whatever their script; they are given as the recording has them.
    """
    ours, theirs = live.split(), again.split()
    pairs = pair_up([_plain(word) for word in ours], [_plain(word) for word in theirs])
    told: list[tuple[str, str]] = []
    at = 0
    for place, word in enumerate(theirs):
        pair = pairs[place]
        if pair is not None:
            told += [("only_live", one) for one in ours[at:pair]]
            at = pair + 1
            if likeness(_plain(ours[pair]), _plain(word)) >= ALIKE:
                told.append(("same", word))
                continue
            told.append(("only_live", ours[pair]))
        told.append(("only_again", word))
    told += [("only_live", one) for one in ours[at:]]
    return _joined(told)


def _plain(word: str) -> str:
    return " ".join(sounds(word)) or word


def _joined(told: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of one sort as one; what is only live before what is only in the recording."""
    joined: list[tuple[str, str]] = []
    run: dict[str, list[str]] = {}

    def flush() -> None:
        joined.extend((sort, " ".join(run[sort])) for sort in ("only_live", "only_again") if sort in run)
        run.clear()

    for sort, word in told:
        if sort != "same":
            run.setdefault(sort, []).append(word)
            continue
        flush()
        if joined and joined[-1][0] == "same":
            joined[-1] = ("same", f"{joined[-1][1]} {word}")
        else:
            joined.append(("same", word))
    flush()
    return joined
