"""The regulator's do-not-disturb list from files as they are handed out."""

import io
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from leads.dnd import Imported, import_dnd
from leads.models import DndEntry

pytestmark = pytest.mark.django_db

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def load(*lines, now):
    return import_dnd(io.BytesIO("\n".join(lines).encode()), now=now)


def entries():
    fields = ("phone", "categories", "modes", "time_bands", "day_types")
    return [(str(phone), *codes) for phone, *codes in DndEntry.objects.order_by("phone").values_list(*fields)]


def test_the_regulators_codes_are_read_however_a_file_parts_them(now):
    told = load(
        "Phone No.,Category,Mode,Time Band,Day Type",
        '9876500001,"1,2",11#13,21 22,38',
        "+91 98765 00002,0,12,,",
        "098765-00003,Real Estate,Voice call;SMS,18:00 to 21:00,sunday|Public Holiday",
        "9876500004,all,,any,",
        now=now,
    )
    assert (told, entries()) == (
        Imported(new=4),
        [
            ("+919876500001", [1, 2], [11, 13], [21, 22], [38]),
            ("+919876500002", [0], [12], [], []),
            ("+919876500003", [2], [11, 12], [28], [37, 38]),
            ("+919876500004", [], [], [], []),
        ],
    )


def test_a_bad_row_is_told_by_its_number_and_blocks_too_much_rather_than_nothing(now):
    told = load("mobile;category", "9876500001;2", "12;2", "9876500003;9", "", "9876500004;2", now=now)
    assert (told.new, told.faults, [number for number, _ in told.bad]) == (3, 2, [3, 4])
    assert told.bad[1][1] == (
        "“9” is not one of the regulator's codes here. They are: 0, 1, 2, 3, 4, 5, 6, 7, 8. "
        "Until the row is corrected, the number is blocked for all of them."
    )
    assert [entry[:2] for entry in entries()] == [("+919876500001", [2]), ("+919876500003", []), ("+919876500004", [2])]


def test_a_second_file_replaces_what_is_known_of_a_number(now):
    load("phone,mode", "9876500001,12", "9876500002,12", now=now)
    told = load("phone,mode", "9876500001,11", now=now + timedelta(seconds=1))
    assert (told, [entry[2] for entry in entries()]) == (Imported(replaced=1), [[11], [12]])


def test_a_number_that_has_several_rows_in_a_file_is_blocked_by_all_of_them(now):
    between = [f"{9_876_600_000 + n},," for n in range(1_000)]
    rows = ["9876500001,2,11", "9876500001,1,12", "9876500002,2,", *between, "9876500001,3,12", "9876500002,1,11"]
    told = load("phone,category,mode", *rows, now=now)
    assert (told, entries()[:2]) == (
        Imported(new=1_002),
        [("+919876500001", [1, 2, 3], [11, 12], [], []), ("+919876500002", [1, 2], [], [], [])],
    )


def test_the_columns_of_the_national_register_are_known(now):
    load("Service Area Code,Phone Numbers,Preferences,Opstype,Phone Type", "2,9876500001,1#2,A,1", now=now)
    assert entries() == [("+919876500001", [1, 2], [], [], [])]


def test_a_file_of_numbers_alone_blocks_them_fully(now):
    assert load("9876500001", "9876500002", now=now) == Imported(new=2)
    assert entries()[1] == ("+919876500002", [], [], [], [])


def test_numbers_from_elsewhere_are_read_by_every_numbering_plan(now):
    load("phone", "+1 212 555 0123", now=now)
    assert entries()[0][0] == "+12125550123"


def test_a_file_without_phone_numbers_is_refused_with_what_to_name_the_columns(now):
    with pytest.raises(ValueError, match="Name the columns in the first line: phone, category"):
        load("name,city", "Priya,Pune", now=now)


def test_what_is_no_spreadsheet_is_refused(now):
    for content in (b"\xff\xfe\x00\x01", b"PK\x03\x04 nothing"):
        with pytest.raises(ValueError, match="neither a CSV file nor an Excel workbook"):
            import_dnd(io.BytesIO(content), now=now)


def workbook(rows, shared):
    file = io.BytesIO()
    with ZipFile(file, "w") as book:
        texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}">{texts}</sst>')
        book.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
        )
    file.seek(0)
    return file


def test_a_damaged_workbook_is_refused_with_a_sentence(now):
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{SHEET}">' + "<row/>" * 500 + "</worksheet>")
    content = bytearray(file.getvalue())
    content[60:70] = b"\xff" * 10
    with pytest.raises(ValueError, match="neither a CSV file nor an Excel workbook"):
        import_dnd(io.BytesIO(content), now=now)


def test_an_excel_workbook_is_read_cell_by_cell_numbers_and_gaps_included(now):
    rows = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="D1" t="inlineStr"><is><t>Mode</t></is></c></row>'
        '<row><c r="A2"><v>9876500001</v></c><c r="B2" t="s"><v>2</v></c><c r="D2"><v>11</v></c></row>'
        '<row><c r="A3"><v>9.876500002E9</v></c><c r="D3" t="inlineStr"><is><t>12 13</t></is></c></row>'
    )
    told = import_dnd(workbook(rows, ["Mobile", "Category", "2, 3"]), now=now)
    assert (told, entries()) == (
        Imported(new=2),
        [("+919876500001", [2, 3], [11], [], []), ("+919876500002", [], [12, 13], [], [])],
    )


def test_a_list_longer_than_one_write_is_taken_over_whole(now):
    assert load("phone", *(str(9_876_500_000 + n) for n in range(2_345)), now=now) == Imported(new=2_345)
    assert DndEntry.objects.count() == 2_345
