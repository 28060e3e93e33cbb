"""Who is rung for a caller who wants a person, and what they are told."""

from datetime import time, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django_q.models import OrmQ

from calls.display import whisper_text
from calls.models import Call, DialerSettings
from calls.operations import handing_off
from leads.models import FollowUp, Lead, Representative
from voice.events import CallEvent, EndReason, EventKind, Transfer

pytestmark = pytest.mark.django_db

FALLBACK, MEENAS = "+912066778899", "+919811112222"


@pytest.fixture
def dialer():
    dialer = DialerSettings(hand_off_number=FALLBACK, ring_staff_s=15)
    dialer.save()
    return dialer


@pytest.fixture
def meena():
    user = get_user_model().objects.create_user("meena", first_name="Meena", last_name="Joshi", is_staff=True)
    return Representative.objects.create(user=user, phone=MEENAS)


def call_of(owner, phone="+919820012345", **fields):
    lead = Lead.objects.create(name="Ravi Rao", phone=phone, owner=owner)
    return Call.objects.create(
        **{"lead": lead, "provider": "twilio", "direction": "inbound", "status": "in_progress"} | fields
    )


def rung(call, now):
    transfer = handing_off.transfer_for(call, now=now)
    call.save()
    return transfer and transfer.number


def test_the_owner_is_rung_with_what_is_known_of_the_lead(dialer, meena, now):
    call = call_of(meena.user)
    assert handing_off.transfer_for(call, now=now) == Transfer(MEENAS, "Incoming call from Ravi Rao.", 15)
    assert (call.transfer_state, call.transfer_to) == ("ringing", meena.user)


def test_a_lead_without_an_owner_gets_the_number_for_all(dialer, now):
    call = call_of(None)
    assert (rung(call, now), call.transfer_to) == (FALLBACK, None)


@pytest.mark.parametrize("change", [{"takes_hand_offs": False}, {"phone": "+919820012345"}, {"phone": "+14155550100"}])
def test_an_owner_who_is_away_or_is_the_caller_or_one_of_our_numbers_is_not_rung(dialer, meena, now, change, settings):
    settings.PROVIDERS = {"twilio": {**settings.PROVIDERS["twilio"], "from_number": "+14155550100"}}
    Representative.objects.update(**change)
    assert rung(call_of(meena.user), now) == FALLBACK


def test_an_owner_who_may_no_longer_log_in_is_not_rung(dialer, meena, now):
    get_user_model().objects.update(is_active=False)
    assert rung(call_of(meena.user), now) == FALLBACK


def test_nobody_is_rung_where_only_the_callers_own_number_is_left(dialer, now):
    assert rung(call_of(None, phone=FALLBACK), now) is None


@pytest.mark.parametrize("phone", ["", "+91", "+9112"])
def test_nobody_is_rung_under_a_number_that_cannot_be(dialer, now, phone):
    DialerSettings.objects.update(hand_off_number=phone)
    assert rung(call_of(None), now) is None


def test_who_is_on_the_telephone_already_is_not_rung_and_the_second_caller_gets_the_number_for_all(dialer, meena, now):
    first, second = call_of(meena.user), call_of(meena.user, "+919820012346")
    assert (rung(first, now), rung(second, now), second.transfer_to) == (MEENAS, FALLBACK, None)


def test_who_is_on_the_telephone_already_is_not_rung_under_the_number_for_all_either(dialer, meena, now):
    DialerSettings.objects.update(hand_off_number=MEENAS)
    first, second = call_of(meena.user), call_of(meena.user, "+919820012346")
    assert (rung(first, now), rung(second, now)) == (MEENAS, None)


@pytest.mark.parametrize("done", [{"status": "ended"}, {"transfer_state": "missed"}])
def test_who_has_finished_is_rung_again(dialer, meena, now, done):
    first = call_of(meena.user)
    rung(first, now)
    Call.objects.filter(pk=first.pk).update(**done)
    assert rung(call_of(meena.user, "+919820012346"), now) == MEENAS


def test_a_call_is_put_through_once(dialer, meena, now):
    call = call_of(meena.user)
    rung(call, now)
    assert rung(call, now) is None


def test_our_own_number_is_no_number_of_staff(dialer, settings):
    settings.PROVIDERS = {"twilio": {**settings.PROVIDERS["twilio"], "from_number": FALLBACK}}
    with pytest.raises(ValidationError, match="We call from this number"):
        dialer.full_clean()
    dialer.hand_off_number = MEENAS
    dialer.full_clean()


def test_a_chat_is_not_put_through(dialer, meena, now):
    assert rung(call_of(meena.user, channel="chat"), now) is None


@pytest.mark.parametrize(
    ("changes", "is_rung"),
    [
        ({}, True),
        ({"staff_from": time(14, 30)}, True),  # it is half past two at home
        ({"staff_from": time(14, 31)}, False),
        ({"staff_until": time(14, 30)}, False),
        ({"staff_days": [0, 2]}, False),
        ({"staff_days": [1]}, True),
    ],
)
def test_staff_are_rung_in_their_hours_on_the_home_clock(dialer, meena, now, changes, is_rung):
    DialerSettings.objects.update(**changes)
    assert (rung(call_of(meena.user), now) == MEENAS) == is_rung


@pytest.mark.parametrize(("direction", "is_rung"), [("inbound", True), ("outbound", False)])
def test_staff_come_first_for_who_rings_us_and_never_for_whom_we_rang(dialer, meena, now, direction, is_rung):
    DialerSettings.objects.update(ring_staff_first=True)
    assert (handing_off.staff_first(call_of(meena.user, direction=direction), now=now) is not None) is is_rung


def over(**fields):
    return CallEvent(EventKind.TRANSFERRED, "twilio", "CA1", "key", **fields)


def test_two_key_presses_keep_the_promise_once(dialer, meena, now):
    call = call_of(meena.user)
    promise = FollowUp.objects.create(lead=call.lead, kind="hand_off", due_at=now)
    rung(call, now)
    later = now + timedelta(minutes=3)
    assert [handing_off.accepted(call, "1", now=now), handing_off.accepted(call, "1", now=later)] == [True, True]
    promise.refresh_from_db()
    assert (promise.done_at, call.transferred_at) == (now, now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("direction", "jobs"), [("outbound", ["prolong"]), ("inbound", [])])
def test_a_call_that_we_placed_may_last_longer_once_staff_have_taken_it(dialer, meena, now, direction, jobs):
    call = call_of(meena.user, direction=direction)
    with transaction.atomic():
        rung(call, now)
        assert handing_off.accepted(call, "1", now=now)
        assert handing_off.accepted(call, "1", now=now)
    queued = [job.task for job in OrmQ.objects.all() if job.task["func"] == "calls.tasks.act_on_line"]
    assert [task["kwargs"]["what"] for task in queued] == jobs


def test_the_timeline_tells_how_long_they_talked(dialer, meena, now):
    call = call_of(meena.user)
    rung(call, now)
    handing_off.accepted(call, "1", now=now)
    handing_off.transferred(call, over(reached_staff=True), now=now + timedelta(seconds=185))
    told = list(call.lead.activities.values_list("text", flat=True))
    assert told == ["Put through to Meena Joshi, talked 3 min 5 s."]


def test_no_length_is_made_up_where_only_the_end_of_the_talk_is_told(dialer, meena, now):
    call = call_of(meena.user)
    rung(call, now)
    for kind in (EventKind.STATUS, EventKind.REPORT):
        told = CallEvent(kind, "vapi", "CA1", "key", reached_staff=True, end_reason=EndReason.COMPLETED)
        handing_off.transferred(call, told, now=now + timedelta(seconds=2))
    assert list(call.lead.activities.values_list("text", flat=True)) == ["Put through to Meena Joshi."]


def test_nobody_who_must_not_be_called_is_promised_a_call(dialer, meena, now):
    call = call_of(meena.user)
    call.lead.do_not_call = True
    rung(call, now)
    handing_off.line_closed(call, now=now)
    assert (call.transfer_state, FollowUp.objects.count()) == ("missed", 0)


WANTED = {
    "bedrooms_min": 2,
    "bedrooms_max": 3,
    "property_type": "apartment",
    "locations": [{"city": "Pune", "locality": "Wakad"}, {"city": "Mumbai", "locality": None}],
    "budget_min": 5_000_000,
    "budget_max": 12_500_000,
    "purpose": "buy",
}


@pytest.mark.parametrize(
    ("name", "slots", "said"),
    [
        ("", {}, "Call from a caller who gave no name."),
        (
            "Ravi Rao",
            WANTED,
            (
                "Call from Ravi Rao. Wants 2 to 3 bedroom apartment to buy. In Wakad, Pune or Mumbai. "
                "Budget 50 lakh rupees to 1.25 crore rupees."
            ),
        ),
        (
            "Ravi Rao",
            {"purpose": "rent", "budget_max": 25_000},
            "Call from Ravi Rao. Wants a property to rent. Budget up to 25,000 rupees a month.",
        ),
        ("Ravi", {"bedrooms_min": 2.5, "budget_min": 5_000_000}, None),
    ],
)
def test_a_whisper_tells_name_and_wish_in_words(name, slots, said):
    assert said is None or whisper_text(name, slots) == said
    assert "₹" not in whisper_text(name, slots)


def test_a_whisper_stays_short_whatever_a_lead_wants():
    long = {"locations": [{"city": "A" * 64, "locality": "B" * 96}, {"city": "C" * 64, "locality": "D" * 96}]}
    said = whisper_text("R" * 120, WANTED | long)
    assert len(said) <= 200
    assert "Budget" in said
