"""Calls that nobody presses a button for: callbacks at the promised time, and leads that have just arrived."""

from datetime import UTC, datetime, timedelta

import pytest

from calls import operations
from calls.models import Call, DialerSettings
from calls.operations import dial_promises, greet_new_leads, promises
from calls.operations.retrying import forget_retries
from leads.models import Activity, FollowUp, Lead, Suppression
from leads.operations import promise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    return Lead.objects.create(name="Ravi Rao", phone="+919820012345", status="callback")


@pytest.fixture
def over_twilio(settings, providers):
    settings.DEFAULT_PROVIDER = "twilio"


pytestmark = [pytestmark, pytest.mark.usefixtures("over_twilio")]


def test_a_promised_callback_is_queued_at_its_time_and_once(lead, now):
    kept = promise(lead, "callback", due_at=now, note="", now=now - timedelta(hours=1))
    assert [dial_promises(now=now + timedelta(seconds=s)) for s in (-1, 0, 1)] == [0, 1, 0]
    call = Call.objects.get()
    assert (call.lead, call.origin, call.follow_up, call.dial_after) == (lead, "callback", kept, now)
    Call.objects.update(status="ended", end_reason="no_answer", disposition="no_answer")
    assert dial_promises(now=now + timedelta(minutes=1)) == 0  # the ladder goes on from there


def test_a_promise_that_is_given_a_new_time_is_kept_at_that_time_too(lead, now):
    promise(lead, "callback", due_at=now, note="", now=now)
    dial_promises(now=now)
    Call.objects.update(status="ended", end_reason="completed", disposition="callback")
    tomorrow = now + timedelta(days=1)
    promise(lead, "callback", due_at=tomorrow, note="", now=now)
    assert [dial_promises(now=at) for at in (now + timedelta(hours=1), tomorrow)] == [0, 1]


def test_a_promise_at_night_waits_for_the_morning(lead):
    night = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)  # half past ten in India
    promise(lead, "callback", due_at=night, note="", now=night)
    assert dial_promises(now=night) == 1
    assert Call.objects.get().dial_after == datetime(2026, 3, 11, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "due_in_h", "values"),
    [
        ("hand_off", 0, {}),
        ("sales_call", 0, {}),
        ("callback", 1, {}),
        ("callback", -13, {}),
        ("callback", 0, {"by_hand": True}),
    ],
)
def test_what_is_a_matter_for_staff_is_not_dialled(lead, now, kind, due_in_h, values):
    promise(lead, kind, due_at=now + timedelta(hours=due_in_h), note="", now=now, **values)
    assert (dial_promises(now=now), Call.objects.count()) == (0, 0)


def test_staff_can_keep_promises_by_hand(lead, now):
    DialerSettings(dial_callbacks=False).save()
    promise(lead, "callback", due_at=now, note="", now=now)
    assert (dial_promises(now=now), Call.objects.count()) == (0, 0)


def test_a_promise_to_somebody_who_must_not_be_called_stays_with_staff_who_read_why(lead, now):
    promise(lead, "callback", due_at=now, note="", now=now)
    Lead.objects.update(do_not_call=True)
    assert [dial_promises(now=now), dial_promises(now=now)] == [0, 0]
    assert Activity.objects.get(kind="call_refused").data == {"code": "do_not_call"}
    assert FollowUp.objects.filter(done_at=None).count() == 1


def test_a_process_that_dies_between_promise_and_call_loses_neither(lead, now, monkeypatch):
    promise(lead, "callback", due_at=now, note="", now=now)

    def die(**_):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(promises, "request_call", die)
        with pytest.raises(SystemExit):
            dial_promises(now=now)
    assert dial_promises(now=now) == 1


def test_leads_are_called_on_arrival_from_when_staff_said_so(now):
    Lead.objects.create(phone="+919820000001", created_at=now - timedelta(minutes=1))
    assert greet_new_leads(now=now) == 0
    DialerSettings(call_new_leads=True, new_leads_since=now, new_lead_sources=["website"]).save()
    fresh = Lead.objects.create(phone="+919820000002", source="website", created_at=now + timedelta(seconds=1))
    for values in ({"source": "import"}, {"source": "website", "status": "contacted"}, {"source": "inbound_call"}):
        Lead.objects.create(phone=f"+91982000001{Lead.objects.count()}", created_at=now, **values)
    Lead.objects.create(source="website", created_at=now)  # no number
    later = now + timedelta(seconds=2)
    assert [greet_new_leads(now=later), greet_new_leads(now=later)] == [1, 0]
    call = Call.objects.get()
    assert (call.lead, call.origin, call.priority, call.dial_after) == (fresh, "new_lead", 1, later)


def test_a_lead_whom_somebody_called_before_it_was_taken_up_is_not_called_again(now):
    DialerSettings(call_new_leads=True, new_leads_since=now).save()
    fresh = Lead.objects.create(phone="+919820000002", created_at=now)
    Call.objects.create(lead=fresh, provider="twilio", status="ended", end_reason="no_answer", created_at=now)
    assert (greet_new_leads(now=now), Call.objects.count()) == (0, 1)


def test_why_a_new_lead_is_not_called_stands_on_its_timeline(now):
    DialerSettings(call_new_leads=True, new_leads_since=now).save()
    Suppression.objects.create(phone="+919820000002")
    Lead.objects.create(phone="+919820000002", created_at=now)
    assert (greet_new_leads(now=now), Call.objects.count()) == (0, 0)
    assert Activity.objects.values_list("kind", "data").get() == ("call_refused", {"code": "suppressed"})


def test_a_lead_that_arrives_at_night_is_called_in_the_morning():
    night = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    DialerSettings(call_new_leads=True, new_leads_since=night).save()
    Lead.objects.create(phone="+919820000002", created_at=night)
    assert greet_new_leads(now=night) == 1
    assert Call.objects.get().dial_after == datetime(2026, 3, 11, 3, 30, tzinfo=UTC)


def test_switching_it_off_and_on_again_calls_nobody_who_came_between(now):
    dialer = DialerSettings(call_new_leads=True, new_leads_since=now)
    dialer.save()
    dialer.call_new_leads = False
    dialer.save()
    Lead.objects.create(phone="+919820000002", created_at=now + timedelta(seconds=1))
    dialer.call_new_leads = True
    dialer.save()
    assert greet_new_leads(now=now + timedelta(minutes=1)) == 0


@pytest.mark.parametrize("change", [{"done_at": "now"}, {"due_at": "later"}])
def test_a_promise_that_staff_kept_or_put_off_meanwhile_is_not_dialled(lead, now, change):
    promise(lead, "callback", due_at=now, note="", now=now)
    dial_promises(now=now)
    FollowUp.objects.update(
        **{name: {"now": now, "later": now + timedelta(hours=3)}[at] for name, at in change.items()}
    )
    call = Call.objects.get()
    assert operations.dial(call.pk, tries=0, now=now) == "canceled"
    call.refresh_from_db()
    assert (call.status, call.end_reason, call.asked_at) == ("ended", "canceled", None)


def test_one_lead_that_cannot_be_judged_holds_up_no_other(lead, now, monkeypatch):
    DialerSettings(call_new_leads=True, new_leads_since=now).save()
    Lead.objects.create(name="Broken", phone="+919820012340", created_at=now)
    other = Lead.objects.create(name="Meena", phone="+919820012346", created_at=now + timedelta(seconds=1))
    judge = promises.gate_many

    def breaks(leads, *args, **kwargs):
        return 1 / 0 if any(one.name == "Broken" for one in leads) else judge(leads, *args, **kwargs)

    monkeypatch.setattr(promises, "gate_many", breaks)
    with pytest.raises(ZeroDivisionError):
        greet_new_leads(now=now + timedelta(minutes=1))
    assert other.calls.filter(status="queued").exists()


@pytest.mark.parametrize("origin", ["retry", "campaign", "callback"])
def test_a_promise_is_kept_at_its_time_though_another_try_waits_for_tomorrow(lead, now, origin):
    waiting = Call.objects.create(
        lead=lead, provider="twilio", origin=origin, dial_after=now + timedelta(days=1), created_at=now
    )
    promise(lead, "callback", due_at=now, note="", now=now)
    assert dial_promises(now=now) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == ("ended", "The callback that was promised takes its place.")
    assert Call.objects.get(status="queued").dial_after == now


def test_no_try_gives_way_to_a_promise_that_staff_keep_at_this_moment(lead, now, monkeypatch):
    waiting = Call.objects.create(lead=lead, provider="twilio", origin="retry", dial_after=now + timedelta(days=1))
    promise(lead, "callback", due_at=now, note="", now=now)
    each = promises.each

    def kept_meanwhile(step, rows):
        rows = list(rows)
        FollowUp.objects.update(done_at=now)
        return each(step, rows)

    monkeypatch.setattr(promises, "each", kept_meanwhile)
    assert dial_promises(now=now) == 0
    waiting.refresh_from_db()
    assert waiting.status == "queued"


@pytest.mark.parametrize(
    "values",
    [{"channel": "chat", "direction": "inbound"}, {"direction": "inbound"}, {"origin": "staff"}],
    ids=["a chat", "a call from them", "a call that staff asked for"],
)
def test_a_promise_whose_time_comes_while_the_lead_is_with_us_is_not_lost(lead, now, values):
    call = Call.objects.create(lead=lead, provider="twilio", status="in_progress", created_at=now, **values)
    promise(lead, "callback", due_at=now, note="", now=now)
    assert dial_promises(now=now) == 0
    Call.objects.filter(pk=call.pk).update(status="ended")
    assert dial_promises(now=now + timedelta(minutes=10)) == 1


def test_who_rings_at_the_very_moment_that_a_promise_is_taken_up_is_called_after_that(lead, now, monkeypatch):
    promise(lead, "callback", due_at=now, note="", now=now)

    def busy(**_):
        raise operations.CallRefused("live_call", "A call is under way.")

    with monkeypatch.context() as moment:
        moment.setattr(promises, "request_call", busy)
        assert dial_promises(now=now) == 0
    assert dial_promises(now=now + timedelta(minutes=10)) == 1


def test_a_new_lead_who_was_reached_before_the_morning_s_call_is_not_rung(lead, now):
    morning = now + timedelta(hours=12)
    call = Call.objects.create(lead=lead, provider="twilio", origin="new_lead", dial_after=morning, created_at=now)
    assert forget_retries(lead, now=now) == 1
    call.refresh_from_db()
    assert (call.status, call.disposition) == ("ended", "canceled")
