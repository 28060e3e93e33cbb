"""What is read of a lead before it is judged."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from calls.models import Call, CallingHours, CallingPolicy, DialerSettings, Holiday, ProviderState
from calls.operations.gate import gate, gate_many, hours_for, text_gate
from calls.origin import Origin
from leads.models import Consent, DndEntry, Lead, Suppression
from tests.admin_rows import make_lead
from tests.realty.running import ROOT

pytestmark = pytest.mark.django_db


class Ringing:
    """A network that people can hear."""

    name = "twilio"
    rings_people = True


class Silent(Ringing):
    """One that nobody can."""

    rings_people = False


@pytest.fixture
def lead(now):
    return make_lead(1, now)


def asked(lead, *times, **fields):
    Call.objects.bulk_create(
        Call(lead=lead, provider="twilio", status="ended", end_reason="busy", asked_at=at, **fields) for at in times
    )


def test_a_dial_costs_few_questions_to_the_database(lead, now, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        assert gate(lead, Ringing, now=now).allowed


def test_where_nobody_ever_set_a_policy_the_law_counts_as_we_know_it(lead, now):
    CallingPolicy.objects.all().delete()
    DialerSettings.objects.all().delete()
    assert gate(lead, Ringing, now=now).allowed
    assert gate(lead, Ringing, now=now.replace(hour=16)).code == "outside_calling_hours"
    assert hours_for(Lead(phone="+12125550123", time_zone="America/New_York"), now) == (time(8), time(21))


def test_a_country_without_a_policy_of_its_own_is_called_by_that_of_all_others(now):
    CallingPolicy.objects.filter(region="IN").delete()
    CallingHours.objects.filter(policy__region="").update(opens=time(15))
    assert hours_for(make_lead(1, now), now) == (time(15), time(21))


def test_the_hours_told_to_a_caller_are_those_of_the_next_day_that_has_any(lead, now):
    CallingHours.objects.filter(policy__region="IN", weekday=1).delete()
    CallingHours.objects.filter(policy__region="IN", weekday=2).update(opens=time(11))
    assert hours_for(lead, now) == (time(11), time(21))


def test_calls_of_the_leads_own_day_count_against_its_cap(lead, now):
    midnight = datetime(2026, 3, 9, 18, 30, tzinfo=UTC)  # of the lead's day
    asked(lead, midnight - timedelta(seconds=1), midnight, now)
    assert gate(lead, Ringing, now=now).allowed
    asked(lead, now)
    refused = gate(lead, Ringing, now=now)
    assert (refused.code, refused.again_at) == ("cap_day", datetime(2026, 3, 11, 3, 30, tzinfo=UTC))
    assert gate(lead, Ringing, now=now, origin=Origin.CALLBACK).allowed
    assert gate(lead, Silent, now=now).allowed


def test_what_never_rang_the_lead_counts_for_nothing(lead, now):
    asked(lead, None, None, None, None)
    asked(lead, now, now, direction="inbound")
    asked(lead, now, now, channel="chat")
    assert gate(lead, Ringing, now=now).allowed


def test_a_lead_called_often_enough_is_left_alone(lead, now):
    asked(lead, *(now - timedelta(days=n) for n in range(1, 13)))
    assert gate(lead, Ringing, now=now).detail == (
        "This lead has had 12 calls, and 12 are allowed in all. "
        "Write to them instead, or raise the limit under Calling policies."
    )


def test_only_the_provider_that_is_paused_places_no_calls(lead, now):
    ProviderState.objects.create(provider="twilio", paused=True, reason="Five calls failed.")
    assert gate(lead, Ringing, now=now).detail == (
        "The provider is paused: Five calls failed. Resume it under Providers."
    )
    ProviderState.objects.update(provider="vapi")
    assert gate(lead, Ringing, now=now).allowed


def test_a_number_that_a_carrier_refused_is_called_again_once_it_is_corrected(lead, now):
    lead.bad_number = str(lead.phone)
    assert (gate(lead, Ringing, now=now).code, text_gate(lead, now=now).code) == ("bad_number",) * 2
    lead.phone = "+919876599999"
    assert gate(lead, Ringing, now=now).allowed


def test_a_country_that_needs_consent_is_called_with_one(lead, now):
    CallingPolicy.objects.update(needs_consent=True)
    assert gate(lead, Ringing, now=now).code == "no_consent"
    assert gate(lead, Silent, now=now).allowed
    Consent.objects.create(lead=lead, source="Form", at=now)
    assert gate(lead, Ringing, now=now).allowed


def test_texts_that_were_asked_for_go_out_at_night_and_to_nobody_who_refused(lead, now):
    night = now.replace(hour=20)
    assert (text_gate(lead, now=night).allowed, text_gate(lead, now=night, asked_for=False).code) == (
        True,
        "outside_calling_hours",
    )
    DndEntry.objects.create(phone=str(lead.phone), categories=[2], modes=[12])
    assert text_gate(lead, now=now).code == "dnd"
    Suppression.objects.create(phone=str(lead.phone))
    assert text_gate(lead, now=now).code == "suppressed"


def test_holidays_on_any_clock_the_lead_may_live_by_are_kept(now):
    abroad = Lead.objects.bulk_create([Lead(phone="+61412345678")])[0]
    CallingPolicy.objects.update(public_holidays=False)
    Holiday.objects.create(date=date(2026, 3, 11), region="AU", name="A day off")
    noon_there = datetime(2026, 3, 10, 13, 30, tzinfo=UTC)  # the 11th in Sydney, still the 10th in Perth
    assert gate(abroad, Ringing, now=noon_there).code == "holiday"


def test_a_time_zone_that_is_none_leaves_the_clocks_of_the_number(now):
    lead = Lead.objects.bulk_create([Lead(phone="+12135550123", time_zone="America")])[0]
    CallingPolicy.objects.update(needs_consent=False)
    assert gate(lead, Ringing, now=now.replace(hour=19)).allowed
    assert gate(lead, Ringing, now=now).code == "outside_calling_hours"


def test_a_day_is_the_one_of_the_clock_that_the_number_tells(now):
    # Half past nine in New York: three calls were made there this morning, before midnight in India.
    now = now.replace(hour=21, minute=0)
    lead = Lead.objects.bulk_create([Lead(phone="+12125550123")])[0]
    CallingPolicy.objects.filter(region="US").update(needs_consent=False)
    asked(lead, *(now.replace(hour=14, minute=minute) for minute in (0, 20, 40)))
    decision = gate(lead, Ringing, now=now)
    assert decision.code == "cap_day"
    assert decision.detail.endswith("Call again from 08:00 tomorrow on the lead's clock.")


def test_the_clock_follows_a_number_that_is_corrected_and_stays_where_it_was_chosen(now):
    lead = Lead.objects.create(phone="+12125550123", created_at=now)
    lead.phone = "+442071838750"
    lead.save(update_fields=["phone"])
    lead.refresh_from_db()
    assert lead.time_zone == "Europe/London"
    assert gate(lead, Ringing, now=now.replace(hour=23)).code == "outside_calling_hours"
    Lead.objects.filter(pk=lead.pk).update(time_zone="Asia/Dubai")
    lead.refresh_from_db()
    lead.phone = "+12125550123"
    lead.save()
    assert Lead.objects.get(pk=lead.pk).time_zone == "Asia/Dubai"


def test_a_consent_counts_from_its_time_on_and_taking_it_back_at_once(lead, now):
    Consent.objects.create(lead=lead, given=False, source="-", at=now)
    Consent.objects.create(lead=lead, given=True, source="-", at=now + timedelta(days=1))
    bulk = gate_many([lead], Ringing, now=now, origin=Origin.STAFF)
    assert gate(lead, Ringing, now=now) == bulk[lead.pk]
    assert gate(lead, Ringing, now=now).code == "consent_withdrawn"
    assert gate(lead, Ringing, now=now + timedelta(days=1)).allowed
    Consent.objects.create(lead=lead, given=False, source="-", at=now + timedelta(days=2))
    assert gate(lead, Ringing, now=now + timedelta(days=1)).code == "consent_withdrawn"


def test_a_corrected_number_is_not_the_wrong_one_any_more(lead, now):
    Lead.objects.filter(pk=lead.pk).update(status="wrong_number")
    lead.refresh_from_db()
    assert gate(lead, Ringing, now=now).code == "wrong_number"
    lead.save()
    assert Lead.objects.get(pk=lead.pk).status == "wrong_number"
    lead.phone = "+919820012399"
    lead.save()
    assert gate(Lead.objects.get(pk=lead.pk), Ringing, now=now).allowed


@pytest.mark.parametrize(
    ("door", "place"), [("place_call", "calls/operations/dialing.py"), ("send_text", "calls/chat/texting.py")]
)
def test_one_place_alone_asks_a_provider_to_ring_or_to_write(door, place):
    """That place asks the gate right before; whoever adds another must drive it in test_gate_paths, too."""
    found = [
        str(path.relative_to(ROOT))
        for folder in ("calls", "leads", "realty", "voice")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for _ in range(path.read_text().count(f".{door}("))
    ]
    assert found == [place]
