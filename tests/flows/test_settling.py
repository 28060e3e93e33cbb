"""What becomes of calls that Twilio took, refused or forgot in ways of its own: each waits, or ends with a sentence."""

from datetime import timedelta

import pytest

from calls import operations
from calls.models import Call
from calls.operations.releasing import put_back
from calls.operations.waiting import wait_for_line
from leads.models import Activity, FollowUp, Suppression
from voice.providers.base import ProviderError
from voice.providers.twilio import Twilio

pytestmark = pytest.mark.django_db(transaction=True)

A_DAY = [(timedelta(0), "retry"), (timedelta(hours=23, minutes=59), "retry"), (timedelta(days=1), "lost")]


@pytest.fixture
def call(lead, api, now):
    return operations.request_call(lead_id=lead.pk, now=now, provider="twilio")


def stands(call):
    call.refresh_from_db()
    return call.status, call.end_reason, call.error


def test_a_number_that_the_provider_blocks_is_called_by_no_other_way_either(call, lead, api, now):
    api.mode = "21216"
    assert operations.dial(call.pk, tries=0, now=now) == "blocked"
    assert Suppression.objects.values_list("phone", "reason").get() == (str(lead.phone), "blocked")
    with pytest.raises(operations.CallRefused) as refused:
        operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
    assert refused.value.code == "suppressed"


def test_where_all_lines_are_taken_the_call_waits_for_half_a_minute(call, api, now):
    api.mode = "10004"
    assert operations.dial(call.pk, tries=0, now=now) == "retry"
    call.refresh_from_db()
    assert (call.status, call.attempt, call.dial_after) == ("queued", 1, now + timedelta(seconds=30))


def test_a_lead_who_talks_to_us_already_is_not_rung(call, lead, api, now):
    Call.objects.create(lead=lead, provider="twilio", direction="inbound", status="in_progress", created_at=now)
    assert operations.dial(call.pk, tries=0, now=now) == "live_call"
    assert stands(call) == ("ended", "not_allowed", "The lead was already talking to us.")
    assert api.orders == []


def test_a_call_whose_workers_die_before_they_ask_is_given_up_after_a_day_of_it(call, api, now):
    for later, came_to in A_DAY:
        Call.objects.update(status="dialing", dialed_at=now)
        assert operations.settle(call.pk, now=now + later) == came_to
    assert stands(call) == ("ended", "lost", "Whatever was to place this call failed each time, for a day.")


def test_a_call_that_the_provider_never_gets_is_given_up_after_a_day_of_it(call, api, now):
    for later, came_to in A_DAY:
        Call.objects.update(status="unconfirmed", dialed_at=now + later, asked_at=now + later)
        assert operations.settle(call.pk, now=now + later) == came_to
    text = "The provider knows nothing more of this call. Look at its console before calling again."
    assert stands(call) == ("ended", "lost", text)
    assert Activity.objects.filter(text__startswith=text).exists()


def test_a_call_over_test_credentials_ends_with_a_sentence_that_says_so(call, api, now):
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    api.mode = "20008"
    assert operations.settle(call.pk, now=now + timedelta(minutes=2)) == "lost"
    assert stands(call)[2].startswith("Twilio's test credentials dial nobody.")


def test_an_answer_to_a_request_that_was_put_back_meanwhile_leaves_the_next_try_alone(call, api, now, monkeypatch):
    place = Twilio.place_call

    def slowly(self, order):
        sid = place(self, order)
        put_back(Call.objects.get(pk=call.pk), due=now, error="All lines were busy.")
        return sid

    monkeypatch.setattr(Twilio, "place_call", slowly)
    operations.dial(call.pk, tries=0, now=now)
    assert Call.objects.values_list("status", "tries", "provider_call_id", "placed_at").get() == ("queued", 1, "", None)


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"status": "ringing"}, True),
        ({"status": "in_progress"}, False),  # somebody answered: they are not rung a second time
        ({"status": "dialing", "held_up_since": timedelta(hours=23, minutes=59)}, True),
        ({"status": "dialing", "held_up_since": timedelta(days=1)}, False),
        ({"status": "ringing", "direction": "inbound"}, False),
    ],
)
def test_only_a_call_of_ours_that_nobody_answered_waits_for_a_line_and_for_a_day_at_most(call, now, fields, waits):
    Call.objects.update(**{name: now - given if name == "held_up_since" else given for name, given in fields.items()})
    assert wait_for_line(Call.objects.get(), now=now) is waits
    assert Call.objects.get().status == ("queued" if waits else fields["status"])


def test_a_refusal_that_a_webhook_has_overtaken_marks_nobody_s_number(call, lead, api, now, monkeypatch):
    def refuses(_self, _order):
        Call.objects.update(status="ringing")
        raise ProviderError("This is not a telephone number.", code="bad_number", bad_number=True)

    monkeypatch.setattr(Twilio, "place_call", refuses)
    assert operations.dial(call.pk, tries=0, now=now) == "moved"
    lead.refresh_from_db()
    assert (stands(call)[0], lead.bad_number) == ("ringing", "")


def test_a_call_that_staff_asked_for_goes_out_though_the_promise_behind_it_was_kept(call, lead, api, now):
    kept = FollowUp.objects.create(lead=lead, kind="callback", due_at=now, done_at=now)
    Call.objects.update(follow_up=kept)
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
