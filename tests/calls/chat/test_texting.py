"""The way to the chat goes out as one text message, after the gate was asked; the carrier is a real HTTP server."""

from datetime import timedelta

import pytest

from calls.chat import links, texting
from calls.models import Call, ChatLink, ChatReason, DialerSettings
from calls.operations.dialing import CallRefused, request_call
from leads.models import Activity, Lead
from tests.twilio_api import TwilioApi

pytestmark = pytest.mark.django_db

PHONE = "+919876543210"


@pytest.fixture
def lead():
    return Lead.objects.create(name="Rahul Mehta", phone=PHONE)


@pytest.fixture
def twilio(settings):
    api = TwilioApi()
    api.start()
    account = {"account_sid": "AC" + "0" * 31 + "1", "auth_tokens": ["secret"], "from_number": "+14155550100"}
    quick = {"base_url": api.url, "timeout_s": 0.5, "waits_s": (0, 0, 0)}
    settings.PROVIDERS = {**settings.PROVIDERS, "twilio": {**settings.PROVIDERS["twilio"], **account, **quick}}
    yield api
    api.stop()


@pytest.fixture
def offered(lead, now):
    return links.offer(lead, reason=ChatReason.LEAD_ASKED, now=now)


def state():
    link = ChatLink.objects.get()
    return link.text_state, link.text_error


def test_a_link_is_texted_once_however_many_jobs_there_are(twilio, offered, settings, now):
    settings.PUBLIC_BASE_URL = "https://crm.example.com"
    assert [texting.send(offered.pk, now=now) for _ in range(3)] == ["sent", "not due", "not due"]
    address = f"https://crm.example.com/chat/{links.token_of(offered)}"
    assert twilio.texts == [
        {
            "To": [PHONE],
            "From": ["+14155550100"],
            "Body": [f"Sunrise Realty: chat with us about your property enquiry here: {address}"],
        }
    ]
    assert state() == ("sent", "")


def test_a_text_whose_fate_is_unsure_is_never_sent_again(twilio, offered, now):
    twilio.mode = "slow"
    assert texting.send(offered.pk, now=now) == "unsure"
    twilio.mode = "ok"
    assert texting.queue_due(now + timedelta(hours=1)) == 0
    assert texting.send(offered.pk, now=now + timedelta(hours=1)) == "not due"
    assert (len(twilio.texts), state()[0]) == (1, "unsure")
    assert [one.text for one in Activity.objects.filter(data__chat_link=offered.pk)] == [state()[1]]


def test_a_worker_that_died_while_sending_leaves_a_text_that_is_not_sent_again(twilio, offered, now):
    ChatLink.objects.update(text_state="sending", text_after=now)
    assert texting.queue_due(now) == 0
    assert (state()[0], twilio.texts) == ("unsure", [])


def test_a_carrier_in_trouble_is_asked_three_times_and_then_staff_are_told(twilio, offered, now):
    twilio.mode = "20429"
    told = []
    for minutes in (0, 2, 12, 30):
        later = now + timedelta(minutes=minutes)
        texting.queue_due(later)
        told.append(texting.send(offered.pk, now=later))
    assert told == ["later", "later", "failed", "not due"]
    text = Activity.objects.get(data__chat_link=offered.pk).text
    assert text == f"The link to the chat was not texted. {state()[1]}"


def test_a_text_that_was_put_off_is_not_sent_sooner_by_another_job(twilio, offered, now):
    twilio.mode = "20429"
    assert texting.send(offered.pk, now=now) == "later"
    twilio.mode = "ok"
    assert texting.send(offered.pk, now=now + timedelta(seconds=59)) == "not due"
    assert texting.send(offered.pk, now=now + timedelta(minutes=2)) == "sent"


def test_who_asks_for_a_link_gets_one_though_another_was_texted_today(lead, now):
    calls = [Call.objects.create(lead=lead, provider="twilio", status="ended") for _ in range(3)]
    reasons = (ChatReason.CALL_FAILED, ChatReason.CALL_FAILED, ChatReason.LEAD_ASKED)
    first, second, third = (
        links.offer(lead, instead_of=call, reason=reason, now=now) for call, reason in zip(calls, reasons, strict=True)
    )
    assert (first == second, first == third) == (True, False)


def test_who_must_not_be_called_is_not_even_made_a_link(lead, now):
    lead.do_not_call = True
    assert links.offer(lead, reason=ChatReason.CALL_FAILED, now=now) is None
    assert not ChatLink.objects.exists()


def test_who_must_not_be_called_is_not_written_to(twilio, lead, offered, now):
    Lead.objects.update(do_not_call=True)
    assert texting.send(offered.pk, now=now) == "failed"
    assert (state()[0], twilio.texts) == ("failed", [])


def test_a_text_that_nobody_asked_for_waits_for_the_hours(twilio, lead, now):
    night = now + timedelta(hours=8)  # half past ten in India
    call = Call.objects.create(lead=lead, provider="twilio")
    link = links.offer(lead, instead_of=call, reason=ChatReason.CALL_FAILED, now=night)
    assert texting.send(link.pk, now=night) == "later"
    morning = ChatLink.objects.get().text_after
    assert (morning - now).total_seconds() == 18.5 * 3600  # nine in India
    assert texting.queue_due(morning - timedelta(seconds=1)) == 0
    assert texting.queue_due(morning) == 1
    assert texting.send(link.pk, now=morning) == "sent"


@pytest.mark.parametrize(("reason", "told"), [(ChatReason.STAFF, "later"), (ChatReason.LEAD_ASKED, "sent")])
def test_at_night_only_who_asked_for_a_text_gets_one(twilio, lead, now, reason, told):
    night = now + timedelta(hours=8)
    link = links.make(lead, reason, now=night)
    links.text(link, now=night)
    assert texting.send(link.pk, now=night) == told


def test_who_answered_stop_to_a_text_is_not_called_either(twilio, lead, offered, now):
    twilio.mode = "21610"
    assert texting.send(offered.pk, now=now) == "failed"
    with pytest.raises(CallRefused) as refused:
        request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "suppressed"


def test_a_call_that_rang_nobody_is_followed_by_no_text(twilio, lead, now):
    call = Call.objects.create(lead=lead, provider="pretend")
    assert links.offer(lead, instead_of=call, reason=ChatReason.CALL_FAILED, now=now) is None
    assert ChatLink.objects.count() == 0


def test_without_a_carrier_staff_are_told_to_send_it_themselves(offered, now):
    assert texting.send(offered.pk, now=now) == "failed"
    assert state()[1] == "No provider of text messages is set up. Copy the link and send it yourself."


def test_one_failed_call_gives_one_link_and_a_second_that_day_no_second_text(lead, now):
    first, second = (Call.objects.create(lead=lead, provider="twilio", status=status) for status in ("ended", "queued"))
    offers = [links.offer(lead, instead_of=call, reason=ChatReason.CALL_FAILED, now=now) for call in (first, first)]
    offers.append(links.offer(lead, instead_of=second, reason=ChatReason.CALL_FAILED, now=now))
    assert offers == [ChatLink.objects.get()] * 3


def test_nothing_is_offered_where_staff_want_no_texts_or_there_is_no_number(lead, now):
    assert links.offer(Lead.objects.create(), reason=ChatReason.CALL_FAILED, now=now) is None
    DialerSettings.objects.update_or_create(pk=1, defaults={"send_chat_link": False})
    assert links.offer(lead, reason=ChatReason.CALL_FAILED, now=now) is None
    assert ChatLink.objects.count() == 0
