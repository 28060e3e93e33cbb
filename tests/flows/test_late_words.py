"""Words that reach us late, or failed to be applied in time: nothing that a caller said is lost."""

import pytest
from django.core.management import call_command

from calls.models import Call, Turn, WebhookEvent
from leads.models import Activity, FollowUp, Lead, Suppression

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    return Lead.objects.create(name="Ravi Rao", phone="+919820012345")


def say_while_broken(line, monkeypatch, words: str) -> None:
    """A turn that fails, Twilio's apology, and the end of the call."""
    opening = line.ring()
    with monkeypatch.context() as broken:
        broken.setattr("voice.dialogue.step", lambda *_, **__: 1 / 0)
        assert line.say(opening, words).status_code == 500
    assert "We will call you back" in line.post("/webhooks/twilio/fallback", ErrorCode="11200").text
    line.status("completed", sequence=3, CallDuration="9")


def test_do_not_call_in_a_turn_that_failed_is_obeyed_when_it_is_replayed_after_the_end(line, lead, monkeypatch):
    say_while_broken(line, monkeypatch, "Stop calling, do not call me again")
    call_command("replay_webhooks", "--failed")
    lead.refresh_from_db()
    assert (lead.do_not_call, Suppression.objects.count(), Call.objects.get().disposition) == (True, 1, "do_not_call")
    assert Turn.objects.get(number=1).heard == "Stop calling, do not call me again"


def test_what_was_said_before_the_end_is_kept_when_it_is_replayed_after_it(line, lead, monkeypatch):
    say_while_broken(line, monkeypatch, "yes, I want a 2 BHK in Pune")
    call_command("replay_webhooks", "--failed")
    call = Call.objects.get()
    assert (call.status, call.disposition) == ("ended", "abandoned")
    assert call.lead.requirement.locations == [{"city": "Pune", "locality": None}]


def test_the_apology_promises_a_call_back_and_somebody_has_to_keep_it(line, lead, monkeypatch):
    say_while_broken(line, monkeypatch, "yes")
    assert [(one.kind, one.lead) for one in FollowUp.objects.filter(done_at=None)] == [("callback", lead)]


def test_a_call_that_ended_well_promises_nothing(line, lead):
    line.ring()
    line.status("completed", sequence=3)
    assert not FollowUp.objects.exists()


def test_an_event_whose_process_died_before_it_was_applied_is_replayed_once_it_is_a_minute_old(line, lead, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("calls.operations.receiving._apply", lambda *_, **__: 1 / 0)
        line.ring()
    call_command("replay_webhooks", "--failed")
    assert not Call.objects.exists()
    WebhookEvent.objects.update(received_at="2026-01-01T00:00:00Z")
    call_command("replay_webhooks", "--failed")
    assert Call.objects.get().lead == lead


def test_a_call_closed_as_lost_still_learns_what_its_caller_said(line, lead):
    document = line.ring()
    Call.objects.update(status="ended", end_reason="lost", disposition="failed")
    line.say(document, "do not call me again")
    line.status("completed", sequence=3)
    call = Call.objects.get()
    assert (call.disposition, call.end_reason, Suppression.objects.count()) == ("do_not_call", "completed", 1)


def test_a_lead_deleted_midway_hears_the_apology(line, lead):
    document = line.ring()
    lead.delete()
    assert "We are sorry" in line.say(document, "yes").text


def test_a_withheld_callers_note_and_promise_move_to_the_lead_that_they_are(line, lead):
    line.caller = "anonymous"
    document = line.ring()
    stranger = Lead.objects.exclude(pk=lead.pk).get()
    stranger.notes = "sounded keen"
    stranger.save()
    FollowUp.objects.create(lead=stranger, kind="hand_off", note="ring him")
    while "Hangup" not in document.text:
        asked = Call.objects.get().dialogue["asked"]
        document = line.say(document, {"name": "Ravi Rao", "phone": "98200 12345"}.get(asked, "not interested"))
    lead.refresh_from_db()
    assert (Lead.objects.count(), lead.notes) == (1, "sounded keen")
    assert Activity.objects.filter(text__contains="withheld their number").exists()


@pytest.mark.parametrize(
    "form",
    [
        {"SpeechResult": "2 BHK\x00 in Pune"},
        {"SpeechResult": "x", "Digits": "1" * 400},
        {"SpeechResult": "x", "Language": "\x00"},
        {"SpeechResult": "x", "StirVerstat": "\x00"},
        {"From": "9" * 5000},
        {"From": "a\x00b"},
        {"CallStatus": "x" * 500},
        {"CallDuration": "99999999999"},
        {"SequenceNumber": "9" * 400},
    ],
)
@pytest.mark.parametrize("door", ["voice", "process", "status"])
def test_no_field_of_a_signed_request_is_too_odd_for_the_database(line, form, door):
    line.ring()
    assert line.post(f"/webhooks/twilio/{door}", **form).status_code == 200


def test_an_id_longer_than_any_of_twilios_is_refused_and_not_kept(line):
    assert (line.post("/webhooks/twilio/voice", CallSid="C" * 70).status_code, WebhookEvent.objects.count()) == (400, 0)
