"""Campaigns from start to end."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import F

from calls import campaign_queries
from calls.lifecycle import LIVE
from calls.models import Call, Campaign, CampaignMember, DialerSettings, ProviderState
from calls.operations import campaigning, cancel_call, feeding
from calls.operations.breaking import resume_provider, watch_breakers
from calls.operations.dialing import CallRefused, dial, request_call
from calls.operations.ending import after_end
from calls.operations.feeding import feed
from leads.models import Lead
from leads.operations import set_do_not_call
from tests.admin_rows import make_lead
from tests.calls.recorder import LEDGER
from voice.providers import registry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _twilio(settings):
    """A provider that rings people, so that hours, lists and consent count; nothing is dialled without a worker."""
    settings.DEFAULT_PROVIDER = "twilio"


@pytest.fixture
def campaign(now):
    make_lead(1, now)
    make_lead(2, now)
    make_lead(3, now, do_not_call=True, status="do_not_call")
    return Campaign.objects.create(name="Wakad", max_lines=1, reserved_lines=0, created_at=now)


def members(campaign):
    return dict(CampaignMember.objects.filter(campaign=campaign).values_list("lead__name", "state"))


def running(campaign, now, **fields):
    Campaign.objects.filter(pk=campaign.pk).update(**fields)
    return campaigning.start(campaign_id=campaign.pk, now=now)


def close(call, disposition, now, *, reason="completed"):
    """The call ends as the carrier's last word ends it."""
    call.refresh_from_db()
    call.status, call.end_reason, call.disposition, call.ended_at = "ended", reason, disposition, now
    call.asked_at = call.asked_at or now
    call.save()
    after_end(call, now=now)


def test_a_started_campaign_calls_as_many_at_once_as_it_may(campaign, now):
    running(campaign, now)
    assert members(campaign) == {"Lead 1": "waiting", "Lead 2": "waiting", "Lead 3": "skipped"}
    assert (feed(now), feed(now)) == (1, 0)
    assert members(campaign) == {"Lead 1": "calling", "Lead 2": "waiting", "Lead 3": "skipped"}
    call = Call.objects.get()
    assert (call.campaign, call.origin, call.lead.name) == (campaign, "campaign", "Lead 1")


@pytest.mark.django_db(transaction=True)
def test_dispatchers_at_once_call_nobody_twice_and_keep_within_the_lines(now):
    for number in range(12):
        make_lead(number, now)
    campaign = Campaign.objects.create(name="All", max_lines=5, reserved_lines=0, created_at=now)
    running(campaign, now)

    def dispatch(_):
        try:
            return feed(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(dispatch, range(18))) == 5
    assert Call.objects.count() == 5
    assert Counter(members(campaign).values()) == {"calling": 5, "waiting": 7}


def test_lines_are_left_to_others(campaign, now):
    DialerSettings(max_lines=3, reserved_lines=1).save()
    Call.objects.create(lead=make_lead(9, now), provider="twilio", status="in_progress", created_at=now)
    Campaign.objects.update(
        lead_ids=list(Lead.objects.filter(name__in=["Lead 1", "Lead 2"]).values_list("pk", flat=True))
    )
    running(campaign, now, max_lines=9, reserved_lines=2)
    assert feed(now) == 0, "of three lines one is taken and two stay free"
    Campaign.objects.update(reserved_lines=0)
    assert feed(now) == 1, "the dialer's own settings keep one free"


def test_a_retry_that_waits_for_later_takes_no_line(campaign, now):
    running(campaign, now)
    feed(now)
    close(Call.objects.get(), "busy", now, reason="busy")
    assert (members(campaign)["Lead 1"], feed(now)) == ("calling", 1)
    assert members(campaign) == {"Lead 1": "calling", "Lead 2": "calling", "Lead 3": "skipped"}


def test_the_day_s_spend_stops_new_calls_and_puts_retries_off_until_tomorrow(campaign, now):
    running(campaign, now, daily_spend_cap="0.02")
    feed(now)
    call = Call.objects.get()
    Call.objects.update(cost_micros=20_000, dialed_at=now)
    close(call, "no_answer", now, reason="no_answer")
    Call.objects.filter(pk=call.pk).update(cost_micros=20_000)
    campaign.refresh_from_db()
    assert (feed(now), campaign_queries.hold(campaign, now=now)) == (0, "spend_cap")
    tomorrow = campaign_queries.midnight(now) + timedelta(days=1)
    assert Call.objects.get(retry_of=call).dial_after == tomorrow
    assert feed(tomorrow) == 0, "it is midnight for the lead"
    assert campaign_queries.hold(campaign, now=tomorrow) == ""
    assert members(campaign)["Lead 2"] == "waiting"


def test_no_more_calls_are_begun_at_once_than_the_spend_has_room_for(campaign, now):
    for number in range(10, 20):
        make_lead(number, now)
    running(campaign, now, daily_spend_cap="0.05", max_lines=9)  # a minute costs 1.4 cents
    assert (feed(now), feed(now)) == (3, 0)


@pytest.mark.parametrize(
    ("disposition", "reason", "expected"),
    [
        ("qualified", "completed", ("reached", "qualified")),
        ("abandoned", "completed", ("reached", "abandoned")),
        ("failed", "rejected", ("unreached", "failed")),
        ("not_allowed", "not_allowed", ("skipped", "not_allowed")),
        ("no_answer", "no_answer", ("calling", "")),
    ],
)
def test_a_member_moves_on_when_the_call_ends(campaign, now, disposition, reason, expected):
    running(campaign, now)
    feed(now)
    close(Call.objects.get(), disposition, now, reason=reason)
    member = CampaignMember.objects.get(lead__name="Lead 1")
    assert (member.state, member.code) == expected


def test_who_is_never_reached_is_told_apart_at_the_end_of_the_ladder(campaign, now):
    DialerSettings(people_ladder="30 min").save()
    running(campaign, now)
    feed(now)
    first = Call.objects.get()
    close(first, "no_answer", now, reason="no_answer")
    retry = Call.objects.get(retry_of=first)
    close(retry, "busy", now, reason="busy")
    member = CampaignMember.objects.get(lead__name="Lead 1")
    assert (member.state, member.code, member.attempts) == ("unreached", "busy", 2)


def test_a_retry_that_is_taken_back_leaves_the_lead_unreached(campaign, now):
    running(campaign, now)
    feed(now)
    first = Call.objects.get()
    close(first, "no_answer", now, reason="no_answer")
    cancel_call(call_id=Call.objects.get(retry_of=first).pk, now=now)
    assert CampaignMember.objects.get(lead__name="Lead 1").state == "unreached"


def test_a_member_without_a_call_waits_again_after_a_minute(campaign, now):
    running(campaign, now)
    CampaignMember.objects.filter(lead__name="Lead 1").update(state="calling", updated_at=now)
    feed(now + timedelta(seconds=60))
    assert members(campaign)["Lead 1"] == "calling"
    Call.objects.all().delete()
    CampaignMember.objects.filter(lead__name="Lead 2").update(state="reached")
    assert feed(now + timedelta(seconds=61)) == 1
    assert Call.objects.get().lead.name == "Lead 1"


def test_a_member_whose_end_was_missed_takes_it_over(campaign, now):
    running(campaign, now)
    feed(now)
    Call.objects.update(status="ended", end_reason="completed", disposition="qualified", ended_at=now)
    feed(now + timedelta(seconds=61))
    assert members(campaign)["Lead 1"] == "reached"


def test_pausing_begins_no_calls_and_resuming_goes_on(campaign, now, admin_user):
    running(campaign, now)
    campaigning.pause(campaign_id=campaign.pk, now=now, by=admin_user)
    assert feed(now) == 0
    with pytest.raises(campaigning.CampaignRefused, match="The campaign is paused"):
        campaigning.pause(campaign_id=campaign.pk, now=now, by=admin_user)
    campaigning.resume(campaign_id=campaign.pk, now=now, by=admin_user)
    assert feed(now) == 1


def test_stopping_takes_waiting_calls_back_and_lets_live_ones_end(campaign, now):
    running(campaign, now, max_lines=2)
    feed(now)
    live = Call.objects.order_by("pk").first()
    Call.objects.filter(pk=live.pk).update(status="in_progress")
    campaigning.stop(campaign_id=campaign.pk, now=now)
    assert members(campaign) == {"Lead 1": "calling", "Lead 2": "skipped", "Lead 3": "skipped"}
    assert list(Call.objects.exclude(pk=live.pk).values_list("disposition", flat=True)) == ["canceled"]
    close(live, "no_answer", now, reason="no_answer")
    feed(now)
    assert members(campaign)["Lead 1"] == "unreached", "a stopped campaign has no further tries"
    assert not Call.objects.filter(status__in=LIVE).exists()


def test_a_call_that_was_queued_while_its_campaign_ended_is_taken_back(campaign, now):
    running(campaign, now)
    feed(now)
    Campaign.objects.update(state="stopped")
    feed(now)
    assert Call.objects.values_list("status", "disposition").get() == ("ended", "canceled")
    assert members(campaign)["Lead 1"] == "skipped"


@pytest.mark.parametrize("way", ["stop", "pause", "do not call"])
def test_who_is_taken_back_between_the_gate_and_the_request_is_not_dialled(campaign, now, monkeypatch, settings, way):
    monkeypatch.setitem(registry.PROVIDERS, "recorder", "tests.calls.recorder.Recorder")
    settings.PROVIDERS = {**settings.PROVIDERS, "recorder": {}}
    running(campaign, now, provider="recorder")
    feed(now)
    call = Call.objects.get()
    LEDGER.clear()
    ways = {
        "stop": lambda: campaigning.stop(campaign_id=campaign.pk, now=now),
        "pause": lambda: campaigning.pause(campaign_id=campaign.pk, now=now),
        "do not call": lambda: set_do_not_call(lead_id=call.lead_id, now=now),
    }

    def at_the_last_moment(execute, sql, *args):
        if "asked_at" in ways_left and sql.startswith("UPDATE") and '"asked_at" =' in sql.split("WHERE")[0]:
            ways_left.clear()
            ways[way]()
        return execute(sql, *args)

    ways_left = {"asked_at"}
    with connection.execute_wrapper(at_the_last_moment):
        dial(call.pk, tries=0, now=now)
    call.refresh_from_db()
    assert (ways_left, LEDGER, call.asked_at) == (set(), [], None)
    assert call.status == ("ended" if way == "do not call" else "queued")
    feed(now)
    call.refresh_from_db()
    assert call.status == ("queued" if way == "pause" else "ended")


def test_a_campaign_finishes_when_nobody_is_left(campaign, now):
    running(campaign, now, max_lines=2)
    feed(now)
    for call in list(Call.objects.all()):
        close(call, "not_interested", now)
    feed(now)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_at) == ("finished", now)


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_campaign_finishes_when_its_time_is_over(campaign, now, state):
    running(campaign, now, ends_at=now + timedelta(hours=1))
    feed(now)
    Campaign.objects.update(state=state)
    feed(now + timedelta(hours=1))
    campaign.refresh_from_db()
    assert campaign.state == "finished"
    assert members(campaign) == {"Lead 1": "skipped", "Lead 2": "skipped", "Lead 3": "skipped"}


def test_a_campaign_waits_for_its_start(campaign, now):
    running(campaign, now, starts_at=now + timedelta(hours=1))
    assert feed(now) == 0
    assert feed(now + timedelta(hours=1)) == 1


def test_the_unreached_are_called_again_by_a_new_draft(campaign, now, admin_user):
    with pytest.raises(campaigning.CampaignRefused):
        campaigning.redial(campaign_id=campaign.pk, now=now, by=admin_user)
    running(campaign, now)
    CampaignMember.objects.filter(lead__name="Lead 1").update(state="unreached")
    campaigning.stop(campaign_id=campaign.pk, now=now)
    again = campaigning.redial(campaign_id=campaign.pk, now=now, by=admin_user)
    wanted = list(Lead.objects.filter(name__in=["Lead 1", "Lead 2"]).order_by("pk").values_list("pk", flat=True))
    assert (again.state, again.redial_of, again.lead_ids) == ("draft", campaign, wanted), "and those never called"


def fail(now, count=5, provider="twilio", **more):
    for number in range(count):
        Call.objects.create(
            lead=make_lead(100 + Lead.objects.count() + number, now),
            provider=provider,
            status="ended",
            end_reason="failed",
            disposition="failed",
            ended_at=now,
            created_at=now,
            **more,
        )


@pytest.mark.parametrize("more", [{"direction": "inbound"}, {"channel": "chat"}])
def test_what_was_no_call_of_ours_pauses_no_provider(now, more):
    fail(now, **more)
    assert watch_breakers(now) == 0


def test_a_provider_that_keeps_failing_is_paused_and_says_which_calls_did_it(campaign, now):
    running(campaign, now)
    fail(now)
    fail(now, 4, provider="vapi")
    assert (watch_breakers(now), watch_breakers(now)) == (1, 0)
    state = ProviderState.objects.get(provider="twilio")
    assert (state.paused, state.paused_at) == (True, now)
    assert state.tripped_by == list(Call.objects.filter(provider="twilio").order_by("pk").values_list("pk", flat=True))
    assert (feed(now), campaign_queries.hold(campaign, now=now)) == (0, "provider_paused")
    with pytest.raises(CallRefused, match="failed for technical reasons within 2 minutes") as refused:
        request_call(lead_id=Lead.objects.get(name="Lead 2").pk, now=now)
    assert refused.value.code == "provider_paused"

    later = now + timedelta(seconds=5)
    assert resume_provider(provider="twilio", now=later)
    assert not resume_provider(provider="twilio", now=later)
    assert (watch_breakers(later), feed(later)) == (0, 1), "what failed before the resumption counts no more"


def test_numbers_that_nobody_has_do_not_pause_the_provider(now):
    fail(now)
    Lead.objects.update(bad_number=F("phone"))
    assert watch_breakers(now) == 0
    Lead.objects.update(bad_number="")
    assert watch_breakers(now) == 1


def test_who_started_and_stopped_it_is_kept(campaign, now, admin_user):
    campaigning.start(campaign_id=campaign.pk, now=now, by=admin_user)
    campaigning.stop(campaign_id=campaign.pk, now=now, by=admin_user)
    notes = [(note.user, note.get_change_message()) for note in LogEntry.objects.order_by("pk")]
    assert notes == [(admin_user, "Started."), (admin_user, "Stopped.")]


def test_one_member_who_cannot_be_judged_holds_up_no_other(campaign, now, monkeypatch):
    running(campaign, now)
    broken = CampaignMember.objects.order_by("pk").first()
    judge = feeding.gate
    monkeypatch.setattr(
        feeding,
        "gate",
        lambda lead, *args, **kwargs: 1 / 0 if lead.pk == broken.lead_id else judge(lead, *args, **kwargs),
    )
    feed(now)
    feed(now)
    broken.refresh_from_db()
    assert (broken.state, broken.next_at) == ("waiting", now + timedelta(minutes=5))
    assert Call.objects.get().lead_id != broken.lead_id
