"""Who can be rung for a caller, as staff enter it."""

import pytest
from django.contrib.auth import get_user_model

from leads.models import Representative

pytestmark = pytest.mark.django_db

ADD = "/admin/leads/representative/add/"


@pytest.fixture
def meena():
    return get_user_model().objects.create_user("meena", first_name="Meena", last_name="Joshi", is_staff=True)


def test_a_number_may_be_typed_in_any_spelling(admin_client, meena):
    answer = admin_client.post(ADD, {"user": meena.pk, "phone": "098111 12222", "takes_hand_offs": "on"})
    kept = Representative.objects.get()
    assert (answer.status_code, str(kept.phone), kept.takes_hand_offs) == (302, "+919811112222", True)


def test_nonsense_is_refused_with_a_sentence(admin_client, meena):
    answer = admin_client.post(ADD, {"user": meena.pk, "phone": "98111"})
    assert answer.context["adminform"].form.errors["phone"] == [
        "This phone number has too few digits. An Indian number has ten, like 98765 43210."
    ]


def test_only_staff_who_may_log_in_can_be_chosen(admin_client, meena):
    get_user_model().objects.create_user("gone", is_staff=True, is_active=False)
    get_user_model().objects.create_user("visitor")
    chosen = admin_client.get(ADD).context["adminform"].form.fields["user"].queryset
    assert set(chosen.values_list("username", flat=True)) == {"meena", "admin"}


def test_the_list_tells_who_is_rung(admin_client, meena):
    Representative.objects.create(user=meena, phone="+919811112222", takes_hand_offs=False)
    shown = admin_client.get("/admin/leads/representative/").content.decode()
    assert ("Meena Joshi" in shown, "no: away" in shown) == (True, True)


def test_the_sidebar_leads_to_the_page(admin_client):
    assert "/admin/leads/representative/" in admin_client.get("/admin/").content.decode()
