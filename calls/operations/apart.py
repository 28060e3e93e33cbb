"""Many things, one after another: one that fails holds up no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Thing = TypeVar("Thing")


def each(act: Callable[[Thing], int], things: Iterable[Thing]) -> int:
    """The sum of what `act` gives for each of them.

    :raises Exception: the first that one raised, once all of them had their turn.
    """
    won, errors = 0, []
    for thing in things:
        try:
            won += act(thing)
        except Exception as error:  # noqa: BLE001 -- raised below; whom one fails must not wait for another
            errors.append(error)
    if errors:
        raise errors[0]
    return won
