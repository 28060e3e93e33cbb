"""Erasing a person by hand: looked at first, a word typed, and by nobody who may not."""

import pytest
from django.contrib.messages.storage import default_storage
from django.urls import reverse

from leads.admin.erasing import _erase
from leads.models import ErasedNumber, Lead
from tests.admin_rows import make_lead, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(now):
    return make_lead(1, now, name="Meena Kulkarni", email="meena@example.org")


def address(lead):
    return reverse("admin:leads_lead_erase", args=[lead.pk])


def test_the_page_tells_what_goes_and_what_stays_and_erases_nothing(admin_client, lead, now):
    lead.calls.create(provider="twilio", status="ended", created_at=now)
    page = admin_client.get(address(lead)).content.decode()
    assert ("<dt>Calls</dt><dd>1</dd>" in page, "A keyed hash of the phone number" in page) == (True, True)
    assert Lead.objects.filter(pk=lead.pk).exists()


@pytest.mark.parametrize("word", ["", "yes", "erase it"])
def test_nothing_is_erased_without_the_word(admin_client, lead, word):
    page = admin_client.post(address(lead), {"word": word}).content.decode()
    assert ("Type “erase” to erase this person." in page, Lead.objects.count()) == (True, 1)


def test_with_the_word_the_person_is_gone_and_the_number_known(admin_client, admin_user, lead):
    answer = admin_client.post(address(lead), {"word": " Erase "})
    assert (answer.url, Lead.objects.count(), ErasedNumber.objects.get().by) == (
        reverse("admin:leads_lead_changelist"),
        0,
        admin_user,
    )
    listed = admin_client.get(reverse("admin:leads_erasednumber_changelist")).content.decode()
    assert "Select all rows" not in listed
    delete = reverse("admin:leads_erasednumber_delete", args=[ErasedNumber.objects.get().pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403


def test_nobody_is_erased_while_a_call_is_under_way(admin_client, lead, now):
    lead.calls.create(provider="twilio", status="in_progress", created_at=now)
    page = admin_client.get(address(lead)).content.decode()
    assert ("a call or a chat with this lead is under way" in page, 'name="word"' in page) == (True, False)
    assert "Go back" in page
    admin_client.post(address(lead), {"word": "erase"})
    assert Lead.objects.count() == 1


def test_who_may_delete_may_not_erase(client, lead):
    client.force_login(staff("asha", "leads.view_lead", "leads.change_lead", "leads.delete_lead"))
    assert (client.post(address(lead), {"word": "erase"}).status_code, Lead.objects.count()) == (403, 1)
    assert "erase-link" not in client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()


def test_who_has_the_permission_may(client, lead):
    client.force_login(staff("asha", "leads.view_lead", "leads.erase_lead"))
    assert "erase-link" in client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()
    client.post(address(lead), {"word": "erase"})
    assert Lead.objects.count() == 0


def test_the_list_erases_one_person_at_a_time(admin_client, lead, now):
    other = make_lead(2, now)
    chosen = {"action": "erase_selected", "_selected_action": [lead.pk]}
    url = reverse("admin:leads_lead_changelist")
    assert admin_client.post(url, chosen).url == address(lead)
    both = admin_client.post(url, chosen | {"_selected_action": [lead.pk, other.pk]}, follow=True)
    assert ("Choose exactly one lead" in both.content.decode(), Lead.objects.count()) == (True, 2)


def test_a_lead_that_is_gone_is_not_found(admin_client, lead):
    url = address(lead)
    lead.delete()
    assert admin_client.get(url).status_code == 404


def test_a_second_click_finds_the_person_erased(rf, admin_user, lead):
    request = rf.post(address(lead))
    request.user, request.session = admin_user, {}
    request._messages = default_storage(request)
    gone = Lead(pk=lead.pk)
    lead.delete()
    assert _erase(request, gone).url == reverse("admin:leads_lead_changelist")
