"""What leads write to our number by text message: silence is kept, everything else reaches staff."""

import pytest
import requests
from twilio.request_validator import RequestValidator

from calls import operations
from calls.models import WebhookEvent
from leads.models import Activity, ErasedNumber, FollowUp, Lead, Suppression
from leads.models.erased import digests_of
from tests.flows.conftest import PUBLIC
from tests.twilio_line import TOKEN

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+919820012345"


@pytest.fixture
def write(live_server, providers):
    """A text message as Twilio hands it over: twilio.com/docs/messaging/guides/webhook-request."""

    def written(body, *, sid="SM00000000000000000000000000000001", sender=PHONE, **more):
        form = {"MessageSid": sid, "AccountSid": "AC1", "From": sender, "To": "+14155550100", "Body": body, **more}
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/webhooks/twilio/text", form)
        address, headers = f"{live_server.url}/webhooks/twilio/text", {"X-Twilio-Signature": signature}
        return requests.post(address, data=form, headers=headers, timeout=15)

    return written


@pytest.fixture
def lead():
    return Lead.objects.create(name="Ravi Rao", phone=PHONE)


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("Stop ", {}),
        ("band karo", {"OptOutType": "STOP"}),
        ("Please do not call me again", {}),
        ("mujhe dobara call mat karna", {}),
    ],
)
def test_who_wants_silence_is_neither_texted_nor_called_again(write, lead, now, body, more):
    assert write(body, **more).status_code == 200
    lead.refresh_from_db()
    assert (lead.do_not_call, Suppression.objects.get().words) == (True, body.strip())
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "do_not_call"
    assert FollowUp.objects.count() == 0


def test_a_stranger_who_wants_silence_is_no_lead_and_never_called(write):
    write("STOP")
    assert (str(Suppression.objects.get().phone), Lead.objects.count()) == (PHONE, 0)


def test_an_answer_stands_on_the_timeline_and_is_for_staff_to_answer(write, lead, now):
    write("Can you call me after 6 tomorrow?")
    assert Activity.objects.get().text == "Wrote a text message: “Can you call me after 6 tomorrow?”"
    follow_up = FollowUp.objects.get()
    assert (follow_up.kind, follow_up.note) == ("hand_off", "Wrote: “Can you call me after 6 tomorrow?”")


def test_a_text_that_is_delivered_twice_is_noted_once(write, lead):
    answers = [write("Is the flat in Wakad still free?") for _ in range(2)]
    assert [answer.text for answer in answers] == [answers[0].text] * 2
    assert (Activity.objects.count(), WebhookEvent.objects.get().kind) == (1, "text")


def test_a_stranger_who_writes_becomes_a_lead_whom_no_machine_calls_first(write):
    write("Hi, I am looking for a 2 BHK in Baner")
    lead = Lead.objects.get()
    assert (str(lead.phone), lead.source, lead.greeted, FollowUp.objects.get().lead) == (PHONE, "text", True, lead)


def test_a_sender_without_a_number_is_kept_as_an_event_alone(write):
    assert write("Your code is 1234", sender="VM-HDFCBK").status_code == 200
    assert (WebhookEvent.objects.count(), Lead.objects.count(), Suppression.objects.count()) == (1, 0, 0)


def test_who_must_not_be_called_and_writes_again_stays_so_and_is_noted(write, lead, now):
    write("stop")
    write("Thank you", sid="SM00000000000000000000000000000002")
    lead.refresh_from_db()
    assert (lead.do_not_call, FollowUp.objects.count()) == (True, 0)
    assert Activity.objects.filter(text__startswith="Wrote a text message").count() == 2


def test_a_text_without_twilios_signature_is_refused(live_server, providers, lead):
    address = f"{live_server.url}/webhooks/twilio/text"
    assert (
        requests.post(address, data={"MessageSid": "SM1", "From": PHONE, "Body": "STOP"}, timeout=15).status_code == 403
    )
    assert WebhookEvent.objects.count() == 0


def test_an_erased_person_who_wants_silence_leaves_no_number_behind(write):
    ErasedNumber.objects.create(digest=digests_of(PHONE)[0])
    assert write("STOP").status_code == 200
    assert (Suppression.objects.count(), Lead.objects.count(), WebhookEvent.objects.get().request) == (0, 0, {})
