"""Recordings, from the provider's word of them to a file that is kept, and to one that nobody has any more."""

from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.core.files.storage import default_storage
from django_q.models import OrmQ

from calls.models import Call, DialerSettings, OwedDeletion, Recording, Transcript
from calls.operations import hearing, owing, recordings, shelf
from calls.operations.staff_calls import with_staff
from tests.flows.fetched import DIGEST, NAME, SID, SOUND, announce, files, kept
from tests.pretend_people import call_through, number_of
from tests.whisper_model import model_folder
from voice.models import VoiceAgent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


@pytest.fixture
def jobs(monkeypatch):
    """Jobs as they are queued, which no worker executes."""
    queued = []
    monkeypatch.setattr("calls.operations.recordings.enqueue", lambda path, **about: queued.append((path, about)))
    return queued


def test_a_recording_is_fetched_once_it_is_announced_and_kept_by_its_content(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    with recording.file.open("rb") as file:
        assert file.read() == SOUND
    told = ("kept", NAME, DIGEST, len(SOUND), "audio/x-wav", 2, 0, 1, now, "waiting", "", 0, "", None)
    assert told == tuple(
        Recording.objects.values_list(
            "state", "file", "sha256", "size_bytes", "content_type", "channels", "caller_channel", "duration_s",
            "kept_at", "transcription", "error", "fetch_tries", "lease", "leased_until",
        ).get()
    )  # fmt: skip
    assert [len(one) for one in recording.peaks] == [800, 800]
    asked = [(one.path, one.query, one.authorization[:6]) for one in api.requests if "/Recordings/" in one.path]
    path = f"/2010-04-01/Accounts/AC{'0' * 31}1/Recordings/{SID}.wav"
    assert asked == [(path, {"RequestedChannels": ["2"]}, "Basic ")]


def test_what_is_announced_twice_and_whose_first_worker_was_killed_is_kept_once(line, call, api, media, now, jobs):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    announce(line, call)
    announce(line, call, RecordingDuration="42")
    recording = Recording.objects.get()
    soon = now + timedelta(days=365)  # the webhook came by the real clock
    assert (recordings.fetch_due(now=soon), recordings.fetch_due(now=soon)) == (1, 0)
    assert jobs == [("calls.tasks.fetch_recording", {"recording_id": recording.pk})]
    # The worker takes it, writes half of the file, and is killed.
    Recording.objects.update(lease="a dead worker's", leased_until=soon + timedelta(seconds=120), sha256=DIGEST)
    (media / NAME).parent.mkdir(parents=True)
    (media / NAME).write_bytes(SOUND[:100])
    assert recordings.fetch(recording.pk, now=soon) == "moved"
    later = soon + timedelta(seconds=121)
    assert recordings.fetch_due(now=later) == 1
    assert recordings.fetch(recording.pk, now=later) == "kept"
    assert recordings.fetch(recording.pk, now=later) == "moved"
    assert Recording.objects.values_list("state", "file").get() == (
        "kept",
        NAME.replace(".wav", f"-{recording.pk}.wav"),
    )
    with default_storage.open(Recording.objects.get().file.name) as file:
        assert file.read() == SOUND


def test_a_purge_of_thousands_does_not_bury_the_calls_that_are_to_be_dialled(call, now):
    rows = [Recording(call=call, provider_recording_id=f"RE{n}", state="deleted", delete_there=True) for n in range(50)]
    Recording.objects.bulk_create(rows)
    owed = [OwedDeletion(provider="twilio", provider_call_id="CA1", after=now) for _ in range(50)]
    OwedDeletion.objects.bulk_create(owed)
    OrmQ.objects.all().delete()
    assert [recordings.delete_there_due(now=now), recordings.delete_there_due(now=now)] == [20, 0]
    OrmQ.objects.all().delete()
    assert [owing.delete_owed_due(now=now), owing.delete_owed_due(now=now)] == [20, 0]


def test_what_is_not_there_yet_is_asked_for_ever_less_often_and_given_up_after_a_day(call, api, now):
    waits = [recordings.wait_after(tries).total_seconds() for tries in range(1, 150)]
    assert waits[:9] == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert timedelta(hours=23) < timedelta(seconds=sum(waits)) < timedelta(hours=25)
    recording = Recording.objects.create(call=call, provider_recording_id=SID, fetch_after=now, fetch_tries=148)
    assert recordings.fetch(recording.pk, now=now) == "not_yet"
    told = Recording.objects.values_list("state", "fetch_after", "error", "lease", "fetch_tries")
    sentence = "The provider does not have the recording yet."
    assert told.get() == ("announced", now + timedelta(minutes=10), sentence, "", 149)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    assert told.get() == ("failed", None, sentence, "", 150)


def test_a_call_on_the_pretend_network_is_recorded_fetched_and_deleted_there(providers, media, now, settings):
    settings.RECORDINGS_DELETE_AT_PROVIDER = True
    providers["pretend"]["speaks"] = True
    call_through("hangs_up", now)
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "kept"
    recording.refresh_from_db()
    assert (recording.state, recording.channels, recording.caller_channel) == ("kept", 2, 0)
    assert min(max(channel) for channel in recording.peaks) > 30
    there = Path(providers["pretend"]["folder"], "recordings")
    assert len(list(there.iterdir())) == 1
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert list(there.iterdir()) == []
    assert files(media) == [recording.file.name]


@pytest.mark.whisper
def test_what_is_said_to_staff_on_the_pretend_network_is_heard_apart(providers, media, now, settings):
    settings.WHISPER_MODEL = model_folder()
    providers["pretend"]["speaks"] = True
    DialerSettings(
        staff_from=clock(0), staff_until=clock(23, 59, 59, 999999), hand_off_number=number_of("cooperative")
    ).save()
    call = call_through("asks_for_a_person", now)
    recording = Recording.objects.get()
    assert (call.transfer_state, recordings.fetch(recording.pk, now=now)) == ("accepted", "kept")
    assert hearing.transcribe(recording.pk, now=now) == "done"
    call.refresh_from_db()
    talk = with_staff(call, Transcript.objects.get(engine="whisper"))
    assert (talk[0].speaker, talk[-1].speaker) == ("staff", "staff")
    assert "thank you for waiting" in talk[0].text.lower()
    assert "goodbye" in talk[-1].text.lower()
    assert "caller" in {line.speaker for line in talk}
    asked_for_one = call.turns.get(heard__contains="real person")
    assert asked_for_one.heard_again.lower().rstrip(".?!").endswith("person, please")


def test_a_caller_who_refused_is_deleted_at_the_provider_unheard(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    Call.objects.update(recording_consent="refused", status="ended")
    announce(line, call)
    recording = Recording.objects.get()
    assert (recording.state, recordings.fetch(recording.pk, now=now)) == ("refused", "moved")
    api.mode = "503"
    assert recordings.delete_there(recording.pk, now=now) == "down"
    api.mode = "ok"
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert recordings.delete_there(recording.pk, now=now) == "done"
    assert (api.recordings, files(media)) == ({}, [])
    assert Recording.objects.values_list("state", "delete_there", "deleted_there_at").get() == ("refused", False, now)


def test_what_a_provider_does_not_delete_for_days_is_never_forgotten_and_staff_read_of_it(call, api, now):
    Call.objects.update(status="ended")
    gone = {"call": call, "provider_recording_id": SID, "state": "refused", "delete_there": True}
    recording = Recording.objects.create(**gone, fetch_tries=148)
    told = Recording.objects.values_list("delete_there", "fetch_after", "error")
    api.recordings[SID], api.mode = {"call_sid": call.provider_call_id}, "503"
    assert (recordings.delete_there(recording.pk, now=now), told.get()) == (
        "down",
        (True, now + timedelta(minutes=10), ""),
    )
    assert recordings.delete_there(recording.pk, now=now) == "down"
    is_open, again, sentence = told.get()
    assert (is_open, again, sentence.partition(":")[0]) == (
        True,
        now + timedelta(days=1),
        "The provider still has this recording",
    )
    api.mode = "ok"
    assert recordings.delete_there_due(now=again) == 1
    assert (recordings.delete_there(recording.pk, now=again), told.get()) == ("deleted", (False, None, ""))


def test_a_caller_who_refused_after_the_recording_was_announced_is_not_fetched(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, fetch_after=now)
    Call.objects.update(recording_consent="refused")  # and its job is still to come
    assert recordings.fetch(recording.pk, now=now) == "refused"
    assert Recording.objects.values_list("state", "delete_there").get() == ("refused", True)
    assert (files(media), [one for one in api.requests if one.path.endswith(".wav")]) == ([], [])


def test_a_caller_who_refuses_while_the_recording_is_fetched_leaves_no_file(call, api, media, now, monkeypatch):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    put = shelf.put

    def refused_meanwhile(*args):
        recordings.delete(recording, state="refused", now=now)
        return put(*args)

    monkeypatch.setattr("calls.operations.shelf.put", refused_meanwhile)
    assert recordings.fetch(recording.pk, now=now) == "moved"
    assert (Recording.objects.get().state, files(media)) == ("refused", [])


def test_a_recording_that_nobody_announced_is_asked_for_after_the_call(line, call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    api.recordings["RE" + "9" * 32] = {"call_sid": call.provider_call_id, "source": "RecordVerb"}  # a single answer
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    call.refresh_from_db()
    recording = Recording.objects.get()
    assert recording.fetch_after == call.ended_at + timedelta(minutes=5)
    later = recording.fetch_after
    assert recordings.fetch_due(now=later) == 1
    assert recordings.fetch(recording.pk, now=later) == "found"
    assert recordings.fetch(recording.pk, now=later) == "kept"
    began = datetime(2026, 11, 22, 10, 4, 12, tzinfo=UTC)
    told = Recording.objects.values_list("provider_recording_id", "state", "channels", "started_at")
    assert list(told) == [(SID, "kept", 2, began)]


def test_where_the_provider_recorded_nothing_the_call_says_so_and_nobody_asks_again(line, call, api, now):
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    recording = Recording.objects.get()
    assert recordings.fetch(recording.pk, now=now) == "absent"
    assert Recording.objects.values_list("state", "fetch_after").get() == ("absent", None)


def test_what_is_announced_late_takes_the_place_of_what_was_expected(line, call, api, now):
    line.sid = call.provider_call_id
    line.status("in-progress", call=call.pk)
    line.status("completed", call=call.pk, sequence=3, CallDuration="41")
    announce(line, call)
    assert Recording.objects.values_list("provider_recording_id", "state", "duration_s").get() == (SID, "announced", 41)


@pytest.mark.parametrize(
    ("fault", "code", "state", "error"),
    [
        ({"status": "deleted"}, "failed", "failed", "Twilio has deleted the recording."),
        ({"media": b"<html>" + bytes(100)}, "not_audio", "announced", "What the provider sent is no recording."),
        ({"media": b"RIFF\0\0\0\0WAVEfmt " + bytes(100)}, "not_audio", "announced", "What the provider sent cannot"),
        ({"media": SOUND * 5}, "failed", "failed", "The recording is larger than 0 MB. Raise RECORDING_MAX_MB"),
    ],
)
def test_staff_read_why_a_recording_did_not_come(call, api, now, settings, fault, code, state, error):
    settings.RECORDING_MAX_BYTES = 40_000
    api.recordings[SID] = {"call_sid": call.provider_call_id, **fault}
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == code
    recording.refresh_from_db()
    assert (recording.state, recording.error[: len(error)]) == (state, error)


def test_what_a_provider_recorded_although_the_agent_does_not_is_never_fetched(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    VoiceAgent.objects.update(record=False)
    Call.objects.update(agent=VoiceAgent.objects.get())
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    recording.refresh_from_db()
    assert (recording.state, recording.error.split(",")[0], files(media)) == (
        "failed",
        "The agent of this call records nothing and told nobody of a recording",
        [],
    )


def test_what_a_caller_was_told_of_is_kept_though_its_agent_records_no_more(call, api, media, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    agent = VoiceAgent.objects.create(record=False)  # since the call
    Call.objects.update(agent=agent, recording_consent="notified")
    assert kept(call, SID, now).state == "kept"


def test_where_the_account_is_refused_staff_read_which_setting_to_correct(call, api, now):
    api.media_status = 401
    recording = Recording.objects.create(call=call, provider_recording_id=SID, channels=2, fetch_after=now)
    assert recordings.fetch(recording.pk, now=now) == "unauthorized"
    recording.refresh_from_db()
    assert recording.error == (
        "Twilio refused the account's credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
    )


def test_where_nothing_is_to_be_transcribed_the_recording_waits_for_nobody(call, api, now, settings):
    settings.TRANSCRIBE = False
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    assert kept(call, SID, now).transcription == ""


def test_a_recording_that_kills_every_worker_comes_to_an_end(call, api, now):
    recording = Recording.objects.create(call=call, provider_recording_id=SID, fetch_after=now, fetch_tries=150)
    assert recordings.fetch(recording.pk, now=now) == "failed"
    assert Recording.objects.get().error.startswith("Whatever was to fetch this recording failed each time.")


def test_a_recording_stays_with_its_provider_until_its_call_is_over(line, call, api, now):
    api.recordings[SID] = {"call_sid": call.provider_call_id, "media": SOUND}
    recording = kept(call, SID, now)
    Recording.objects.update(delete_there=True)
    assert recordings.delete_there_due(now=now) == 1
    assert recordings.delete_there_due(now=now) == 0
    assert recordings.delete_there(recording.pk, now=now) == "live"
    Call.objects.update(status="ended")
    assert recordings.delete_there_due(now=now + timedelta(seconds=30)) == 1
    assert recordings.delete_there(recording.pk, now=now) == "deleted"
    assert (api.recordings, Recording.objects.get().state) == ({}, "kept")


def test_a_call_that_comes_in_is_recorded_from_its_first_words_on_where_its_agent_says_so(line, api):
    agent = VoiceAgent.objects.create(name="Asha", is_default=True)
    start = ET.fromstring(line.ring().text)[0]
    call = Call.objects.get()
    assert [(one.tag, one.attrib) for one in start.iter()] == [
        ("Start", {}),
        (
            "Recording",
            {
                "channels": "dual",
                "trim": "do-not-trim",
                "recordingStatusCallback": (
                    f"https://crm.example.com/webhooks/twilio/recording?call={call.pk}#rc=5&rp=ct,rt,5xx"
                ),
                "recordingStatusCallbackMethod": "POST",
                "recordingStatusCallbackEvent": "completed absent",
            },
        ),
    ]
    VoiceAgent.objects.filter(pk=agent.pk).update(record=False)
    line.sid = "CA" + "7" * 32
    assert ET.fromstring(line.ring().text).find("Start") is None
