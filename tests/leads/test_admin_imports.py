"""Leads and listings from and to spreadsheets."""

import csv
import io

import pytest
import tablib
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections

from leads.imports import LeadResource, ListingResource
from leads.models import Lead, Listing, Requirement, Suppression
from leads.operations import set_do_not_call
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db


def upload(client, kind, *lines):
    """What the import page makes of a file, and what it tells once that is confirmed."""
    answer = preview(client, kind, *lines)
    if "confirm_form" not in answer.context:
        return answer, []
    done = client.post(f"/admin/leads/{kind}/process_import/", answer.context["confirm_form"].initial)
    return answer, [str(message) for message in get_messages(done.wsgi_request)]


def preview(client, kind, *lines):
    file = SimpleUploadedFile("rows.csv", "\n".join(lines).encode(), "text/csv")
    url = f"/admin/leads/{kind}/import/"
    return client.post(url, {"import_file": file, "format": "0", "resource": ""})


def download(client, kind):
    answer = client.post(f"/admin/leads/{kind}/export/", {"format": "0", "resource": ""})
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_leads_are_imported_with_their_phones_normalised(admin_client):
    rows = ("Priya,98765 00001,website", "Arjun,+91-98765-00002,", "Zoë,098765 00003,walk-IN")
    upload(admin_client, "lead", "name,phone,source", *rows)
    assert list(Lead.objects.order_by("phone").values_list("name", "phone", "source", "status")) == [
        ("Priya", "+919876500001", "website", "new"),
        ("Arjun", "+919876500002", "import", "new"),
        ("Zoë", "+919876500003", "walk_in", "new"),
    ]


def test_who_must_not_be_called_by_the_file_is_never_called(admin_client):
    upload(admin_client, "lead", "name,phone,status", "Priya,98765 00001,do not call")
    lead = Lead.objects.get()
    assert (lead.status, lead.do_not_call, Suppression.objects.get().phone) == ("do_not_call", True, lead.phone)


def test_a_file_that_does_not_say_where_leads_came_from_leaves_no_doubt(admin_client, now):
    known = make_lead(1, now, source="referral")
    upload(admin_client, "lead", "name,phone", f"Priya,{known.phone}", "Arjun,98765 00002")
    assert sorted(Lead.objects.values_list("name", "source")) == [("Arjun", "import"), ("Priya", "referral")]


def test_a_file_does_not_take_back_that_a_lead_must_not_be_called(admin_client, now):
    lead = make_lead(1, now)
    set_do_not_call(lead_id=lead.pk, now=now)
    answer, _ = upload(admin_client, "lead", "name,phone,status", f"Priya,{lead.phone},New", "Arjun,98765 00002,New")
    why = "This lead asked not to be called, so the status stays “Do not call”. Leave the cell blank."
    assert [row.error_dict for row in answer.context["result"].invalid_rows] == [{"status": [why]}]
    assert sorted(Lead.objects.values_list("name", "status")) == [("Arjun", "new"), ("Lead 1", "do_not_call")]


def test_a_bad_row_is_told_by_its_number_and_the_good_ones_come_in(admin_client):
    rows = ("Priya,98765 00001,", "Arjun,12345,", "Zoë,,", "Kim,98765 00004,pigeon", "Ravi,98765 00005,")
    answer, told = upload(admin_client, "lead", "name,phone,source", *rows)
    bad = {row.number: row.error_dict for row in answer.context["result"].invalid_rows}
    assert bad == {
        2: {"phone": ["This phone number has too few digits. An Indian number has ten, like 98765 43210."]},
        3: {"phone": ["There is no phone number in this row. Every lead needs one to be told apart."]},
        4: {
            "source": [
                (
                    "“pigeon” is not one of: Website, Property portal, Referral, Walk-in, Advertisement, "
                    "Inbound call, Text message, Import, API, Entered by staff."
                )
            ]
        },
    }
    assert "Import the other 2 rows" in answer.content.decode()
    assert sorted(Lead.objects.values_list("name", flat=True)) == ["Priya", "Ravi"]
    assert told == [
        "Import finished: 2 new, 0 changed, 0 as they were.",
        *(f"Row {number} was not imported. {' '.join(*why.values())}" for number, why in bad.items()),
    ]


def test_a_preview_saves_nothing(admin_client):
    answer = preview(admin_client, "lead", "name,phone", "Priya,98765 00001")
    assert "1 row read: 1 new, 0 changed, 0 as they are already." in answer.content.decode()
    assert not Lead.objects.exists()


def test_the_same_file_again_changes_nothing(admin_client):
    rows = ("name,phone,source", "Priya,98765 00001,website", "Arjun,98765 00002,")
    assert upload(admin_client, "lead", *rows)[1] == ["Import finished: 2 new, 0 changed, 0 as they were."]
    before = list(Lead.objects.values())
    assert upload(admin_client, "lead", *rows)[1] == ["Import finished: 0 new, 0 changed, 2 as they were."]
    assert list(Lead.objects.values()) == before
    assert LogEntry.objects.count() == 2


def test_a_number_twice_in_one_file_is_told_by_its_row(admin_client):
    answer, _ = upload(admin_client, "lead", "name,phone", "Priya,98765 00001", "Arjun,+91 98765-00001")
    bad = {row.number: row.error_dict for row in answer.context["result"].invalid_rows}
    assert bad == {2: {"phone": ["Row 1 has the same phone. Keep one of the two rows."]}}
    assert list(Lead.objects.values_list("name", flat=True)) == ["Priya"]


def test_a_file_without_phones_is_refused_as_a_whole(admin_client):
    answer, told = upload(admin_client, "lead", "name,email", "Priya,a@b.in")
    sentence = "There is no column “phone”. The first line of the file names the columns: name, phone, email, "
    assert sentence in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert (told, Lead.objects.count()) == ([], 0)


def test_a_row_that_somebody_else_entered_meanwhile_does_not_undo_the_others(monkeypatch, admin_client, now):
    """Between the look-up and the save of a row, a caller with its number rings in."""

    def ring_in(resource, lead, row, **kwargs):
        if lead.name == "Arjun":
            make_lead(2, now)

    monkeypatch.setattr(LeadResource, "before_save_instance", ring_in)
    rows = [("Priya", "98765 00001"), ("Arjun", "98765 00002"), ("Zoë", "98765 00003")]
    result = LeadResource().import_data(tablib.Dataset(*rows, headers=["name", "phone"]))
    assert [(row.number, row.error.messages) for row in result.invalid_rows] == [
        (2, ["This row could not be saved just now. Import the file again."])
    ]
    assert list(Lead.objects.order_by("phone").values_list("name", flat=True)) == ["Priya", "Lead 2", "Zoë"]


class Watched(tablib.Dataset):
    """A file between whose rows another connection writes at once or notes that it could not."""

    def __iter__(self):
        self.kept_out = 0
        other = connections.create_connection("default")
        other.settings_dict = other.settings_dict | {"OPTIONS": other.settings_dict["OPTIONS"] | self.impatient(other)}
        for number in range(len(self)):
            yield self[number]
            try:
                with other.cursor() as cursor:
                    cursor.execute("UPDATE leads_suppression SET words = words")
            except OperationalError:
                self.kept_out += 1
        other.close()

    @staticmethod
    def impatient(connection):
        return {"timeout": 0} if connection.vendor == "sqlite" else {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dry_run", [True, False], ids=["preview", "import"])
@pytest.mark.parametrize(
    ("resource", "headers", "rows"),
    [
        (LeadResource, ["name", "phone"], [("Priya", "98765 00001"), ("Arjun", "98765 00002"), ("Zoë", "12")]),
        (
            ListingResource,
            ["reference", "title", "city", "category", "property_type", "price"],
            [("L1", "Plot", "Pune", "", "plot", "1 lakh"), ("L2", "Plot", "Goa", "", "plot", "soon")],
        ),
    ],
)
def test_others_write_between_any_two_rows_of_a_file(resource, headers, rows, dry_run):
    file = Watched(*rows, headers=headers)
    result = resource().import_data(file, dry_run=dry_run)
    good = len(rows) - 1
    assert (result.totals["new"], result.totals["invalid"], file.kept_out) == (good, 1, 0)
    assert resource._meta.model.objects.count() == (0 if dry_run else good)


def test_a_known_lead_is_completed_and_a_blank_cell_takes_nothing_away(admin_client, now):
    lead = make_lead(1, now, email="a@b.in", status="qualified", source="referral")
    upload(admin_client, "lead", "name,phone,email,source,notes", "Priya,98765 00001,,,Likes Wakad")
    lead.refresh_from_db()
    assert Lead.objects.count() == 1
    assert (lead.name, lead.email, lead.status, lead.source, lead.notes) == (
        "Priya",
        "a@b.in",
        "qualified",
        "referral",
        "Likes Wakad",
    )


def test_leads_are_exported_in_the_words_of_people(admin_client, now):
    Requirement.objects.create(lead=make_lead(1, now), budget_max=7_000_000, property_type="villa")
    assert download(admin_client, "lead") == [
        {
            "name": "Lead 1",
            "phone": "+919876500001",
            "email": "",
            "source": "Entered by staff",
            "status": "New",
            "notes": "",
            "wants": "Villa, up to ₹70 lakh",
        }
    ]


@pytest.mark.parametrize(
    ("name", "cell"), [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"), ("A=B", "A=B"), ("", "")]
)
def test_a_name_never_runs_as_a_formula(admin_client, now, name, cell):
    make_lead(1, now, name=name)
    (row,) = download(admin_client, "lead")
    assert (row["name"], row["phone"]) == (cell, "+919876500001")


def test_listings_are_imported_with_prices_as_people_write_them(admin_client):
    head = "reference,title,city,category,property_type,bedrooms,price,offered_for"
    rows = ("L1,2 BHK in Wakad,Pune,residential,Apartment,2,85 lakh,", "L2,Shop,Goa,Commercial,shop,,25k,To let")
    upload(admin_client, "listing", head, *rows)
    found = Listing.objects.order_by("reference")
    assert list(found.values_list("reference", "property_type", "price", "offered_for")) == [
        ("L1", "apartment", 8_500_000, "sale"),
        ("L2", "shop", 25_000, "rent"),
    ]


def test_a_listing_without_a_price_is_told_by_its_row(admin_client):
    head = "reference,title,city,category,property_type,price"
    rows = ("L1,Plot,Pune,residential,plot,soon", "L2,Plot,Pune,residential,plot,0")
    answer, _ = upload(admin_client, "listing", head, *rows)
    assert {row.number: row.error_dict for row in answer.context["result"].invalid_rows} == {
        1: {"price": ["This is not an amount. Write it like 70 lakh, 1.2 crore or 25,000."]},
        2: {"price": ["The price must be above zero."]},
    }


def test_a_blank_cell_takes_nothing_from_a_known_listing(admin_client):
    head = "reference,title,city,category,property_type,price,status"
    upload(admin_client, "listing", head, "L1,Plot,Pune,residential,plot,85 lakh,Sold or let")
    upload(admin_client, "listing", head, "L1,Corner plot,,,,,")
    assert Listing.objects.values_list("title", "city", "price", "status").get() == (
        "Corner plot",
        "Pune",
        8_500_000,
        "sold",
    )


def test_whoever_may_only_look_imports_nothing(client):
    client.force_login(staff("looker", "leads.view_lead", "leads.view_listing"))
    for kind in ("lead", "listing"):
        assert client.get(f"/admin/leads/{kind}/import/").status_code == 403
