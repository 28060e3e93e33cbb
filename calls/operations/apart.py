"""Many rows, one after another: one that fails holds up no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = TypeVar("Row")


def each(act: Callable[[Row], int], rows: Iterable[Row]) -> int:
    """The sum of what `act` gives for each row.

    :raises Exception: the first that a row raised, once all of them had their turn.
    """
    won, errors = 0, []
    for row in rows:
        try:
            won += act(row)
        except Exception as error:  # noqa: BLE001 -- raised below
            errors.append(error)
    if errors:
        raise errors[0]
    return won
