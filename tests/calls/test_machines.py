"""What is decided of an answering machine, and that of several jobs one leaves the message."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from calls.models import Call
from calls.operations import handing_off, machines
from leads.models import Lead
from tests.twilio_api import TwilioApi
from voice.events import CallEvent, EventKind
from voice.models import VoiceAgent


@pytest.fixture
def agent():
    return VoiceAgent.objects.create(is_default=True, on_machine="leave_message", voicemail_message="Hello {name}.")


@pytest.fixture
def call(agent):
    lead = Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    return Call.objects.create(lead=lead, agent=agent, provider="twilio", provider_call_id="CA1", status="in_progress")


def told(answered_by, kind=EventKind.MACHINE):
    return CallEvent(kind, "twilio", "CA1", "key", answered_by=answered_by)


def decided(call, answered_by, now, **kwargs):
    machines.decide(call, told(answered_by, **kwargs), now=now)
    call.save()
    return call.answered_by, call.disposition


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on_machine", "word", "came_to"),
    [
        ("leave_message", "beep", ("machine", "voicemail")),
        ("leave_message", "machine", ("machine", "")),  # its beep is still to come
        ("leave_message", "fax", ("fax", "voicemail")),
        ("hang_up", "machine", ("machine", "voicemail")),
        ("hang_up", "beep", ("machine", "voicemail")),
        ("hang_up", "unknown", ("unknown", "")),
        ("hang_up", "human", ("human", "")),
        ("ignore", "machine", ("machine", "")),
    ],
)
def test_what_detection_says_and_staff_chose_decides(call, now, on_machine, word, came_to):
    VoiceAgent.objects.update(on_machine=on_machine)
    assert decided(Call.objects.select_related("lead").get(pk=call.pk), word, now) == came_to


@pytest.mark.django_db
def test_the_first_word_stands_and_a_greeting_is_followed_by_its_beep(call, now):
    assert decided(call, "machine", now) == ("machine", "")
    assert decided(call, "human", now) == ("machine", "")
    assert decided(call, "beep", now) == ("machine", "voicemail")


@pytest.mark.django_db
def test_a_caller_who_is_being_put_through_is_a_person(call, now):
    call.transfer_state = "ringing"
    assert decided(call, "beep", now) == ("human", "")


@pytest.mark.django_db
def test_the_last_status_may_bring_what_detection_said(call, now):
    assert decided(call, "beep", now, kind=EventKind.STATUS) == ("machine", "voicemail")


@pytest.mark.django_db
def test_a_job_for_a_call_that_is_gone_does_nothing(call, now):
    Call.objects.update(status="ended")
    assert machines.act(call.pk, machines.HANG_UP, now=now) == "ended"
    call.delete()
    assert machines.act(call.pk, machines.HANG_UP, now=now) == "ended"


@pytest.fixture
def api(settings):
    api = TwilioApi()
    api.start()
    account = {"base_url": api.url, "account_sid": "AC1", "auth_tokens": ["t"], "from_number": "+14155550100"}
    settings.PROVIDERS = {**settings.PROVIDERS, "twilio": {**settings.PROVIDERS["twilio"], **account}}
    yield api
    api.stop()


@pytest.mark.django_db
def test_a_call_that_was_handed_over_is_not_cut_by_the_agents_time_limit(call, api, now):
    assert machines.act(call.pk, handing_off.PROLONG, now=now) == "done"
    assert api.changes == [{"sid": "CA1", "TimeLimit": "14400"}]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_with_one_job_one_leaves_the_message(call, api, now):
    def work(_):
        try:
            return machines.act(call.pk, machines.LEAVE_MESSAGE, now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        came_to = sorted(workers.map(work, range(4)))
    assert (came_to, len(api.changes)) == (["done", "left already", "left already", "left already"], 1)
