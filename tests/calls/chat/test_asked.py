"""Who asks for a message on the telephone gets the link, once."""

import pytest

from calls.chat import sessions
from calls.models import Call, ChatLink, ChatReason, DialerSettings, Turn
from calls.operations import conversation, line
from leads.models import Activity, Lead, Requirement
from voice.events import CallEvent, EndReason, EventKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(now):
    lead = Lead.objects.create(name="Rahul Mehta", phone="+919876543210")
    Requirement.objects.create(lead=lead)
    return Call.objects.create(lead=lead, provider="twilio", provider_call_id="P1", status="in_progress")


def say(call, *texts, now):
    conversation.take_turn(call, CallEvent(EventKind.ANSWERED, "pretend", "P1", "0"), now=now)
    for text in texts:
        reply = conversation.take_turn(call, CallEvent(EventKind.HEARD, "pretend", "P1", text, text=text), now=now)
    line.close(call, EndReason.COMPLETED, now=now)
    return reply.text


def test_the_agent_promises_a_link_and_it_is_on_its_way_when_the_call_ends(call, now):
    reply = say(call, "Yes", "message me please", now=now)
    assert reply.startswith("Sure, you will get a message from us with a link, where we can chat. ")
    link = ChatLink.objects.get()
    assert (link.lead, link.instead_of, link.reason, link.text_state) == (call.lead, call, "lead_asked", "due")
    line.conclude(call, now=now)
    assert ChatLink.objects.count() == 1


def test_nobody_who_did_not_ask_gets_one(call, now):
    say(call, "Yes", "Wakad", now=now)
    assert ChatLink.objects.count() == 0


def test_where_no_texts_are_sent_staff_read_that_they_must(call, now):
    DialerSettings.objects.update_or_create(pk=1, defaults={"send_chat_link": False})
    say(call, "Yes", "link bhej do", now=now)
    assert Activity.objects.filter(text="Asked for a message instead of a call. Send the chat link by hand.").exists()


def test_in_the_chat_itself_no_link_is_promised(call, now):
    link = ChatLink.objects.create(lead=call.lead, reason=ChatReason.STAFF, expires_at=now.replace(year=2027))
    sessions.hear(link, "message me please", turn=1, now=now)
    assert Turn.objects.get(number=1).said.startswith("Of course, we can go on in writing right here.")
