"""A chat is a call in writing: one record, each message taken once, the same end."""

from datetime import timedelta

import pytest

from calls.chat import links, sessions
from calls.chat.sessions import Line, Took
from calls.models import Call, ChatLink, ChatReason, Turn
from leads.models import Lead, Requirement, Suppression

pytestmark = pytest.mark.django_db

ANSWERS = ["Yes", "Wakad in Pune", "residential", "flat", "2 bhk", "80 lakh", "yes", "yes"]


@pytest.fixture
def lead():
    lead = Lead.objects.create(name="Rahul Mehta", phone="+919876543210")
    Requirement.objects.create(lead=lead)
    return lead


@pytest.fixture
def link(lead, now):
    return links.make(lead, ChatReason.STAFF, now=now)


def write(link, *messages, now):
    took = []
    for message in messages:
        turn = sessions.talk_of(ChatLink.objects.get(pk=link.pk), now=now).turn
        took.append(sessions.hear(link, message, turn=turn, now=now))
    return took


def test_who_only_looks_begins_no_chat(link, now):
    talk = sessions.talk_of(link, now=now)
    assert [one.number for one in talk.lines] == [0]
    assert talk.turn == 1
    assert Call.objects.count() == 0


def test_the_first_message_begins_one_call_with_the_words_that_were_shown(link, now):
    shown = sessions.talk_of(link, now=now).lines[0]
    assert write(link, "Yes", now=now) == [Took.TAKEN]
    call = Call.objects.get()
    assert (call.channel, call.provider, call.direction, call.origin, call.status) == (
        "chat",
        "chat",
        "inbound",
        "lead",
        "in_progress",
    )
    assert (call.lead, call.ask_after, call.chat_link) == (link.lead, None, link)
    lines = sessions.talk_of(ChatLink.objects.get(), now=now).lines
    assert lines[0] == shown
    assert [(one.number, one.heard) for one in lines] == [(0, ""), (1, "Yes")]


def test_the_opening_speaks_neither_of_a_recording_nor_of_calling(link, now):
    assert sessions.talk_of(link, now=now).lines[0] == Line(
        0,
        "",
        "Thank you for writing to us. Hello, this is Asha, the virtual assistant from Sunrise Realty. "
        "Am I chatting with Rahul Mehta?",
    )


def test_a_message_that_comes_twice_is_taken_once(link, now):
    assert write(link, "Yes", now=now) == [Took.TAKEN]
    assert sessions.hear(link, "Yes", turn=1, now=now) == Took.BEFORE
    assert Turn.objects.count() == 2


def test_another_message_for_an_old_turn_is_not_taken_and_not_called_taken(link, now):
    write(link, "Yes", now=now)
    assert sessions.hear(link, "No, this is Amit", turn=1, now=now) == Took.STALE
    assert Turn.objects.count() == 2


def test_a_message_for_a_turn_that_is_not_there_yet_is_not_taken(link, now):
    assert [sessions.hear(link, "Yes", turn=turn, now=now) for turn in (2, 0)] == [Took.STALE, Took.STALE]
    assert [turn.number for turn in Turn.objects.all()] == [0]


def test_a_chat_to_the_end_qualifies_the_lead_as_a_call_does(link, now):
    write(link, *ANSWERS, now=now)
    call, lead = Call.objects.get(), Lead.objects.get()
    assert (call.status, call.end_reason, call.disposition) == ("ended", "completed", "qualified")
    assert (lead.status, lead.requirement.budget_max, lead.requirement.consent) == ("qualified", 8_000_000, True)
    assert lead.requirement.evidence["budget_max"] == {"call": call.pk, "turn": 6, "words": "80 lakh"}
    assert write(link, "hello?", now=now) == [Took.ENDED]


def test_who_wants_no_more_calls_says_so_in_the_chat_too(link, lead, now):
    write(link, "Yes", "Do not call me again", now=now)
    assert Lead.objects.get().do_not_call
    assert Suppression.objects.get().phone == lead.phone


def test_a_chat_left_alone_is_closed_with_what_was_said_and_goes_on_when_somebody_returns(link, now):
    write(link, "Yes", "Wakad in Pune", now=now)
    assert sessions.close_idle(now + timedelta(minutes=29)) == 0
    later = now + timedelta(minutes=31)
    assert sessions.close_idle(later) == 1
    assert sessions.close_idle(later) == 0
    call = Call.objects.get()
    assert (call.status, call.disposition, call.duration_s) == ("ended", "abandoned", None)
    assert call.lead.requirement.locations[0]["locality"] == "Wakad"

    write(link, *ANSWERS[2:], now=later)
    call = Call.objects.get()
    assert (call.status, call.disposition, call.turns.count()) == ("ended", "qualified", 9)


def test_staff_get_the_open_link_again_and_another_once_its_chat_is_over(link, lead, admin_user, now):
    write(link, "Yes", now=now)
    assert links.for_staff(lead, now=now, by=admin_user) == link
    write(link, *ANSWERS[1:], now=now)
    assert links.for_staff(lead, now=now, by=admin_user) != link


def test_a_visitors_first_message_makes_one_link_one_lead_and_one_chat(now):
    key = "5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a11"
    first = sessions.start(key, "I want a 2 BHK flat in Wakad", now=now)
    assert sessions.start(key, "I want a 2 BHK flat in Wakad", now=now) == first
    assert (Call.objects.count(), Lead.objects.count(), Turn.objects.count()) == (1, 1, 2)
    assert Lead.objects.get().source == "website"


def test_a_visitor_who_types_a_known_leads_number_is_not_taken_for_that_lead(lead, now):
    link = sessions.start("5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a11", "My name is Rahul", now=now)
    write(link, "98765 43210", "do not call me", now=now)
    visitor = ChatLink.objects.get().call.lead
    lead.refresh_from_db()
    assert (visitor == lead, visitor.phone, lead.do_not_call, Suppression.objects.count()) == (False, None, False, 0)
    assert lead.activities.get().text.startswith("A visitor of the website gave this number.")


def test_a_visitor_whom_nobody_knows_becomes_a_lead_with_the_number_that_they_gave(now):
    link = sessions.start("5f0c1f52-2a4c-4d52-9d0f-1f6f7a3a0a12", "My name is Rahul", now=now)
    write(link, "98765 43210", "do not call me", now=now)
    visitor = Lead.objects.get()
    assert (str(visitor.phone), visitor.do_not_call) == ("+919876543210", True)
