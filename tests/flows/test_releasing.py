"""Which calls go out first, how many at once, and how fast: shared by all workers."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from calls.lines import provider
from calls.models import Call, Campaign, DialerSettings, ProviderState
from calls.operations import pace, release_due
from calls.origin import Origin
from leads.models import Lead
from tests.flows.test_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unpaced(providers):
    providers["twilio"] |= {"calls_per_second": 0}
    return providers["twilio"]


@pytest.fixture
def due(now):
    """Calls that are due, one to each of several leads."""

    def make(*origins: Origin, **values) -> list[Call]:
        made = []
        for origin in origins:
            lead = Lead.objects.create(phone=f"+9198200{Lead.objects.count():05d}")
            made.append(Call.objects.create(lead=lead, provider="twilio", dial_after=now, origin=origin, **values))
        return made

    return make


def released() -> list[int]:
    """The calls for which a job was queued, in their order."""
    return [job.task["kwargs"]["call_id"] for job in OrmQ.objects.order_by("pk")]


def test_who_is_most_urgent_goes_first(unpaced, due, now):
    retry, promise, fresh, staff = due(Origin.RETRY, Origin.CALLBACK, Origin.NEW_LEAD, Origin.STAFF)
    assert release_due(now=now) == 4
    assert released() == [staff.pk, fresh.pk, promise.pk, retry.pk]


def test_no_more_calls_go_out_than_there_are_lines(unpaced, due, now):
    DialerSettings(max_lines=2).save()
    due(Origin.STAFF, Origin.STAFF, Origin.STAFF)
    assert (release_due(now=now), release_due(now=now)) == (2, 0)
    Call.objects.filter(pk=released()[0]).update(status="ended", end_reason="completed")
    assert release_due(now=now) == 1


def test_no_more_calls_go_out_than_the_provider_has_lines(unpaced, due, now):
    unpaced["max_lines"] = 2
    DialerSettings(max_lines=0).save()
    due(Origin.STAFF, Origin.STAFF, Origin.STAFF)
    assert (release_due(now=now), release_due(now=now)) == (2, 0)


def test_campaigns_leave_lines_to_new_leads(unpaced, due, now):
    DialerSettings(max_lines=3, reserved_lines=2).save()
    campaign = Campaign.objects.create(name="March", state="running", max_lines=5, reserved_lines=1)
    due(Origin.CAMPAIGN, Origin.CAMPAIGN, campaign=campaign)
    assert release_due(now=now) == 1
    due(Origin.NEW_LEAD, Origin.NEW_LEAD)
    assert release_due(now=now) == 2


def test_a_paused_campaign_keeps_its_calls_waiting_and_nobody_elses(unpaced, due, now):
    campaign = Campaign.objects.create(name="March", state="paused")
    waiting = due(Origin.CAMPAIGN, campaign=campaign)
    staff = due(Origin.STAFF)
    assert (release_due(now=now), released()) == (1, [staff[0].pk])
    campaign.state = "running"
    campaign.save()
    assert (release_due(now=now), released()[1:]) == (1, [waiting[0].pk])


@pytest.mark.parametrize("pause", ["everything", "provider"])
def test_nothing_goes_out_while_calls_are_paused_and_all_goes_out_after(unpaced, due, now, pause):
    due(Origin.STAFF, Origin.CALLBACK)
    if pause == "everything":
        DialerSettings(paused=True).save()
    else:
        ProviderState.objects.create(provider="twilio", paused=True)
    assert release_due(now=now) == 0
    DialerSettings(paused=False).save()
    ProviderState.objects.update(paused=False)
    assert release_due(now=now) == 2


def test_at_one_call_a_second_only_a_few_are_in_hand_so_that_the_urgent_can_still_pass(providers, due, now):
    providers["twilio"] |= {"calls_per_second": 1}
    due(*[Origin.RETRY] * 10)
    assert release_due(now=now) == 3
    due(Origin.STAFF)
    Call.objects.filter(pk__in=released()).update(status="dialing", placed_at=now)
    assert release_due(now=now) == 3
    assert Call.objects.get(pk=released()[3]).origin == "staff"


def test_a_due_time_is_kept_and_a_lost_job_is_handed_out_again(unpaced, due, now):
    (call,) = due(Origin.STAFF)
    assert [release_due(now=now + timedelta(seconds=s)) for s in (0, 29, 30)] == [1, 0, 1]
    call.refresh_from_db()
    assert call.dial_after == now


def test_slots_of_a_provider_are_one_gap_apart(providers, now):
    providers["twilio"] |= {"calls_per_second": 2}
    network = provider("twilio")
    assert [pace.take_slot(network, now=now) for _ in range(4)] == [0, 0.5, 1, 1.5]
    assert pace.take_slot(network, now=now + timedelta(seconds=10)) == 0


def test_workers_that_ask_at_once_get_slots_of_their_own(providers, now):
    providers["twilio"] |= {"calls_per_second": 1}
    slots = all_at_once(lambda _: pace.take_slot(provider("twilio"), now=now), 6)
    assert sorted(slots) == [0, 1, 2, 3, 4, 5]


def test_a_slot_far_in_the_future_was_taken_by_a_wrong_clock_and_holds_nobody_up(providers, now):
    providers["twilio"] |= {"calls_per_second": 1}
    ProviderState.objects.create(provider="twilio", next_slot_at=now + timedelta(days=200))
    assert pace.take_slot(provider("twilio"), now=now) == 0


def test_each_provider_s_calls_wait_for_its_own_lines_and_pauses(unpaced, providers, due, now):
    providers["vapi"] |= {"calls_per_second": 0}
    ProviderState.objects.create(provider="vapi", paused=True)
    (twilio,), (vapi,) = due(Origin.STAFF), due(Origin.STAFF)
    Call.objects.filter(pk=vapi.pk).update(provider="vapi")
    assert (release_due(now=now), released()) == (1, [twilio.pk])


def test_a_long_row_of_a_campaign_that_has_its_lines_hides_nobody_behind_it(unpaced, due, now):
    DialerSettings(max_lines=10).save()
    campaign = Campaign.objects.create(name="March", state="running", max_lines=1)
    row = due(*[Origin.RETRY] * 60, campaign=campaign)
    (other,) = due(Origin.RETRY)
    assert sum(release_due(now=now) for _ in range(2)) == 2
    assert released() == [row[0].pk, other.pk]


def test_killed_workers_hold_nobody_up_for_longer_than_a_lost_job(providers, due, now):
    providers["twilio"] |= {"calls_per_second": 1}
    due(*[Origin.RETRY] * 4)
    release_due(now=now)
    Call.objects.filter(pk__in=released()).update(status="dialing", dialed_at=now)
    assert [release_due(now=now + timedelta(seconds=s)) for s in (29, 30)] == [0, 1]


def test_calls_of_unsure_fate_take_no_line_for_longer_than_a_call_may_last(unpaced, due, now):
    DialerSettings(max_lines=1).save()
    due(Origin.STAFF, status="unconfirmed", dialed_at=now)
    due(Origin.STAFF)
    assert [release_due(now=now + timedelta(minutes=minutes)) for minutes in (59, 60)] == [0, 1]
