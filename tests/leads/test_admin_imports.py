"""Leads and listings from and to spreadsheets."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.models import Lead, Listing, Requirement
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db


def upload(client, kind, *lines):
    """What the import page makes of a file; the import itself where it is confirmed."""
    file = SimpleUploadedFile("rows.csv", "\n".join(lines).encode(), "text/csv")
    url = f"/admin/leads/{kind}/import/"
    answer = client.post(url, {"import_file": file, "format": "0", "resource": ""})
    if "confirm_form" in answer.context:
        client.post(f"/admin/leads/{kind}/process_import/", answer.context["confirm_form"].initial)
    return answer


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


def test_a_bad_row_is_told_by_its_number_and_nothing_is_imported(admin_client):
    rows = ("Priya,98765 00001,", "Arjun,12345,", "Zoë,,", "Kim,98765 00004,pigeon")
    answer = upload(admin_client, "lead", "name,phone,source", *rows)
    bad = {row.number: row.error_dict for row in answer.context["result"].invalid_rows}
    assert bad == {
        2: {"phone": ["This phone number has too few digits. An Indian number has ten, like 98765 43210."]},
        3: {"phone": ["There is no phone number in this row. Every lead needs one to be told apart."]},
        4: {
            "source": [
                (
                    "“pigeon” is not one of: Website, Property portal, Referral, Walk-in, Advertisement, "
                    "Inbound call, Import, API, Entered by staff."
                )
            ]
        },
    }
    assert not Lead.objects.exists()


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
    answer = upload(admin_client, "listing", head, "L1,Plot,Pune,residential,plot,soon")
    assert {row.number: row.error_dict for row in answer.context["result"].invalid_rows} == {
        1: {"price": ["This is not an amount. Write it like 70 lakh, 1.2 crore or 25,000."]}
    }


def test_whoever_may_only_look_imports_nothing(client):
    client.force_login(staff("looker", "leads.view_lead", "leads.view_listing"))
    for kind in ("lead", "listing"):
        assert client.get(f"/admin/leads/{kind}/import/").status_code == 403
