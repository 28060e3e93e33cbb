"""Who does not want to be recorded: told so, recorded no more, and what there was is deleted, here and there."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from calls import operations
from calls.models import Call, CallingPolicy, Recording
from calls.operations import recordings
from calls.operations.consent import note_refusal
from tests.flows.vapi_line import SECRET, VAPI_ID, VapiLine
from tests.sounds import wav
from tests.twilio_line import payload, spoken
from voice.dialogue.script import LANGUAGES
from voice.dialogue.state import REFUSED
from voice.models import VoiceAgent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

SID = "RE" + "1".zfill(32)
NOTICE = "This call may be recorded."
OFF = LANGUAGES["en-IN"].sentences["not_recorded"]
WORDS = "please don't record this call"


def announce(line, sid=SID):
    form = {**payload("recording_completed_dual"), "CallSid": line.sid, "RecordingSid": sid}
    assert line.post("/webhooks/twilio/recording", **form).status_code == 200


def consent(call):
    call.refresh_from_db()
    return call.recording_consent, call.recording_words


def jobs() -> list[str]:
    return [job.func() for job in OrmQ.objects.order_by("pk")]


def test_a_refusal_stops_the_recording_and_deletes_what_there_is(line, lead, api, media, now):
    first = line.ring()
    call = Call.objects.get()
    assert (spoken(first).startswith(NOTICE), consent(call)) == (True, ("notified", NOTICE))
    api.recordings[SID] = {"call_sid": line.sid, "media": wav(440, 660)}
    announce(line)
    recordings.fetch(Recording.objects.get().pk, now=now)

    assert spoken(line.say(first, WORDS)).startswith(OFF)
    assert (consent(call), "calls.tasks.stop_recording" in jobs()) == (("refused", WORDS), True)
    assert operations.stop_recording(call.pk, now=now) == "stopped"
    assert api.changes[-1] == {"sid": "Twilio.CURRENT", "Status": "stopped"}
    kept = Recording.objects.get()
    assert (kept.state, kept.file.name, kept.delete_there) == ("refused", "", True)
    assert list(media.rglob("*.wav")) == []
    line.status("completed", sequence=3, CallDuration="30")
    assert recordings.delete_there(kept.pk, now=now) == "deleted"
    assert api.recordings == {}

    announce(line, "RE" + "2".zfill(32))
    later = Recording.objects.order_by("pk").last()
    assert (later.state, later.delete_there, call.turns.count()) == ("refused", True, 2)
    assert operations.stop_recording(call.pk, now=now) == "ended"  # a job that is run twice


@pytest.mark.parametrize("mode", ["20429", "slow"])
def test_a_provider_that_is_down_is_asked_again_and_what_is_recorded_is_deleted_all_the_same(
    line, lead, api, providers, now, monkeypatch, mode
):
    monkeypatch.setattr("calls.operations.consent._TRIES_AFTER_S", (0, 0))
    line.say(line.ring(), WORDS)
    api.mode, api.slow_s, providers["twilio"]["timeout_s"] = mode, 0.2, 0.1
    call = Call.objects.get()
    assert operations.stop_recording(call.pk, now=now) == "not stopped"
    assert [change["sid"] for change in api.changes] == ["Twilio.CURRENT"] * 3
    announce(line)
    assert Recording.objects.get().state == "refused"


def test_a_recording_that_nobody_announces_after_a_refusal_is_asked_for_and_deleted_there(line, lead, api, now):
    line.say(line.ring(), WORDS)
    api.recordings[SID] = {"call_sid": line.sid, "media": wav(440, 660)}
    line.status("completed", sequence=3, CallDuration="30")
    awaited = Recording.objects.get()
    operations.stop_recording(awaited.call_id, now=now)  # its job came only now
    later = awaited.fetch_after
    assert (recordings.fetch_due(now=later), recordings.fetch(awaited.pk, now=later)) == (1, "found")
    assert recordings.delete_there(awaited.pk, now=later) == "deleted"
    assert (api.recordings, Recording.objects.get().state) == ({}, "refused")


def test_a_refusal_that_comes_out_after_the_call_deletes_the_recording_in_the_same_step(line, lead, api, media, now):
    line.ring()
    line.status("completed", sequence=3, CallDuration="30")
    api.recordings[SID] = {"call_sid": line.sid, "media": wav(440, 660)}
    announce(line)
    assert recordings.fetch(Recording.objects.get().pk, now=now) == "kept"
    OrmQ.objects.all().delete()
    with transaction.atomic():
        call = Call.objects.get()
        note_refusal(call, {**call.dialogue, "recording": REFUSED, "recording_words": WORDS}, now=now)
        call.save()
    recording = Recording.objects.get()
    assert (consent(call), recording.state, recording.delete_there, recording.sha256) == (
        ("refused", WORDS),
        "refused",
        True,
        "",
    )
    assert (list(media.rglob("*.wav")), jobs()) == ([], [])


def test_a_second_refusal_changes_nothing(line, lead, api):
    second = line.say(line.ring(), WORDS)
    line.say(second, "I said stop recording")
    call = Call.objects.get()
    assert (consent(call), jobs().count("calls.tasks.stop_recording")) == (("refused", WORDS), 1)


def test_an_agent_that_records_nothing_gives_no_notice(line, lead):
    VoiceAgent.objects.create(is_default=True, record=False)
    assert "recorded" not in spoken(line.ring())
    assert consent(Call.objects.get()) == ("", "")


@pytest.mark.parametrize(("required", "told"), [(True, ("notified", NOTICE)), (False, ("", ""))])
def test_a_country_that_requires_a_notice_has_one_where_the_agent_wrote_none(line, lead, required, told):
    VoiceAgent.objects.create(is_default=True, recording_notice="")
    CallingPolicy.objects.update_or_create(region="IN", defaults={"recording_notice_required": required})
    assert spoken(line.ring()).startswith(NOTICE) is required
    assert consent(Call.objects.get()) == told


def test_the_built_in_notice_speaks_the_agents_language(line, lead):
    VoiceAgent.objects.create(is_default=True, recording_notice="", language="hi-IN")
    assert spoken(line.ring()).startswith(LANGUAGES["hi-IN"].sentences["recording_notice"])


def test_a_refusal_that_vapis_own_model_heard_counts_as_soon_as_it_is_told(live_server, settings, lead, now):
    vapi = {**settings.PROVIDERS["vapi"], "webhook_secrets": [SECRET], "webhook_auth": "x-vapi-secret"}
    settings.PROVIDERS = {**settings.PROVIDERS, "vapi": vapi}
    agent = VoiceAgent.objects.create(vapi_brain="vapi", is_default=True)
    known = {"status": "in_progress", "provider_call_id": VAPI_ID, "created_at": now}
    call = Call.objects.create(lead=lead, agent=agent, provider="vapi", **known)
    line = VapiLine(live_server.url, call)
    line.say(f"{NOTICE} Am I speaking with Ravi?", by_caller=False)
    assert consent(call) == ("notified", NOTICE)
    line.say("haan lekin recording band kar do", by_caller=True)
    assert (consent(call), jobs()) == (("refused", "haan lekin recording band kar do"), ["calls.tasks.stop_recording"])
