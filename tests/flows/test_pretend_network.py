"""The pretend network: from "Call now" to a qualified lead over real HTTP, and every other way a call may go."""

from datetime import timedelta

import pytest

from calls import operations
from leads.models import Lead, Suppression
from tests.pretend_people import call_through
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("persona", "end_reason", "dispositions", "lead_status"),
    [
        ("cooperative", "completed", {"qualified", "not_qualified"}, {"qualified", "not_qualified"}),
        ("one_breath", "completed", {"qualified", "not_qualified"}, {"qualified", "not_qualified"}),
        ("hinglish", "completed", {"qualified", "not_qualified"}, {"qualified", "not_qualified"}),
        ("hesitant", "completed", {"qualified", "not_qualified"}, {"qualified", "not_qualified"}),
        ("corrects_herself", "completed", {"qualified", "not_qualified"}, {"qualified", "not_qualified"}),
        ("wrong_number", "completed", {"wrong_number"}, {"wrong_number"}),
        ("busy", "busy", {"busy"}, {"new"}),
        ("no_answer", "no_answer", {"no_answer"}, {"new"}),
        ("voicemail", "completed", {"voicemail"}, {"new"}),
        ("do_not_call", "completed", {"do_not_call"}, {"do_not_call"}),
        ("hangs_up", "completed", {"abandoned"}, {"contacted"}),
        ("asks_for_a_person", "completed", {"human"}, {"contacted"}),
    ],
)
def test_a_call_with_each_persona_ends_as_it_should(providers, now, persona, end_reason, dispositions, lead_status):
    call = call_through(persona, now)
    lead = Lead.objects.get()
    assert call.end_reason == end_reason
    assert call.disposition in dispositions
    assert lead.status in lead_status
    assert Suppression.objects.exists() == (persona == "do_not_call")


@pytest.mark.parametrize("persona", ["cooperative", "one_breath", "hinglish"])
def test_an_agent_who_speaks_hindi_is_understood_on_the_pretend_network(providers, now, persona):
    VoiceAgent.objects.create(name="Kavita", language="hi-IN", is_default=True)
    call = call_through(persona, now)
    assert call.disposition in {"qualified", "not_qualified"}
    assert not call.turns.filter(heard__contains="say that again").exists()


def test_a_call_that_was_answered_keeps_every_turn_in_order(providers, now):
    call = call_through("cooperative", now)
    numbers = list(call.turns.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 5
    assert call.events.filter(applied_at=None).count() == 0


def test_a_call_whose_worker_died_is_found_to_have_ended(providers, now):
    lead = Lead.objects.create(phone="+919820012345")
    call = operations.request_call(lead_id=lead.pk, now=now, provider="pretend")
    call.move_to("in_progress", provider_call_id="CA1")
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "lost"
    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("ended", "lost")
