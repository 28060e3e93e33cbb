"""The pages of the regulator's list and of consents."""

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from calls.operations.gate import gate, text_gate
from leads.models import Consent, DndEntry
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db

IMPORT = "/admin/leads/dndentry/import/"


class Ringing:
    """A network that people can hear."""

    name = "twilio"
    rings_people = True


def upload(client, *lines):
    return client.post(IMPORT, {"file": SimpleUploadedFile("list.csv", "\n".join(lines).encode())})


def test_a_clean_file_leads_back_to_the_list_with_what_came_in(admin_client):
    answer = upload(admin_client, "phone,category", "98765 00001,2", "9876500002,1")
    assert (answer.status_code, answer.url) == (302, "/admin/leads/dndentry/")
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["Import finished: 2 new, 0 replaced."]


def test_bad_rows_are_told_on_the_page_and_no_number_of_the_list_is_left_out(admin_client):
    page = upload(admin_client, "phone,category", "98765 00001,2", "9876500002,x").content.decode()
    assert "1 fault; all other rows are on the list as they stand" in page
    assert "<strong>Row 3</strong>" in page
    assert DndEntry.objects.count() == 2


def test_a_file_that_is_none_is_refused_beside_the_field(admin_client):
    page = upload(admin_client, "name", "Priya")
    assert page.context["form"].errors["file"][0].startswith("There is no column with phone numbers.")


def test_only_who_may_add_and_change_entries_imports_a_list(client):
    client.force_login(staff("reader", "leads.view_dndentry", "leads.add_dndentry"))
    assert upload(client, "phone", "9876500001").status_code == 403
    assert not DndEntry.objects.exists()


@pytest.mark.parametrize("typed", ["98765 00001", "+91-98765-00001", "098765"])
def test_an_entry_is_found_by_its_number_in_any_spelling(admin_client, typed):
    for phone in ("+919876500001", "+919123400002"):
        DndEntry.objects.create(phone=phone)
    found = admin_client.get("/admin/leads/dndentry/", {"q": typed}).context["cl"].result_list
    assert [str(entry.phone) for entry in found] == ["+919876500001"]


def test_a_listed_number_is_not_called_until_its_lead_agrees(now):
    lead = make_lead(1, now)
    DndEntry.objects.create(phone=str(lead.phone), categories=[2], modes=[11])
    assert (gate(lead, Ringing, now=now).code, text_gate(lead, now=now).allowed) == ("dnd", True)
    Consent.objects.create(lead=lead, source="Call of 3 March", at=now)
    assert gate(lead, Ringing, now=now).allowed


def test_the_newest_word_about_consent_counts(now):
    lead = make_lead(1, now)
    Consent.objects.create(lead=lead, given=False, source="E-mail", at=now)
    assert (gate(lead, Ringing, now=now).code, text_gate(lead, now=now).code) == ("consent_withdrawn",) * 2
    Consent.objects.create(lead=lead, given=True, source="Form", at=now.replace(hour=8))
    assert gate(lead, Ringing, now=now).code == "consent_withdrawn"


def test_a_consent_is_kept_with_who_wrote_it_down_and_never_changed(admin_client, admin_user, now):
    lead = make_lead(1, now)
    sent = {"lead": lead.pk, "given": "on", "source": "Form", "words": "", "at_0": "2026-03-10", "at_1": "10:00"}
    admin_client.post("/admin/leads/consent/add/", sent)
    consent = Consent.objects.get()
    assert (consent.lead, consent.given, consent.noted_by) == (lead, True, admin_user)
    assert admin_client.post(f"/admin/leads/consent/{consent.pk}/change/", sent).status_code == 403


def test_a_consent_is_added_on_the_leads_page(admin_client, admin_user, now):
    lead = make_lead(1, now)
    url = f"/admin/leads/lead/{lead.pk}/change/"
    form = admin_client.get(url).context["adminform"].form
    sent = {name: form[name].value() or "" for name in ("name", "phone", "source", "language", "time_zone", "status")}
    sent |= {
        f"{prefix}-{part}": 0 for prefix in ("requirement", "consents") for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    sent |= {"consents-TOTAL_FORMS": 1, "consents-0-lead": lead.pk, "consents-0-given": "on"}
    sent |= {"consents-0-source": "Form", "consents-0-at_0": "2026-03-10", "consents-0-at_1": "10:00"}
    admin_client.post(url, sent)
    assert list(Consent.objects.values_list("source", "noted_by")) == [("Form", admin_user.pk)]
