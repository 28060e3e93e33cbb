"""The rows of an uploaded spreadsheet, CSV or XLSX, read one at a time."""

from __future__ import annotations

import csv
import io
import re
import zlib
from typing import TYPE_CHECKING, BinaryIO
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST = 400_000_000  # bytes of one sheet, unpacked; a file of a few kilobytes can unpack to more than a disk holds
_UNREADABLE = "This is neither a CSV file nor an Excel workbook (.xlsx). Save it as one of them, then try again."


def rows_of(file: BinaryIO) -> Iterator[list[str]]:
    """The cells of every row, those of the first line included.

    :raises ValueError: with a sentence for the person whose file it is.
    """
    begins = file.read(4)
    file.seek(0)
    return _workbook(file) if begins.startswith(b"PK") else _text(file)


def _text(file: BinaryIO) -> Iterator[list[str]]:
    try:
        # Some lists have the whole of a preference in one cell, parted by commas, and so part cells by semicolons.
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        first = text.readline()
        marks = ("\t", ";") if ";" in first or "\t" in first else (",",)
        mark = next((one for one in marks if one in first), ",")
        yield from csv.reader([first], delimiter=mark)
        yield from csv.reader(text, delimiter=mark)
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(_UNREADABLE) from None


def _workbook(file: BinaryIO) -> Iterator[list[str]]:
    try:
        with ZipFile(file) as book:
            shared = _shared(book)
            name = min(_sheets(book), key=len, default="")
            if not name or book.getinfo(name).file_size > _LARGEST:
                raise ValueError(_UNREADABLE)
            with book.open(name) as sheet:
                for _, element in ET.iterparse(sheet):  # noqa: S314 -- expat bounds how far entities expand
                    if element.tag == f"{_NS}row":
                        yield _cells(element, shared)
                        element.clear()
    except (BadZipFile, zlib.error, EOFError, RuntimeError, KeyError, ET.ParseError):  # damaged, cut off, or locked
        raise ValueError(_UNREADABLE) from None


def _sheets(book: ZipFile) -> list[str]:
    return sorted(name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))


def _shared(book: ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    if book.getinfo(name).file_size > _LARGEST:
        raise ValueError(_UNREADABLE)
    root = ET.fromstring(book.read(name))  # noqa: S314 -- as above
    return ["".join(text.text or "" for text in one.iter(f"{_NS}t")) for one in root.iter(f"{_NS}si")]


def _cells(row: ET.Element, shared: list[str]) -> list[str]:
    found: dict[int, str] = {}
    for place, cell in enumerate(row.iter(f"{_NS}c")):
        found[_column(cell.get("r", ""), place)] = _value(cell, shared)
    return [found.get(number, "") for number in range(max(found, default=-1) + 1)]


def _column(reference: str, place: int) -> int:
    """The number of a column from a cell's name, such as 2 from C7; its place in the row where it has none."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if letters is None:
        return place
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ET.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_NS}t"))
    value = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    # Excel keeps a long number as 9.876500001E9 or 9876500001.0.
    return f"{float(value):.0f}" if re.fullmatch(r"\d+\.0+|\d(\.\d+)?E\+?\d{1,2}", value) else value
