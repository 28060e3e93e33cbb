"""Many at once: whatever the order, one lead is called once and one turn is taken once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from calls import operations
from calls.models import Call, Turn, WebhookEvent
from leads.conversations import Conversation, apply_conversation
from leads.models import FollowUp, Lead
from leads.operations import promise
from tests.twilio_api import TwilioApi
from tests.twilio_line import TwilioLine
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


def all_at_once(act, number: int = MANY) -> list:
    """What `act(n)` gave in each of several threads that started together."""
    together = Barrier(number)

    def one(n: int):
        together.wait()
        try:
            return act(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_one_lead_has_one_live_call_however_often_the_button_is_pressed(providers, now):
    lead = Lead.objects.create(phone="+919820012345")

    def press(_: int) -> str:
        try:
            operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
        except operations.CallRefused as refused:
            return refused.code
        return "queued"

    assert sorted(all_at_once(press)) == ["live_call"] * (MANY - 1) + ["queued"]
    assert Call.objects.count() == 1


def test_the_database_itself_refuses_a_second_live_call_to_a_lead():
    lead = Lead.objects.create(phone="+919820012345")
    Call.objects.create(lead=lead, provider="twilio")
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.create(lead=lead, provider="twilio")
    Call.objects.update(status="ended", end_reason="completed")
    Call.objects.create(lead=lead, provider="twilio")


def test_one_job_delivered_to_many_workers_dials_once(providers, now):
    api = TwilioApi()
    api.start()
    providers["twilio"] |= {"base_url": api.url}
    lead = Lead.objects.create(phone="+919820012345")
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    results = all_at_once(lambda _: operations.dial(call.pk, tries=0, now=now))
    api.stop()
    assert (results.count("placed"), len(api.placed)) == (1, 1)


def test_many_dispatchers_queue_a_due_call_once(providers, now):
    lead = Lead.objects.create(phone="+919820012345")
    Call.objects.create(lead=lead, provider="twilio", dial_after=now)
    assert sum(all_at_once(lambda _: operations.release_due(now=now))) == 1


def test_one_turn_delivered_many_times_at_once_is_taken_once_and_answered_alike(line):
    opening = line.ring()

    def deliver(_: int) -> str:
        return TwilioLine(base=line.base, public=line.public).say(opening, "Meena Kulkarni").text

    assert len(set(all_at_once(deliver))) == 1
    assert (Turn.objects.count(), WebhookEvent.objects.filter(kind="heard").count()) == (2, 1)


def test_many_callers_of_an_installation_without_an_agent_are_all_answered(line):
    def ring(n: int) -> int:
        caller = f"+9198200123{n:02d}"
        return TwilioLine(base=line.base, public=line.public, sid=f"CA{n:032x}", caller=caller).ring().status_code

    assert all_at_once(ring) == [200] * MANY
    assert VoiceAgent.objects.count() == 1


def test_one_new_caller_who_rings_on_many_lines_at_once_is_one_lead(line):
    def ring(n: int) -> int:
        return TwilioLine(base=line.base, public=line.public, sid=f"CA{n:032x}").ring().status_code

    assert all_at_once(ring) == [200] * MANY
    assert (Lead.objects.count(), Call.objects.count()) == (1, MANY)


def test_a_promise_that_falls_due_while_its_lead_talks_to_us_stops_neither(providers, now):
    leads = [Lead.objects.create(phone=f"+9198200123{n:02d}") for n in range(MANY)]
    for lead in leads:
        promise(lead, "callback", due_at=now, note="", now=now)

    def act(n: int) -> None:
        if n % 2:
            operations.dial_promises(now=now)
        else:
            for lead in leads:
                apply_conversation(lead_id=lead.pk, told=Conversation(7, "callback"), now=now)

    all_at_once(act)
    assert FollowUp.objects.filter(done_at=None).count() == MANY
