"""Staff make a link, copy it, take it back; programs ask for one."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from calls.chat import links
from calls.models import Call, ChatLink
from leads.models import Lead
from tests.admin_rows import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return Lead.objects.create(name="Rahul Mehta", phone="+919876543210")


def test_the_button_on_a_leads_page_makes_one_link_and_shows_its_address(admin_client, lead):
    page = admin_client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()
    button = reverse("admin:leads_lead_chat", args=[lead.pk])
    assert f'action="{button}"' in page
    shown = [admin_client.post(button, follow=True) for _ in range(2)][-1]
    link = ChatLink.objects.get()
    assert (link.lead, link.reason, link.created_by.username) == (lead, "staff", "admin")
    assert f'value="{links.address_of(link)}"' in shown.content.decode()


def test_a_link_that_was_taken_back_shows_no_address(admin_client, lead):
    link = links.make(lead, "staff", now=timezone.now())
    shown = admin_client.post(reverse("admin:calls_chatlink_revoke", args=[link.pk]), follow=True).content.decode()
    assert "This link opens nothing any more" in shown
    assert links.token_of(link) not in shown
    assert admin_client.get(f"/chat/{links.token_of(link)}").status_code == 410


def test_who_may_only_look_sees_no_address_and_cannot_take_back(client, lead):
    user = User.objects.create_user("looks", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_chatlink"))
    client.force_login(user)
    link = links.make(lead, "staff", now=timezone.now())
    page = client.get(reverse("admin:calls_chatlink_change", args=[link.pk])).content.decode()
    assert links.token_of(link) not in page
    assert client.post(reverse("admin:calls_chatlink_revoke", args=[link.pk])).status_code == 403
    assert client.post(reverse("admin:leads_lead_chat", args=[lead.pk])).status_code == 403


def test_the_list_tells_how_each_link_stands(admin_client, lead):
    links.make(lead, "staff", now=timezone.now())
    assert "Not used yet" in admin_client.get(reverse("admin:calls_chatlink_changelist")).content.decode()


def test_a_program_asks_for_a_link(admin_client, lead):
    answer = admin_client.post(f"/api/v1/leads/{lead.pk}/chat-link")
    link = ChatLink.objects.get()
    assert answer.status_code == 200
    assert answer.json()["url"] == links.address_of(link)
    assert set(answer.json()) == {"url", "expires_at"}


def test_a_program_without_the_right_gets_none(client, lead):
    user = User.objects.create_user("reads", password="x")
    user.user_permissions.add(Permission.objects.get(codename="view_lead"))
    client.force_login(user)
    assert client.post(f"/api/v1/leads/{lead.pk}/chat-link").status_code == 403
    assert ChatLink.objects.count() == 0


def test_whoever_may_not_hand_out_links_is_not_told_that_an_open_one_is_closed(client, lead):
    link = links.make(lead, "staff", now=timezone.now())
    client.force_login(staff("looker", "calls.view_chatlink"))
    text = client.get(reverse("admin:calls_chatlink_change", args=[link.pk])).content.decode()
    assert "You may not see the address" in text
    assert "opens nothing any more" not in text


def test_a_chat_is_told_as_a_chat_on_its_leads_page(admin_client, lead):
    values = {"provider": "chat", "channel": "chat", "direction": "inbound", "status": "in_progress"}
    call = Call.objects.create(lead=lead, **values)
    text = admin_client.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()
    assert f'href="/admin/calls/call/{call.pk}/change/">Chat</a>' in text
    assert "Watch the chat" in text
    assert ">Inbound call</a>" not in text
