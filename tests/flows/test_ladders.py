"""What follows when nobody was reached or a line failed: the next try at its time, once, and not where unwanted."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import OrmQ

from calls import operations
from calls.models import Call, Campaign, ChatLink, DialerSettings
from calls.operations.campaigning import stop
from calls.operations.retrying import queue_retry
from calls.origin import Origin
from leads.models import Activity, Lead
from leads.operations import set_do_not_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ends(api, line, lead):
    """Dial the lead's waiting call, and let Twilio tell how it ended."""

    def end(status: str, *, at: datetime) -> Call:
        call = Call.objects.filter(lead=lead, status="queued").get()
        assert operations.dial(call.pk, tries=call.tries, now=at) == "placed"
        line.sid, line.direction = api.placed[-1]["sid"], "outbound-api"
        assert line.status(status, call=call.pk, sequence=3).status_code in {200, 204}
        return Call.objects.get(pk=call.pk)

    return end


def waits(lead, since):
    """How long until the lead's next try, and which it is; None where none waits."""
    retry = Call.objects.filter(lead=lead, status="queued").first()
    return (retry.dial_after - since, retry.ladder, retry.attempt, retry.failures) if retry else None


@pytest.fixture
def at_now(monkeypatch, now):
    """Webhooks arrive at the test's own time."""

    def travel(to: datetime) -> datetime:
        monkeypatch.setattr("calls.webhooks.timezone.now", lambda: to)
        return to

    travel(now)
    return travel


def test_nobody_reached_is_tried_again_after_half_an_hour_two_hours_and_a_day_and_then_no_more(lead, ends, now, at_now):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    found = []
    for status in ("no-answer", "busy", "no-answer", "no-answer"):
        retry = Call.objects.get(status="queued")
        moment = at_now(max(now, retry.dial_after))
        ends(status, at=moment)
        found.append(waits(lead, moment))
    assert found == [
        (timedelta(minutes=30), "people", 2, 0),
        (timedelta(hours=2), "people", 3, 0),
        (timedelta(days=1), "people", 4, 0),
        None,
    ]
    chain = list(Call.objects.order_by("pk").values_list("retry_of", flat=True))
    assert chain == [None, *Call.objects.order_by("pk").values_list("pk", flat=True)[:3]]


def test_a_line_that_fails_is_tried_again_after_30_s_2_min_and_10_min_and_then_the_lead_gets_the_chat(
    lead, ends, now, at_now
):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    found = []
    for _ in range(4):
        moment = at_now(max(now, Call.objects.get(status="queued").dial_after))
        last = ends("failed", at=moment)
        found.append(waits(lead, moment))
    assert found == [
        (timedelta(seconds=30), "technical", 1, 1),
        (timedelta(minutes=2), "technical", 1, 2),
        (timedelta(minutes=10), "technical", 1, 3),
        None,
    ]
    assert last.chat_instead.reason == "call_failed"


def test_staff_change_the_ladder_in_the_admin(lead, ends, now, at_now):
    DialerSettings(people_ladder="5 min").save()
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    ends("busy", at=now)
    assert waits(lead, now) == (timedelta(minutes=5), "people", 2, 0)
    DialerSettings(people_ladder="").save()
    at_now(now + timedelta(minutes=5))
    ends("busy", at=now + timedelta(minutes=5))
    assert waits(lead, now) is None


def test_a_try_that_would_fall_into_the_night_waits_until_the_lead_may_be_called(lead, ends, now, at_now):
    evening = at_now(datetime(2026, 3, 10, 15, 15, tzinfo=UTC))  # a quarter to nine in India
    operations.request_call(lead_id=lead.pk, now=evening, provider="twilio")
    ends("no-answer", at=evening)
    assert Call.objects.get(status="queued").dial_after == datetime(2026, 3, 11, 3, 30, tzinfo=UTC)
    text = Activity.objects.filter(kind="call").latest("pk").text
    assert text == "Called; nobody answered. The next try is on 11 March at 09:00 (lead's time)."


def test_an_end_that_is_told_twice_makes_one_further_try(lead, ends, line, now, at_now):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    call = ends("no-answer", at=now)
    line.status("no-answer", call=call.pk, sequence=7)
    line.status("completed", call=call.pk, sequence=8)
    assert Call.objects.filter(retry_of=call).count() == 1
    assert Call.objects.count() == 2


def test_an_end_that_is_worked_on_again_later_makes_no_second_try_even_when_the_first_is_over(lead, ends, now, at_now):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    call = ends("no-answer", at=now)
    Call.objects.filter(retry_of=call).update(status="ended", end_reason="completed")
    assert queue_retry(call, now=now) is None
    assert Call.objects.filter(retry_of=call).count() == 1


def test_a_lead_who_must_not_be_called_any_more_is_not_tried_again(lead, ends, now, at_now):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    call = Call.objects.get()
    operations.dial(call.pk, tries=0, now=now)
    set_do_not_call(lead_id=lead.pk, now=now)
    Call.objects.update(status="queued", tries=1, provider_call_id="", asked_at=None)
    operations.dial(call.pk, tries=1, now=now)
    assert list(Call.objects.values_list("disposition", flat=True)) == ["not_allowed"]


def test_call_now_brings_the_next_try_forward(lead, ends, now, at_now, admin_user):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    ends("busy", at=now)
    later = now + timedelta(minutes=3)
    call = operations.request_call(lead_id=lead.pk, now=later, provider="twilio", by=admin_user, request_key="k")
    assert (call.dial_after, call.attempt, call.priority, call.requested_by) == (later, 2, 0, admin_user)
    again = operations.request_call(lead_id=lead.pk, now=later, provider="twilio", by=admin_user, request_key="k")
    assert (again.pk, Call.objects.count()) == (call.pk, 2)


def test_a_key_of_a_program_never_names_a_call_that_has_another(lead, ends, now, at_now):
    asks = {"lead_id": lead.pk, "provider": "twilio", "origin": Origin.API}
    first = operations.request_call(now=now, request_key="first", **asks)
    Call.objects.update(dial_after=now + timedelta(minutes=5), tries=1, leased_until=None)  # the provider is down
    with pytest.raises(operations.CallRefused, match="already under way") as refused:
        operations.request_call(now=now, request_key="second", **asks)
    assert (refused.value.code, operations.request_call(now=now, request_key="first", **asks)) == ("live_call", first)


def test_a_lead_who_rings_before_the_next_try_is_not_rung(lead, ends, line, now, at_now):
    operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    ends("busy", at=now)
    at_now(now + timedelta(minutes=3))
    line.sid, line.direction = "CA" + "9" * 32, "inbound"
    line.ring()
    assert list(Call.objects.filter(origin="retry").values_list("disposition", flat=True)) == ["canceled"]


def test_a_number_that_no_carrier_knows_is_marked_and_not_called_again(lead, api, now):
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    api.mode = "21211"
    assert operations.dial(call.pk, tries=0, now=now) == "bad_number"
    lead.refresh_from_db()
    assert lead.bad_number == "+919820012345"
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "bad_number"
    Lead.objects.update(phone="+919820012346")
    assert operations.request_call(lead_id=lead.pk, now=now, provider="twilio").status == "queued"


def test_a_campaign_s_try_that_staff_bring_forward_goes_out_though_the_campaign_is_paused_or_ends(api, lead, now):
    campaign = Campaign.objects.create(name="March", state="paused")
    waiting = Call.objects.create(
        lead=lead, provider="twilio", origin="retry", campaign=campaign, dial_after=now + timedelta(hours=2)
    )
    assert operations.request_call(lead_id=lead.pk, now=now, provider="twilio").pk == waiting.pk
    assert OrmQ.objects.count() == 1
    stop(campaign_id=campaign.pk, now=now)
    assert operations.dial(waiting.pk, tries=0, now=now) == "placed"


def test_no_way_to_the_chat_is_sent_to_a_number_that_the_carrier_says_is_none(api, lead, now):
    DialerSettings(send_chat_link=True).save()
    call = operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    api.mode = "21211"
    assert operations.dial(call.pk, tries=0, now=now) == "bad_number"
    assert not ChatLink.objects.exists()
