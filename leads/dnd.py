"""The regulator's do-not-disturb list, taken over from a file; a bad row is told by its number, and blocks too much."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from leads.models import DndEntry
from leads.phones import normalise
from leads.preferences import CATEGORIES, DAY_TYPES, MODES, TIME_BANDS, read_codes
from leads.sheets import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

_CHUNK = 1_000  # rows a write, so that no caller's turn waits for the whole file
_TOLD_AT_MOST = 100
_MOBILE = re.compile(r"(?:\+?91|0)?([6-9]\d{9})")
_KINDS = {"categories": CATEGORIES, "modes": MODES, "time_bands": TIME_BANDS, "day_types": DAY_TYPES}
_COLUMNS = {
    "phone": "phone phones phoneno phonenumber phonenumbers mobile mobileno mobilenumber mobilenumbers number numbers "
    "msisdn telephone telephonenumber contact",
    "categories": "category categories preference preferences preferencecategory blockedcategories servicecategory",
    "modes": "mode modes communicationmode modeofcommunication commmode preferencemode",
    "time_bands": "timeband timebands band bands time preferredtime preferencetime timeslot timeslots",
    "day_types": "daytype daytypes day days dayofweek weekday weekdays preferenceday",
}
_FIELD_OF = {name: field for field, names in _COLUMNS.items() for name in names.split()}


@dataclass(slots=True)
class Imported:
    """What became of a file: `bad` holds the first faults, each with its row and why; `faults` counts them all."""

    new: int = 0
    replaced: int = 0
    faults: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)

    def tell(self, number: int, why: str) -> None:
        """Note a fault in a row."""
        self.faults += 1
        if len(self.bad) < _TOLD_AT_MOST:
            self.bad.append((number, why))


def import_dnd(file: BinaryIO, *, now: datetime) -> Imported:
    """Take over a list; a number that is listed already gets the file's entry. A second run changes nothing else.

    A file may have a row for each thing that a number's holder blocked: the entry blocks what any of them blocks.

    :raises ValueError: with a sentence, when the file cannot be read at all; rows before the fault are kept.
    """
    told = Imported()
    for chunk in _batches(_entries(rows_of(file), told, now=now)):
        _write(chunk, told)
    return told


def _batches(entries: Iterable[DndEntry]) -> Iterator[list[DndEntry]]:
    some: list[DndEntry] = []
    for entry in entries:
        some.append(entry)
        if len(some) == _CHUNK:
            yield some
            some = []
    if some:
        yield some


def _entries(rows: Iterator[list[str]], told: Imported, *, now: datetime) -> Iterator[DndEntry]:
    columns: dict[str, int] | None = None
    for number, cells in enumerate(rows, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(cells)
            if not _is_phone(cells[columns["phone"]]):
                continue  # the line that names the columns
        try:
            yield _entry(cells, columns, partial(told.tell, number), now=now)
        except ValueError as error:
            told.tell(number, str(error))


def _columns(first: list[str]) -> dict[str, int]:
    """Where what stands, by the names in the first line; a file without names is numbers alone, fully blocked."""
    names = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in first]
    found = {_FIELD_OF[name]: place for place, name in reversed(list(enumerate(names))) if name in _FIELD_OF}
    if "phone" in found:
        return found
    if _is_phone(first[0]):
        return {"phone": 0}
    raise ValueError(
        "There is no column with phone numbers. Name the columns in the first line: "
        "phone, category, mode, time band, day type."
    )


def _is_phone(text: str) -> bool:
    return bool(re.fullmatch(r"\+?[\d\s().-]{7,20}", text.strip()))


def _entry(cells: list[str], columns: dict[str, int], tell: Callable[[str], None], *, now: datetime) -> DndEntry:
    def cell(name: str) -> str:
        place = columns.get(name)
        return cells[place] if place is not None and place < len(cells) else ""

    entry = DndEntry(phone=_phone(cell("phone")), imported_at=now)
    for name, known in _KINDS.items():
        try:
            setattr(entry, name, read_codes(cell(name), known))
        except ValueError as error:
            # An empty list blocks all: whoever is on the list is not called because somebody mistyped.
            tell(f"{error} Until the row is corrected, the number is blocked for all of them.")
    return entry


def _phone(text: str) -> str:
    """The E.164 form; an Indian mobile number, as nearly all are, without the cost of every numbering plan."""
    if mobile := _MOBILE.fullmatch(re.sub(r"[\s-]", "", text)):
        return f"+91{mobile[1]}"
    return normalise(text)


def _write(entries: list[DndEntry], told: Imported) -> None:
    by_phone: dict[str, DndEntry] = {}
    for entry in entries:
        by_phone[str(entry.phone)] = _both(by_phone.get(str(entry.phone)), entry)
    before = {str(one.phone): one for one in DndEntry.objects.filter(phone__in=by_phone)}
    ours = {phone: one for phone, one in before.items() if one.imported_at == entries[0].imported_at}
    for phone, earlier in ours.items():
        by_phone[phone] = _both(earlier, by_phone[phone])
    DndEntry.objects.bulk_create(
        by_phone.values(),
        update_conflicts=True,
        unique_fields=["phone"],
        update_fields=[*_KINDS, "imported_at"],
    )
    told.replaced += len(before) - len(ours)
    told.new += len(by_phone) - len(before)


def _both(one: DndEntry | None, other: DndEntry) -> DndEntry:
    """An entry that blocks at least what each of two rows does; an empty list blocks all of its kind."""
    if one is None:
        return other
    for kind in _KINDS:
        first, second = getattr(one, kind), getattr(other, kind)
        setattr(other, kind, sorted({*first, *second}) if first and second else [])
    return other
