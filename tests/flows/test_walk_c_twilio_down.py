"""Walk C: "Call now" over Twilio's REST API, well and badly: nobody is dialled twice, nobody is forgotten."""

import logging
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django_q.models import OrmQ

from calls import operations
from calls.models import Call, CallingHours, CallingPolicy, DialerSettings
from calls.operations.releasing import put_back
from leads.models import Activity, Consent, Lead, Suppression
from leads.operations import set_do_not_call
from voice.providers.twilio import Twilio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(lead, api, now):
    return operations.request_call(lead_id=lead.pk, now=now, provider="twilio")


def test_call_now_queues_one_job_that_places_one_call_with_our_addresses(call, api, now):
    job = OrmQ.objects.get().task
    assert (job["func"], job["kwargs"]) == ("calls.tasks.dial", {"call_id": call.pk, "tries": 0})
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    call.refresh_from_db()
    order = {name: values if len(values) > 1 else values[0] for name, values in api.orders[0].items()}
    assert (call.status, call.provider_call_id) == ("dialing", api.placed[0]["sid"])
    assert order == {
        "To": "+919820012345",
        "From": "+14155550100",
        "Url": f"https://crm.example.com/webhooks/twilio/voice?call={call.pk}#rc=2&rp=ct,5xx",
        "Method": "POST",
        "FallbackUrl": f"https://crm.example.com/webhooks/twilio/fallback?call={call.pk}",
        "FallbackMethod": "POST",
        "StatusCallback": f"https://crm.example.com/webhooks/twilio/status?call={call.pk}#rc=5&rp=ct,rt,5xx",
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": "30",
        "TimeLimit": "900",
        "Record": "true",
        "RecordingChannels": "dual",
        "Trim": "do-not-trim",
        "RecordingStatusCallback": f"https://crm.example.com/webhooks/twilio/recording?call={call.pk}#rc=5&rp=ct,rt,5xx",
        "RecordingStatusCallbackEvent": ["completed", "absent"],
        "RecordingStatusCallbackMethod": "POST",
        "MachineDetection": "Enable",
        "AsyncAmd": "true",
        "AsyncAmdStatusCallback": f"https://crm.example.com/webhooks/twilio/amd?call={call.pk}#rc=5&rp=ct,rt,5xx",
        "AsyncAmdStatusCallbackMethod": "POST",
    }


def test_a_job_that_runs_twice_dials_once(call, api, now):
    assert [operations.dial(call.pk, tries=0, now=now) for _ in range(2)] == ["placed", "not due"]
    assert len(api.placed) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda lead, now: set_do_not_call(lead_id=lead.pk, now=now),
        lambda _lead, _now: DialerSettings(paused=True).save(),
        lambda lead, _now: Lead.objects.filter(pk=lead.pk).update(phone="+919820054321"),
    ],
)
def test_between_two_tries_of_one_job_the_gate_is_asked_again(call, lead, api, now, change):
    api.mode = "20429"

    class AtTheWait(logging.Handler):
        def emit(self, record):
            change(lead, now)

    handler, log = AtTheWait(), logging.getLogger("voice.providers.twilio")
    log.addHandler(handler)
    try:
        operations.dial(call.pk, tries=0, now=now)
    finally:
        log.removeHandler(handler)
    call.refresh_from_db()
    assert (len(api.orders), call.status, call.end_reason) == (1, "ended", "not_allowed")
    assert call.error


def test_a_day_with_room_for_one_call_has_room_for_all_tries_of_its_job(call, api, now):
    policy, _ = CallingPolicy.objects.update_or_create(region="IN", defaults={"max_per_day": 1, "max_total": 1})
    CallingHours.objects.get_or_create(policy=policy, weekday=now.weekday())
    api.modes = ["20429"]
    assert operations.dial(call.pk, tries=0, now=now) == "placed"


@pytest.mark.parametrize("mode", ["20429", "500", "refused"])
def test_twilio_down_puts_the_call_back_with_the_reason_and_the_time_of_the_next_try(call, api, now, mode, providers):
    api.mode = mode
    if mode == "refused":
        providers["twilio"]["base_url"] = "http://127.0.0.1:9"
    assert operations.dial(call.pk, tries=0, now=now) == "retry"
    call.refresh_from_db()
    assert (call.status, call.failures, call.tries, call.dial_after) == ("queued", 0, 1, now + timedelta(minutes=5))
    assert call.error.endswith("The call is tried again.")


def test_a_fault_that_cannot_be_looked_up_leaves_the_call_unsure_and_uses_up_no_attempt(call, api, now):
    api.mode = "503"
    assert operations.dial(call.pk, tries=0, now=now) == "unconfirmed"
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "unknown"
    api.mode = "ok"
    assert operations.settle(call.pk, now=now + timedelta(minutes=4)) == "retry"
    call.refresh_from_db()
    assert (call.status, call.failures, call.dial_after) == ("queued", 0, now + timedelta(minutes=4, seconds=30))


def test_the_dispatcher_queues_the_next_try_when_it_is_due_and_only_once(call, api, now):
    api.mode = "500"
    operations.dial(call.pk, tries=0, now=now)
    OrmQ.objects.all().delete()
    due = now + timedelta(minutes=5)
    assert [operations.release_due(now=at) for at in (due - timedelta(seconds=1), due, due)] == [0, 1, 0]
    api.mode = "ok"
    assert operations.dial(call.pk, tries=0, now=due) == "not due"  # the first try's job, delivered again
    assert operations.dial(call.pk, tries=1, now=due) == "placed"
    assert len(api.placed) == 1


def test_a_lost_job_is_queued_again(call, now):
    OrmQ.objects.all().delete()
    assert operations.release_due(now=now + timedelta(minutes=1)) == 1


def test_a_provider_that_is_down_for_a_day_ends_the_call_and_the_timeline_says_why(call, api, lead, now):
    api.mode = "20429"
    assert operations.dial(call.pk, tries=0, now=now) == "retry"
    Call.objects.update(tries=3000)  # half minutes, for a line
    a_day = timedelta(days=1)
    assert operations.dial(call.pk, tries=3000, now=now + a_day - timedelta(seconds=1)) == "retry"
    assert operations.dial(call.pk, tries=3001, now=now + a_day) == "busy"
    call.refresh_from_db()
    assert (call.status, call.end_reason, call.disposition) == ("ended", "failed", "failed")
    assert Activity.objects.filter(lead=lead, kind="call_refused").count() == 1
    assert Call.objects.count() == 1, "after a whole day no ladder begins"


@pytest.mark.parametrize("mode", ["21211", "21219", "20003"])
def test_a_refusal_for_good_ends_the_call_with_a_sentence(call, api, now, mode):
    api.mode = mode
    operations.dial(call.pk, tries=0, now=now)
    call.refresh_from_db()
    assert (call.status, call.end_reason) == ("ended", "rejected")
    assert call.error.startswith("Twilio") or "A Twilio" in call.error


def test_an_unsure_outcome_never_dials_again(call, api, now):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    call.refresh_from_db()
    assert call.status == "unconfirmed"
    for later in range(0, 600, 10):
        operations.release_due(now=now + timedelta(seconds=later))
        operations.ask_due(now=now + timedelta(seconds=later))
    assert {job.task["func"] for job in OrmQ.objects.all() if job.task["kwargs"].get("tries") != 0} == {
        "calls.tasks.settle"
    }
    assert operations.dial(call.pk, tries=0, now=now) == "not due"
    assert len(api.placed) == 1


def test_an_unsure_call_is_settled_by_asking_twilio(call, api, now):
    api.mode = "slow"
    assert operations.dial(call.pk, tries=0, now=now) == "unconfirmed"
    api.mode = "ok"
    api.placed[0] |= {"status": "no-answer", "duration": "0"}
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "ended"
    call.refresh_from_db()
    assert (call.provider_call_id, call.end_reason, call.disposition) == (
        api.placed[0]["sid"],
        "no_answer",
        "no_answer",
    )


@pytest.mark.parametrize("corrected", ["+919820099999", None])
def test_an_unsure_call_is_looked_for_by_the_number_that_was_dialled(call, lead, api, now, corrected):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    Lead.objects.update(phone=corrected)
    api.mode = "ok"
    api.placed[0] |= {"status": "no-answer", "duration": "0"}
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "ended"


def test_an_unsure_call_that_twilio_never_got_is_tried_again(call, api, now):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    api.mode = "ok"
    api.placed.clear()
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "retry"


def test_an_unsure_call_is_settled_by_its_webhook(call, api, now, line):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    line.sid, line.direction = api.placed[0]["sid"], "outbound-api"
    answer = line.post(f"/webhooks/twilio/voice?call={call.pk}")
    call.refresh_from_db()
    assert (answer.status_code, call.status, call.provider_call_id) == (200, "in_progress", line.sid)


def test_a_look_up_never_takes_an_earlier_call_for_this_one(call, api, lead, now):
    operations.dial(call.pk, tries=0, now=now)
    api.placed[0] |= {"status": "busy", "date_created": format_datetime(now)}
    assert operations.settle(call.pk, now=now + timedelta(seconds=5)) == "ended"
    Call.objects.filter(retry_of=call).delete()
    second = operations.request_call(lead_id=lead.pk, now=now + timedelta(seconds=20), provider="twilio")
    asked = now + timedelta(seconds=20)
    second.move_to("dialing", dialed_at=asked, asked_at=asked, ask_after=now + timedelta(minutes=2))
    assert operations.settle(second.pk, now=now + timedelta(minutes=2)) == "retry"


@pytest.mark.parametrize("mode", ["500 after placing", "503 after placing"])
def test_a_fault_after_twilio_placed_the_call_places_no_second_one(call, api, now, mode):
    api.mode = mode
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    call.refresh_from_db()
    assert (call.status, call.provider_call_id, len(api.placed)) == ("dialing", api.placed[0]["sid"], 1)


def test_word_that_comes_while_twilio_is_asked_is_not_overruled(call, api, line, now, monkeypatch):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    line.sid, line.direction = api.placed.pop()["sid"], "outbound-api"
    api.mode, look_up = "ok", Twilio.look_up

    def slowly(self, *args, **kwargs):
        found = look_up(self, *args, **kwargs)
        line.status("ringing", call=call.pk, sequence=1)
        return found

    monkeypatch.setattr(Twilio, "look_up", slowly)
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "moved"
    call.refresh_from_db()
    assert (call.status, call.provider_call_id) == ("ringing", line.sid)


def test_a_call_of_which_the_provider_never_speaks_is_given_up_after_a_day(call, api, providers, now):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    providers["twilio"]["base_url"] = "http://127.0.0.1:9"
    assert [operations.settle(call.pk, now=now + timedelta(hours=h)) for h in (1, 23, 25)] == [
        "unknown",
        "unknown",
        "lost",
    ]


def test_an_american_lead_is_judged_by_the_clocks_of_the_number(api, now):
    lead = Lead.objects.create(phone="+14155552671")
    assert lead.time_zone == "America/Los_Angeles"
    with pytest.raises(operations.CallRefused, match="It is 02:00 for this lead"):
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")


def test_a_number_that_may_ring_in_many_zones_is_called_when_all_allow_it_or_staff_know_the_zone(api, now):
    lead = Lead.objects.create(phone="+18005551212")
    ten_in_new_york = now.replace(hour=14)
    with pytest.raises(operations.CallRefused, match="for this lead"):
        operations.request_call(lead_id=lead.pk, now=ten_in_new_york, provider="twilio")
    Lead.objects.update(time_zone="America/New_York")
    assert operations.request_call(lead_id=lead.pk, now=ten_in_new_york, provider="twilio").status == "queued"


def test_a_worker_killed_while_dialling_leaves_a_call_that_is_settled(call, api, now):
    call.move_to("dialing", dialed_at=now, asked_at=now, ask_after=now + timedelta(minutes=2))
    assert operations.ask_due(now=now + timedelta(minutes=3)) == 1
    assert operations.settle(call.pk, now=now + timedelta(minutes=3)) == "retry"


def test_do_not_call_after_the_call_was_queued_is_obeyed_at_the_last_moment(call, api, lead, now):
    set_do_not_call(lead_id=lead.pk, now=now)
    assert operations.dial(call.pk, tries=0, now=now) == "do_not_call"
    call.refresh_from_db()
    assert (call.status, call.end_reason, api.orders) == ("ended", "not_allowed", [])


def no_hours():
    CallingPolicy.objects.get_or_create(region="IN")
    CallingHours.objects.all().delete()


@pytest.mark.parametrize(
    ("change", "came_to"),
    [
        (lambda lead: Suppression.objects.create(phone=lead.phone), "suppressed"),
        (lambda lead: Consent.objects.create(lead=lead, given=False, source="-"), "consent_withdrawn"),
        (lambda lead: Lead.objects.update(bad_number=lead.phone), "bad_number"),
        (
            lambda _lead: CallingPolicy.objects.update_or_create(region="IN")[0].hours.all().delete(),
            "outside_calling_hours",
        ),
    ],
)
def test_whatever_closed_the_gate_while_a_call_waited_nobody_is_dialled(call, api, lead, now, change, came_to):
    change(lead)
    assert (operations.dial(call.pk, tries=0, now=now), api.orders) == (came_to, [])


def test_outside_calling_hours_nobody_is_dialled(lead, api, now):
    at_night = now.replace(hour=20)  # half past one in India
    with pytest.raises(operations.CallRefused, match="It is 01:30 for this lead") as refused:
        operations.request_call(lead_id=lead.pk, now=at_night, provider="twilio")
    assert (refused.value.code, Call.objects.count()) == ("outside_calling_hours", 0)
    assert Activity.objects.get(kind="call_refused").data == {"code": "outside_calling_hours"}


def test_a_suppressed_number_is_not_dialled_whoever_the_lead_is(lead, api, now):
    Suppression.objects.create(phone=lead.phone)
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "suppressed"


def test_a_lead_whose_status_alone_says_do_not_call_is_not_dialled_either(lead, api, now):
    Lead.objects.update(status="do_not_call")
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "do_not_call"


def test_a_second_call_to_a_lead_on_the_line_is_refused(call, lead, now):
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "live_call"


def test_the_same_request_key_gives_the_same_call(lead, api, now):
    made = [operations.request_call(lead_id=lead.pk, now=now, provider="twilio", request_key="k1") for _ in range(2)]
    assert made[0] == made[1]


def test_a_lead_who_rings_us_first_is_not_rung(call, api, line, now):
    line.ring()
    call.refresh_from_db()
    assert (call.status, call.disposition, call.error) == ("ended", "canceled", "The lead rang us first.")
    assert not Activity.objects.filter(text__contains="nobody answered").exists()
    assert operations.dial(call.pk, tries=0, now=now) == "not due"


def test_a_slow_worker_s_late_verdict_on_one_try_leaves_the_next_try_alone(call, api, now):
    call.move_to("dialing", dialed_at=now)
    weighed, slow = Call.objects.get(pk=call.pk), Call.objects.get(pk=call.pk)
    Call.objects.update(asked_at=now)  # the provider is asked after all
    assert not put_back(weighed, due=now, error="")
    assert put_back(Call.objects.get(pk=call.pk), due=now, error="")
    Call.objects.update(status="dialing")
    assert not put_back(slow, due=now, error="")
    assert Call.objects.values_list("status", "tries").get() == ("dialing", 1)


def test_a_call_that_was_given_up_is_no_call_that_could_not_be_connected_and_its_last_word_counts(
    call, api, line, providers, lead, now
):
    api.mode = "slow"
    operations.dial(call.pk, tries=0, now=now)
    base_url = providers["twilio"]["base_url"]
    providers["twilio"]["base_url"] = "http://127.0.0.1:9"
    with pytest.raises(operations.CallRefused, match="Nobody knows yet whether the last call"):
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert operations.settle(call.pk, now=now + timedelta(hours=25)) == "lost"
    assert Activity.objects.get(kind="call").text.startswith("The provider never said what became of this call.")
    providers["twilio"]["base_url"] = base_url
    line.sid, line.direction = api.placed[0]["sid"], "outbound-api"
    line.status("no-answer", call=call.pk, sequence=3)
    call.refresh_from_db()
    assert (call.end_reason, call.disposition, call.error) == ("no_answer", "no_answer", "")
    assert call.retry.ladder == "people"
