"""What is left in SQLite's own files, which the scan does not read, after an erasure."""

import sqlite3
from contextlib import closing

from tests.realty.running import manage

WRITTEN = """
from leads.models import Lead
for n in range(20):
    Lead.objects.create(name=f"Person {n}", notes="x" * 900)
lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345")
for n in range(20):
    lead.notes = f"Meena Kulkarni rang {n} " * 60
    lead.save()
print(lead.pk)
"""


def test_nothing_of_an_erased_person_is_left_in_the_files_of_the_database(prepared):
    with closing(sqlite3.connect(prepared / "realty.sqlite3")) as server:  # or the last one to leave would tidy up
        server.execute("SELECT COUNT(*) FROM leads_lead").fetchall()
        lead = manage(prepared, "shell", "-c", WRITTEN).stdout.split()[-1]
        assert manage(prepared, "erase", lead, "--yes").returncode == 0
        raw = b"".join(path.read_bytes() for path in prepared.glob("realty.sqlite3*"))
    assert (b"Person 7" in raw, raw.count(b"Meena Kulkarni"), raw.count(b"9820012345")) == (True, 0, 0)
