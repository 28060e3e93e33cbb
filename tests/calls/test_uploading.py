"""Recordings that staff add of their own calls, on the lead's page and over the API."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_q.models import OrmQ

from calls import queries
from calls.models import Call, Recording
from calls.operations import uploading
from leads.models import Activity
from tests.admin_rows import make_lead, staff
from tests.api_client import client_who_may
from tests.recorded_calls import transcribe
from tests.sounds import wav

pytestmark = pytest.mark.django_db

SOUND = wav(440, 0, seconds=1)
BEGAN = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
PERMISSIONS = ("calls.add_recording", "calls.view_call", "leads.view_lead", "calls.listen_recording")


@pytest.fixture
def lead(now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_lead(1, now)


def page(lead):
    return f"/admin/leads/lead/{lead.pk}/recording/"


def form(content=SOUND, name="call.wav", **fields):
    known = {"direction": "inbound", "began_at": "2026-03-09T12:00", "track": "0"}
    return {"file": SimpleUploadedFile(name, content), **known | fields}


def shown(answer):
    return html.unescape(answer.content.decode())


def kept():
    return Recording.objects.filter(state="kept").count(), Call.objects.count()


def test_a_recording_of_staffs_own_call_becomes_a_call_of_the_lead(client, lead):
    client.force_login(meera := staff("meera", *PERMISSIONS))
    answer = client.post(page(lead), form())
    call = Call.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/calls/call/{call.pk}/change/")
    assert (call.duration_s, call.recordings.get().peaks) == (None, [])  # read to its end by a job alone
    assert "The recording is being prepared: its length and its waveform are still to come." in shown(
        client.get(answer["Location"])
    )
    Recording.objects.update(kept_at=timezone.now() - timedelta(hours=2))  # its job was lost, and it can be heard
    assert "is being prepared" not in shown(client.get(answer["Location"]))
    assert [uploading.prepare(call.recordings.get().pk) for _ in range(2)] == ["prepared", "done"]
    assert "is being prepared" not in shown(client.get(answer["Location"]))
    call.refresh_from_db()
    facts = (call.lead, call.provider, call.status, call.end_reason, call.direction, call.requested_by, call.duration_s)
    assert facts == (lead, "upload", "ended", "completed", "inbound", meera, 1)
    assert (call.created_at, call.ended_at, call.asked_at) == (BEGAN, BEGAN + timedelta(seconds=1), None)
    recording = call.recordings.get()
    told = (recording.state, recording.channels, recording.caller_channel, recording.content_type, recording.lease)
    assert told == ("kept", 2, 0, "audio/wav", "")
    assert (recording.duration_s, [max(one) for one in recording.peaks]) == (1, [100, 0])
    assert (recording.transcription, recording.uploaded_by, recording.started_at) == ("waiting", meera, BEGAN)
    with recording.file.open() as file:
        assert file.read() == SOUND
    lead.refresh_from_db()
    activity = Activity.objects.get(lead=lead)
    assert (activity.text, activity.actor, lead.last_contacted_at) == (
        "Uploaded a recording of their own call.",
        meera,
        BEGAN,
    )


def test_a_job_reads_it_to_its_end(admin_client, lead, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(page(lead), form())
    assert [(job.func(), job.task["kwargs"]) for job in OrmQ.objects.all()] == [
        ("calls.tasks.prepare_upload", {"recording_id": Recording.objects.get().pk})
    ]


def test_it_counts_for_no_figure_of_ours_and_breaks_no_page(admin_client, lead):
    admin_client.post(page(lead), form())
    assert queries.week(since=BEGAN - timedelta(days=1)) == {"calls": 0, "answered": 0, "qualified": 0}
    call = Call.objects.get()
    text = " ".join(shown(admin_client.get(f"/admin/calls/call/{call.pk}/change/")).split())
    assert "A call of our own, whose recording was uploaded." in text
    assert "The conversation appears here once it is transcribed." in text
    for url in ("/admin/calls/call/", "/admin/calls/call/?provider=upload", "/admin/", page(lead)):
        assert admin_client.get(url).status_code == 200
    assert "A call of ours" in shown(admin_client.get(f"/admin/leads/lead/{lead.pk}/change/"))


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ("done", "No words were found in this recording."),
        ("failed", "There is no transcript of this call."),
        ("", "There is no transcript of this call."),
    ],
)
def test_that_nobody_spoke_is_said_only_of_what_was_heard(admin_client, lead, heard, told):
    call = admin_client.post(page(lead), form())["Location"]
    Recording.objects.update(transcription=heard, peaks=[[1]])
    assert told in shown(admin_client.get(call))


def test_its_lines_are_shown_with_who_says_them(admin_client, client, lead):
    admin_client.post(page(lead), form())
    recording = Recording.objects.get()
    words = [["seventy", 0.1, 0.3, 0.9], ["lakh", 0.3, 0.6, 0.9]]
    line = {"start_s": 0.1, "end_s": 0.6, "confidence": 0.9}
    lines = [
        {"speaker": "caller", "text": "seventy lakh", "words": words, **line},
        {"speaker": "agent", "text": "", "words": [], **line},
        {"speaker": "unknown", "text": "thank you", "words": [], **line | {"start_s": 0.7, "end_s": 0.9}},
    ]
    Recording.objects.update(transcription="done")
    transcribe(recording, lines=lines)
    again = {"words": "seventy lakh", "start_s": 0.1}
    for slot, value in (
        ("budget", {"budget_min": 6_000_000, "budget_max": 7_000_000}),
        ("purpose", "buy"),
        ("consent", False),
    ):
        recording.call.value_reviews.create(slot=slot, reason="staff_call", again={"value": value, **again})
    answer = admin_client.get(f"/admin/calls/call/{recording.call_id}/change/")
    told = [(one.who, one.hearing.text, [value.chip.value for value in one.values]) for one in answer.context["lines"]]
    assert told == [("Lead 1", "seventy lakh", ["No", "Buy", "₹60 lakh to ₹70 lakh"]), ("Somebody", "thank you", [])]
    assert '<span class="ra-word" data-t="0.30" data-until="0.60">lakh</span>' in answer.content.decode()
    assert f"?call__id__exact={recording.call_id}#review-" in shown(answer)
    assert "3 values to review" in shown(answer)
    client.force_login(staff("meera", "calls.view_call"))
    assert "to review" not in shown(client.get(f"/admin/calls/call/{recording.call_id}/change/"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.wav"),
        (b"This is no sound at all.", "notes.mp3"),
        (SOUND[:30], "cut.wav"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt nonsense", "broken.wav"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.wav", "list.m4a"),
    ],
)
def test_what_is_no_sound_is_refused_by_reading_it_and_nothing_typed_is_lost(admin_client, lead, content, name):
    answer = admin_client.post(page(lead), form(content, name))
    text = shown(answer)
    assert (answer.status_code, kept()) == (422, (0, 0))
    assert "This file cannot be read as sound. Choose a recording in WAV, MP3, M4A or OGG." in text
    assert 'value="2026-03-09T12:00"' in text
    assert answer.context["form"]["direction"].value() == "inbound"


def test_a_file_that_is_too_large_is_told_the_limit(admin_client, lead, settings):
    settings.RECORDING_MAX_BYTES = 3_000
    answer = admin_client.post(page(lead), form())
    assert ("larger than" in shown(answer), kept()) == (True, (0, 0))


def test_a_call_that_is_still_to_come_cannot_have_been_recorded(admin_client, lead):
    later = timezone.localtime() + timedelta(days=1)
    answer = admin_client.post(page(lead), form(began_at=later.strftime("%Y-%m-%dT%H:%M")))
    assert ("This is still to come." in shown(answer), kept()) == (True, (0, 0))


def test_the_same_file_for_the_same_lead_leads_to_the_first(admin_client, lead, now):
    admin_client.post(page(lead), form())
    call = Call.objects.get()
    answer = admin_client.post(page(lead), form(name="other.wav", track="1"))
    assert "This recording was uploaded before, for the same lead." in shown(answer)
    assert (f"/admin/calls/call/{call.pk}/change/" in shown(answer), kept()) == (True, (1, 1))
    admin_client.post(page(make_lead(2, now)), form())
    assert kept() == (2, 2), "another lead may have been on the same call"


def test_an_upload_that_was_killed_is_taken_up_by_the_next(admin_client, lead, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(uploading.recordings, "keep", lambda *_, **__: False)
        answer = admin_client.post(page(lead), form())
    assert "being uploaded at this moment" in shown(answer)
    assert "being uploaded at this moment" in shown(admin_client.post(page(lead), form()))
    call_page = f"/admin/calls/call/{Call.objects.get().pk}/change/"
    assert "The upload did not come to its end" in shown(admin_client.get(call_page))
    Recording.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert admin_client.post(page(lead), form()).status_code == 302
    assert kept() == (1, 1)


@pytest.mark.parametrize("missing", ["calls.add_recording", "calls.view_call", "leads.view_lead"])
def test_who_may_not_add_recordings_is_refused_and_sees_no_link(client, lead, missing):
    client.force_login(staff("meera", *(one for one in PERMISSIONS if one != missing)))
    assert (client.post(page(lead), form()).status_code, kept()) == (403, (0, 0))
    assert "Add a recording" not in shown(client.get(f"/admin/leads/lead/{lead.pk}/change/"))


def test_over_the_api_it_is_a_multipart_post(lead):
    client = client_who_may("leads.view_lead", "calls.add_recording")
    url = f"/api/v1/leads/{lead.pk}/recordings/"
    sent = {"direction": "outbound", "began_at": "2026-03-09T06:30:00Z", "customer_track": "right"}
    first = client.post(url, {"file": SimpleUploadedFile("a.bin", SOUND), **sent}, format="multipart")
    again = client.post(url, {"file": SimpleUploadedFile("b.bin", SOUND), **sent}, format="multipart")
    bad = client.post(url, {"file": SimpleUploadedFile("c.wav", b"no sound"), **sent}, format="multipart")
    call = Call.objects.get()
    assert (first.status_code, first.data["id"], first.data["provider"]) == (201, call.pk, "upload")
    assert (again.status_code, again.data["code"], again.data["existing_id"]) == (409, "known_recording", call.pk)
    assert (bad.status_code, bad.data["code"], bad.data["field"]) == (422, "not_audio", "file")
    assert (Recording.objects.get().caller_channel, kept()) == (1, (1, 1))
    reader = client_who_may("leads.view_lead", username="reader")
    refused = reader.post(url, {"file": SimpleUploadedFile("a.wav", wav(300)), **sent}, format="multipart")
    assert (refused.status_code, kept()) == (403, (1, 1))
