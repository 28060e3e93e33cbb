"""What is kept no longer goes by night, once, a batch at a time; what may stay stays."""

import os
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django_q.models import Failure, OrmQ

from calls import operations
from calls.models import (
    Call,
    ChatLink,
    Consultation,
    Listen,
    LiveUtterance,
    Purge,
    Recording,
    Retention,
    Transcript,
    Turn,
    ValueReview,
    WebhookEvent,
)
from calls.operations import purging
from leads import waiting
from leads.models import Lead

pytestmark = pytest.mark.django_db(transaction=True)

NIGHT = datetime(2026, 3, 10, 21, 45, tzinfo=UTC)  # 03:15 on the 11th in India
KINDS = {
    "recordings": 1,
    "transcripts": 1,
    "values to review": 1,
    "turns": 1,
    "conversations": 1,
    "webhooks": 1,
    "consultations": 1,
    "listens": 1,
    "chat links": 1,
    "answers": 1,
    "failed jobs": 1,
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def make(at: datetime, number: int, **more) -> Call:
    """A call of that time with one row of every kind, all of that time."""
    lead = Lead.objects.create(name="Meena", phone=f"+9198200123{number:02}")
    known = {"status": "ended", "dialogue": {"turn": 1}, "summary": [{"text": "x"}], "created_at": at, "ended_at": at}
    call = Call.objects.create(lead=lead, provider="twilio", **known | more)
    turn = Turn.objects.create(call=call, number=1, heard="Pune", said="Ok", understood=[{"slot": "x"}], at=at)
    kept = Recording.objects.create(call=call, provider_recording_id="RE1", sha256=f"{number:064}", announced_at=at)
    kept.file.save(f"00/{number:064}.wav", ContentFile(b"RIFF"), save=False)
    kept.state, kept.kept_at = "kept", at
    kept.save()
    Listen.objects.create(recording=kept, at=at)
    Transcript.objects.create(call=call, engine="whisper", lines=[{"text": "Pune"}], made_at=at)
    ValueReview.objects.create(call=call, turn=turn, slot="name", reason="disagrees", created_at=at)
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key=str(number), call=call, received_at=at)
    Consultation.objects.create(call=call, rung="primary", model="m", prompt="p", prompt_version="1", at=at)
    ChatLink.objects.create(lead=lead, reason="staff", created_at=at, expires_at=at)
    LiveUtterance.objects.create(call=call, turn=1, asked_at=at, due_at=at)
    Failure.objects.create(id=str(number), name="x", func="f", started=at, stopped=at, success=False)
    return call


def rows() -> dict[str, int]:
    said = Turn.objects.exclude(heard="")
    kept = Recording.objects.filter(state="kept")
    models = (Transcript, ValueReview, WebhookEvent, Consultation, Listen, ChatLink, LiveUtterance, Failure)
    return {"Turn": said.count(), "Recording": kept.count(), **{one.__name__: one.objects.count() for one in models}}


def test_a_purge_deletes_of_every_kind_what_is_too_old_and_keeps_the_rest(media):
    old, new = make(NIGHT - timedelta(days=800), 1), make(NIGHT - timedelta(days=1), 2)
    assert purging.purge_due(now=NIGHT) == 1
    night = Purge.objects.get()
    assert operations.purging.purge(night.pk, now=NIGHT) == "purged"
    night.refresh_from_db()
    assert (night.counts, night.ended_at, str(night.night)) == (KINDS, NIGHT, "2026-03-11")
    assert set(rows().values()) == {1}
    old.refresh_from_db()
    new.refresh_from_db()
    assert ((old.dialogue, old.summary), new.dialogue) == (({}, []), {"turn": 1})
    assert old.turns.values_list("heard", "said", "understood").get() == ("", "", [])
    assert [one.name for one in media.rglob("*.wav")] == [f"{2:064}.wav"]
    assert old.recordings.values_list("state", "delete_there").get() == ("deleted", True)
    # A second run finds nothing.
    assert (list(purging.batches(now=NIGHT)), purging.purge(night.pk, now=NIGHT)) == ([], "done")


def test_a_live_conversation_keeps_its_words_however_old(media):
    call = make(NIGHT - timedelta(days=800), 1, status="in_progress", ended_at=None)
    list(purging.batches(now=NIGHT))
    call.refresh_from_db()
    assert (call.dialogue, call.turns.get().heard) == ({"turn": 1}, "Pune")


def test_empty_days_keep_for_ever():
    make(NIGHT - timedelta(days=8000), 1)
    Retention.objects.create(**dict.fromkeys(("recordings", "words", "webhooks", "consultations", "listens"), None))
    Retention.objects.update(chat_links=None, utterances=None, jobs=None)
    before = rows()
    assert (list(purging.batches(now=NIGHT)), rows()) == ([], before)


def test_many_rows_go_in_batches_and_each_row_once(monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    call = make(NIGHT - timedelta(days=1), 1)
    WebhookEvent.objects.bulk_create(
        WebhookEvent(provider="vapi", kind="x", dedupe_key=str(n), call=call, received_at=NIGHT - timedelta(days=100))
        for n in range(5)
    )
    assert list(purging.batches(now=NIGHT)) == [("webhooks", 2), ("webhooks", 2), ("webhooks", 1)]


def test_a_purge_that_takes_long_goes_on_in_the_next_job(monkeypatch):
    make(NIGHT - timedelta(days=800), 1)
    monkeypatch.setattr(purging, "LONGEST_S", -1.0)
    purging.purge_due(now=NIGHT)
    night = Purge.objects.get()
    said = [purging.purge(night.pk, now=NIGHT) for _ in range(len(KINDS) + 2)]
    night.refresh_from_db()
    assert (said, night.counts) == (["goes on"] * len(KINDS) + ["purged", "done"], KINDS)


def test_one_process_wins_a_night_and_none_before_its_hour(settings):
    early = NIGHT - timedelta(minutes=20)  # 02:55
    assert [purging.purge_due(now=now) for now in (early, NIGHT, NIGHT, NIGHT + timedelta(minutes=1))] == [0, 1, 0, 0]
    assert [job.func() for job in OrmQ.objects.all()] == ["calls.tasks.purge"]
    Purge.objects.update(ended_at=NIGHT)
    assert [purging.purge_due(now=NIGHT + timedelta(hours=hours)) for hours in (1, 20, 24)] == [0, 0, 1]


def test_a_purge_whose_job_was_lost_is_queued_again():
    purging.purge_due(now=NIGHT)
    assert [purging.purge_due(now=NIGHT + timedelta(minutes=minutes)) for minutes in (2, 4, 5)] == [0, 1, 0]
    assert OrmQ.objects.count() == 2


def test_a_dry_run_tells_and_deletes_nothing():
    make(datetime.now(UTC) - timedelta(days=800), 1)
    before, out = rows(), StringIO()
    call_command("purge", dry_run=True, stdout=out)
    assert (rows(), out.getvalue().splitlines()) == (before, [f"{kind}: 1 would be deleted" for kind in KINDS])
    out = StringIO()
    call_command("purge", stdout=out)
    assert out.getvalue().splitlines() == [f"{kind}: 1 deleted" for kind in KINDS]
    out = StringIO()
    call_command("purge", stdout=out)
    assert out.getvalue() == "Nothing is older than it may be.\n"


def test_a_file_that_waited_a_day_for_its_import_goes(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    storage = waiting.WaitingFile()
    storage.save(b"name,phone")
    (tmp_path / "imports" / "new").write_text("name,phone")
    old = Path(waiting.WaitingFile(name=f"../../{storage.name}").get_full_path())  # no way out of the folder
    day_before = (NIGHT - timedelta(days=1, minutes=1)).timestamp()
    os.utime(old, (day_before, day_before))
    os.utime(tmp_path / "imports" / "new", (NIGHT.timestamp(), NIGHT.timestamp()))
    purging.purge_due(now=NIGHT)
    purging.purge(Purge.objects.get().pk, now=NIGHT)
    assert [path.name for path in waiting.files()] == ["new"]


def test_what_a_providers_model_made_of_a_call_goes_without_a_conversation_of_ours(media):
    call = make(NIGHT - timedelta(days=800), 1, dialogue={}, summary=[], provider_analysis={"summary": "Meena, Pune"})
    assert purging.foretell(now=NIGHT)["conversations"] == 1
    list(purging.batches(now=NIGHT))
    call.refresh_from_db()
    assert call.provider_analysis == {}


def test_a_night_that_began_late_and_was_lost_goes_on_in_the_morning(settings):
    settings.PURGE_AT = time(23, 50)
    begun = datetime(2026, 3, 10, 18, 25, tzinfo=UTC)  # 23:55 in India
    later = [timedelta(0), timedelta(minutes=10), timedelta(minutes=11), timedelta(days=1)]
    assert [purging.purge_due(now=begun + one) for one in later] == [1, 1, 0, 1]
    assert [str(one.night) for one in Purge.objects.all()] == ["2026-03-11", "2026-03-10"]


def test_recordings_go_a_few_at_a_time_for_their_storage_may_be_far_away(media):
    at = NIGHT - timedelta(days=200)
    call = make(NIGHT - timedelta(days=1), 1)
    Recording.objects.bulk_create(
        Recording(call=call, provider_recording_id=f"R{n}", state="failed", announced_at=at) for n in range(30)
    )
    told = list(purging.batches(now=NIGHT))
    assert (told, Recording.objects.filter(state="deleted").count()) == ([("recordings", 25), ("recordings", 5)], 30)


def test_what_was_kept_late_or_is_still_to_be_deleted_elsewhere_stays(media):
    call = make(NIGHT - timedelta(days=8), 1)
    LiveUtterance.objects.update(delete_after=NIGHT)
    call.recordings.update(announced_at=NIGHT - timedelta(days=200))
    assert (list(purging.batches(now=NIGHT)), LiveUtterance.objects.count()) == ([], 1)


def test_a_purge_by_hand_also_ends_what_has_no_days(settings, tmp_path, media):
    settings.VAR_DIR = tmp_path
    old = waiting.folder() / "old"
    old.write_text("name,phone")
    os.utime(old, (0, 0))
    Session.objects.create(session_key="x", session_data="", expire_date=NIGHT)
    call_command("purge", stdout=StringIO())
    assert (list(waiting.files()), Session.objects.count()) == ([], 0)


def test_a_purge_by_hand_tells_what_it_did_where_the_storage_cannot_be_looked_through(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "recordings").touch()
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("purge", stdout=out)
    assert out.getvalue() == "Nothing is older than it may be.\n"
    assert str(refused.value) == (
        "The recording could not be looked for (Not a directory). Make room in MEDIA_ROOT and VAR_DIR, and let the "
        "worker read and write there. Files that should be gone are looked for again each night."
    )


def test_a_new_import_drops_the_old_ones_of_its_machine(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (waiting.folder() / "old").write_text("name,phone")
    os.utime(waiting.folder() / "old", (0, 0))
    new = waiting.WaitingFile()
    new.save(b"name,phone")
    assert [path.name for path in waiting.files()] == [new.name]
