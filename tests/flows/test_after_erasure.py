"""What comes from an erased person, or of them, when they are gone: it brings nobody back, and who rings is served."""

import time
from datetime import timedelta
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from calls.models import Call, LiveUtterance, OwedDeletion, Recording, WebhookEvent
from calls.operations import erasing, hearing_turns, owing, wishes
from calls.operations.recordings import ANNOUNCED_WITHIN
from calls.operations.reviewing import note_corrections
from leads.models import ErasedNumber, Lead, Requirement
from leads.models.erased import digests_of
from tests.flows.test_races import all_at_once
from tests.flows.vapi_line import SECRET, VAPI_ID, VapiLine
from tests.heard_calls import heard
from tests.sounds import wav

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+919820012345"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.VAR_DIR = settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def base(settings, live_server):
    vapi = {**settings.PROVIDERS["vapi"], "webhook_secrets": [SECRET], "webhook_auth": "x-vapi-secret"}
    settings.PROVIDERS = {**settings.PROVIDERS, "vapi": vapi}
    return live_server.url


@pytest.fixture
def erased(now):
    """Makes a call to or from somebody who is then erased; the call as it was."""

    def made(direction, *, provider="vapi", phone=PHONE, **more) -> Call:
        lead = Lead.objects.create(name="Meena Kulkarni", phone=phone)
        known = {"provider": provider, "provider_call_id": VAPI_ID, "status": "ended", "direction": direction}
        call = Call.objects.create(lead=lead, **known | more)
        pk = call.pk
        erasing.erase(lead.pk, now=now)
        call.pk = pk
        return call

    return made


LATE = [
    ("end_of_call_report_completed_2026", {}),
    ("status_update_ended_call_in-progress_error-providerfault-outbound-sip-480-temporarily-unavailable", {}),
    ("call_artifact_upload", {}),
    ("transcript_final_user", {}),
]


@pytest.mark.parametrize(("name", "more"), LATE)
def test_what_vapi_tells_late_of_a_call_from_an_erased_person_makes_no_lead(base, erased, name, more):
    erased("inbound")
    assert VapiLine(base).tell(name, **more).status_code == 200
    assert (Lead.objects.count(), Call.objects.count(), [one.request for one in WebhookEvent.objects.all()]) == (
        0,
        0,
        [{}],
    )


@pytest.mark.parametrize("phone", [PHONE, None])
def test_what_vapi_tells_late_of_a_call_to_an_erased_person_is_not_kept(base, erased, phone):
    call = erased("outbound", phone=phone)
    VapiLine(base, call).tell("end_of_call_report_completed_2026")
    assert (Lead.objects.count(), WebhookEvent.objects.get().request) == (0, {})


def test_an_erased_person_who_rings_us_is_served_and_never_called(base, erased):
    erased("outbound")
    VapiLine(base).tell("assistant_request_inbound")
    lead = Lead.objects.get()
    assert (str(lead.phone), lead.do_not_call, lead.calls.get().status) == (PHONE, True, "ringing")


def test_a_recording_that_was_not_announced_yet_is_asked_for_and_deleted(now, api):
    lead = Lead.objects.create(phone=PHONE)
    call = Call.objects.create(lead=lead, provider="twilio", provider_call_id="CA1", status="ended")
    Recording.objects.create(call=call, fetch_after=now)
    LiveUtterance.objects.create(call=call, turn=1, provider_recording_id="RE9", due_at=now, delete_after=now)
    erasing.erase(lead.pk, now=now)
    owed = OwedDeletion.objects.values_list("provider_call_id", "provider_recording_id", "after")
    assert sorted(owed) == [("CA1", "", now + ANNOUNCED_WITHIN), ("CA1", "RE9", now)]
    api.recordings["RE1"] = {"call_sid": "CA1", "media": wav(440)}  # announced to nobody
    later = now + ANNOUNCED_WITHIN
    assert owing.delete_owed_due(now=later) == 2
    assert [owing.delete_owed(one.pk, now=later) for one in OwedDeletion.objects.all()] == ["deleted"] * 2
    assert (api.recordings, OwedDeletion.objects.count()) == ({}, 0)


def test_answers_that_nobody_told_of_are_asked_for_and_deleted(now, api):
    lead = Lead.objects.create(phone=PHONE)
    call = Call.objects.create(lead=lead, provider="twilio", provider_call_id="CA1", status="ended")
    later = now + timedelta(minutes=10)
    LiveUtterance.objects.create(call=call, turn=0, state="taken", due_at=now, delete_after=later)
    api.recordings |= {
        "RE1": {"call_sid": "CA1", "media": wav(440), "source": "RecordVerb"},
        "RE2": {"call_sid": "another", "media": wav(440), "source": "RecordVerb"},
    }
    erasing.erase(lead.pk, now=now)
    assert [owing.delete_owed_due(now=now), owing.delete_owed_due(now=later)] == [0, 1]
    assert owing.delete_owed(OwedDeletion.objects.get().pk, now=later) == "deleted"
    assert (list(api.recordings), OwedDeletion.objects.count()) == (["RE2"], 0)


def test_what_the_provider_never_had_or_has_no_more_is_not_asked_for(now):
    call = Call.objects.create(lead=Lead.objects.create(phone=PHONE), provider="twilio", provider_call_id="CA1")
    Recording.objects.create(call=call, provider_recording_id="RE1", state="deleted", deleted_there_at=now)
    Recording.objects.create(call=call, provider_recording_id="RE2", state="absent")
    erasing.erase(call.lead_id, now=now)
    assert OwedDeletion.objects.count() == 0


def test_a_number_of_ours_or_of_another_lead_is_not_erased_with_whoever_it_was_called_from(now, api):
    other, ours = Lead.objects.create(phone="+919820099999"), "+14155550100"
    call = Call.objects.create(lead=Lead.objects.create(phone=PHONE), provider="twilio", caller=ours)
    Call.objects.create(lead=call.lead, provider="twilio", dialed_number=other.phone, status="ended")
    Call.objects.filter(pk=call.pk).update(status="ended")
    erasing.erase(call.lead_id, now=now)
    assert ErasedNumber.among([PHONE, ours, str(other.phone)]) == {PHONE}


def test_a_number_that_is_erased_once_more_under_a_new_key_has_one_hash(erased, settings):
    erased("outbound")
    settings.ERASURE_KEYS = ["a new one", *settings.ERASURE_KEYS]
    erased("outbound")
    assert ErasedNumber.objects.values_list("digest", flat=True).get() == digests_of(PHONE)[0]


def test_who_is_called_while_their_traces_are_taken_out_of_others_is_not_erased(now, monkeypatch):
    lead = Lead.objects.create(phone=PHONE)
    begun = {"lead": lead, "provider": "twilio", "status": "dialing"}
    monkeypatch.setattr(erasing, "_clean", lambda _found: Call.objects.create(**begun))
    with pytest.raises(erasing.CannotEraseError):
        erasing.erase(lead.pk, now=now)
    assert (Lead.objects.count(), Call.objects.count(), ErasedNumber.objects.count()) == (1, 1, 0)


def test_late_news_of_a_call_and_an_erasure_at_once_wait_for_nobody_in_a_ring(now, monkeypatch):
    lead = Lead.objects.create(phone=PHONE)
    Call.objects.create(lead=lead, provider="twilio", status="ended")
    has_call, is_erasing, clean = Event(), Event(), erasing._clean

    def begin(found):
        is_erasing.set()
        clean(found)

    monkeypatch.setattr(erasing, "_clean", begin)

    def act(n: int) -> None:
        if n and has_call.wait(5):
            erasing.erase(lead.pk, now=now)
            return
        with transaction.atomic():
            Call.objects.select_for_update(of=("self",), no_key=True).get()
            has_call.set()
            assert is_erasing.wait(5)
            time.sleep(0.2)  # the erasure waits for the call by then
            Lead.objects.select_for_update().get()

    all_at_once(act, 2)
    assert (Lead.objects.count(), Call.objects.count()) == (0, 0)


def test_a_leads_page_that_is_saved_and_an_erasure_at_once_wait_for_nobody_in_a_ring(now, monkeypatch):
    lead, ann = heard(now).lead, User.objects.create_user("ann")
    is_saving, is_erasing, clean = Event(), Event(), erasing._clean

    def begin(found):
        is_erasing.set()
        clean(found)

    monkeypatch.setattr(erasing, "_clean", begin)

    def act(n: int) -> None:
        if n and is_saving.wait(5):
            erasing.erase(lead.pk, now=now)
            return
        with transaction.atomic():
            Lead.objects.select_for_update().get()
            is_saving.set()
            assert is_erasing.wait(5)
            time.sleep(0.2)  # the erasure has the call by then, and waits for the lead
            wanted = Requirement.objects.get()
            before, wanted.purpose = wanted.purpose, "invest"
            note_corrections(wanted, {"purpose": before}, by=ann, now=now)
            wanted.save()

    all_at_once(act, 2)
    assert (Lead.objects.count(), Call.objects.count()) == (0, 0)


def test_a_late_wish_and_an_erasure_at_once_wait_for_nobody_in_a_ring(now, monkeypatch):
    lead = Lead.objects.create(phone=PHONE)
    call = Call.objects.create(lead=lead, provider="twilio", status="ended")
    utterance = LiveUtterance.objects.create(call=call, turn=1, state="late", asked_at=now, due_at=now)
    is_telling, is_erasing, clean, tell = Event(), Event(), erasing._clean, wishes.missed_by_delay

    def begin(found):
        is_erasing.set()
        clean(found)

    def late(*told, **more):
        is_telling.set()
        assert is_erasing.wait(5)
        time.sleep(0.2)  # the erasure has what it can have by then
        tell(*told, **more)

    monkeypatch.setattr(erasing, "_clean", begin)
    monkeypatch.setattr(wishes, "missed_by_delay", late)

    def act(n: int) -> None:
        if n and is_telling.wait(5):
            erasing.erase(lead.pk, now=now)
        else:
            hearing_turns._keep(utterance, "stop calling me", 0.9, now=now)

    all_at_once(act, 2)
    assert (Lead.objects.count(), LiveUtterance.objects.count()) == (0, 0)


def test_a_webhook_that_comes_while_a_person_is_erased_goes_too(now, monkeypatch):
    lead, clean = Lead.objects.create(phone=PHONE), erasing._clean

    def one_comes(found):
        clean(found)
        told = {"provider": "vapi", "kind": "status", "request": {"to": PHONE}, "received_at": now}
        WebhookEvent.objects.create(**told, dedupe_key="x")

    monkeypatch.setattr(erasing, "_clean", one_comes)
    erasing.erase(lead.pk, now=now)
    assert WebhookEvent.objects.count() == 0
