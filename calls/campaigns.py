"""What a campaign decides: how many calls it may begin, what a day costs, when a provider is given a rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calls.disposition import Disposition
from voice.events import EndReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

WINDOW = timedelta(seconds=120)
"""How far back the breaker looks."""
FEWEST = 5
"""Ended calls without which the breaker says nothing."""
SHARE = 0.5
"""Of failed ones among them, from which on it trips."""

_TECHNICAL = frozenset({EndReason.FAILED, EndReason.REJECTED, EndReason.LOST})
_NEVER_RANG = frozenset({EndReason.CANCELED, EndReason.NOT_ALLOWED})
_SPOKE = frozenset(
    {
        Disposition.QUALIFIED,
        Disposition.NOT_QUALIFIED,
        Disposition.CALLBACK,
        Disposition.DO_NOT_CALL,
        Disposition.WRONG_NUMBER,
        Disposition.NOT_THERE,
        Disposition.HUMAN,
        Disposition.NOT_INTERESTED,
        Disposition.ALREADY_BOUGHT,
        Disposition.ABANDONED,
    }
)
_NOT_CALLED = frozenset({Disposition.NOT_ALLOWED, Disposition.CANCELED})

MICROS = 1_000_000
"""Millionths in a US dollar."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that ended over one provider. `at` is aware."""

    call_id: int
    at: datetime
    reason: EndReason


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a provider is paused, in a sentence for staff, and the ids of the calls that failed, the oldest first."""

    reason: str
    call_ids: tuple[int, ...]


def trips(name: str, ended: Iterable[Ended], *, now: datetime, resumed_at: datetime | None) -> Trip | None:
    """Whether the provider called `name` must rest; what ended before somebody resumed it counts no more."""
    since = max(now - WINDOW, resumed_at) if resumed_at else now - WINDOW
    recent = [one for one in ended if since < one.at <= now and one.reason not in _NEVER_RANG]
    failed = sorted((one for one in recent if one.reason in _TECHNICAL), key=lambda one: (one.at, one.call_id))
    if len(recent) < FEWEST or len(failed) < SHARE * len(recent):
        return None
    reason = (
        f"{len(failed)} of the last {len(recent)} calls over {name.capitalize()} failed for technical reasons within "
        f"{WINDOW.seconds // 60} minutes, so no more are placed. Look at the calls that failed, put right what is "
        "wrong, then resume the provider."
    )
    return Trip(reason, tuple(one.call_id for one in failed))


@dataclass(frozen=True, slots=True)
class Cost:
    """What is known of one call's price.

    `micros` is the provider's own figure; without one the minutes begun since `answered_at` count, at
    `per_minute` US dollars, until `ended_at` or now. `placed` tells that the provider may have been asked for it.
    """

    micros: int | None
    answered_at: datetime | None
    ended_at: datetime | None
    per_minute: float
    placed: bool = True


def spend_micros(calls: Iterable[Cost], *, now: datetime) -> int:
    """Millionths of a US dollar; a call that may yet be answered counts as one minute, so that a cap holds."""
    return sum(_micros(call, now=now) for call in calls)


def _micros(call: Cost, *, now: datetime) -> int:
    if call.micros is not None:
        return call.micros
    if call.answered_at is None:
        minutes = 1 if call.placed and call.ended_at is None else 0
    else:
        minutes = max(1, -((call.answered_at - (call.ended_at or now)) // timedelta(minutes=1)))
    return round(minutes * call.per_minute * MICROS)


def free_lines(*, own: int, own_going: int, lines: Sequence[int], going: int, reserved: int) -> int:
    """How many calls a campaign may begin now: at most `own` at once, and `reserved` of all lines stay free.

    `lines` are the limits of all calls together; a limit of 0 is none.
    """
    limits = [limit - reserved - going for limit in lines if limit]
    return max(0, min([own - own_going, *limits]))


def reached(disposition: str) -> bool | None:
    """Whether a call that came to this was a conversation; None where nobody was called at all."""
    if disposition in _NOT_CALLED:
        return None
    return disposition in _SPOKE
