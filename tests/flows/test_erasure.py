"""A person is removed everywhere; and the scan that proves it finds them everywhere before."""

import gzip
import pickle
import zlib
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django_q.models import Failure, OrmQ
from django_q.tasks import async_task
from tablib import Dataset

from calls import operations
from calls.lines import provider as provider_named
from calls.models import (
    Call,
    Campaign,
    CampaignMember,
    ChatLink,
    LiveUtterance,
    OwedDeletion,
    Recording,
    Transcript,
    Turn,
    ValueReview,
    WebhookEvent,
)
from calls.operations import erasing, gate, owing, tracing
from leads.entries import enter
from leads.imports import LeadResource
from leads.models import Activity, Consent, DndEntry, ErasedNumber, FollowUp, Lead, Requirement, Suppression
from leads.operations import allow_calls, lead_for_caller
from tests.sounds import wav
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, EMAIL, NAME = "+919820012345", "meena.kulkarni@example.org", "Meena Kulkarni"
DIGEST = "d" * 64


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "var" / "media"
    settings.VAR_DIR.mkdir()
    return settings.VAR_DIR


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("boss")


def scan(**more) -> list[str]:
    """Tables and files in which the scan finds the person, by phone, e-mail or name."""
    out = StringIO()
    known = more or {"phone": ["098200 12345"], "email": [EMAIL], "name": [NAME]}
    with suppress(SystemExit):
        call_command("pii_scan", stdout=out, stderr=StringIO(), **known)
    return sorted({line.split()[0] for line in out.getvalue().splitlines() if line != "Found nowhere."})


def seed(now, boss, folders, *, status="ended") -> Lead:
    """A lead with all that can hang on one, and traces of them in records of others."""
    lead = Lead.objects.create(name=NAME, phone=PHONE, email=EMAIL, notes=f"Call {NAME}", bad_number=PHONE)
    words = {"words": f"my mail is {EMAIL}", "value": EMAIL}
    Requirement.objects.create(lead=lead, evidence={"email": words})
    Consent.objects.create(lead=lead, source="form", words=f"{NAME} agreed")
    FollowUp.objects.create(lead=lead, kind="callback", note=f"Call {NAME}")
    Activity.objects.create(lead=lead, kind="note", text=f"Wrote from {PHONE}", at=now)
    Suppression.objects.create(phone=PHONE, words=f"I am {NAME}")
    DndEntry.objects.create(phone=PHONE)
    call = Call.objects.create(
        lead=lead,
        agent=VoiceAgent.objects.create(),
        provider="twilio",
        provider_call_id="CA1",
        status=status,
        direction="inbound",
        caller=PHONE,
        dialed_number=PHONE,
        dialogue={"name": NAME},
        summary=[{"text": f"{NAME} wants a flat"}],
        request_key=f"from {PHONE}",
        created_at=now,
        ended_at=now,
    )
    turn = Turn.objects.create(call=call, number=1, heard="my number is 98200 123 45", words=[["Kulkarni", 0, 1, 1]])
    kept = Recording.objects.create(call=call, provider_recording_id="RE1", sha256=DIGEST)
    kept.file.save(f"{DIGEST[:2]}/{DIGEST}.wav", ContentFile(wav(440)), save=False)
    kept.state = "kept"
    kept.save()
    Transcript.objects.create(call=call, recording=kept, engine="whisper", lines=[{"text": f"I am {NAME}"}])
    ValueReview.objects.create(call=call, turn=turn, slot="email", reason="disagrees", live=words)
    LiveUtterance.objects.create(
        call=call, turn=2, provider_recording_id="RE2", text=NAME, due_at=now, delete_after=now
    )
    link = ChatLink.objects.create(lead=lead, reason="staff", expires_at=now, text_error=f"to {PHONE}: refused")
    campaign = Campaign.objects.create(name=f"For {PHONE}", lead_ids=[lead.pk, 999_999], filter={"search": NAME})
    CampaignMember.objects.create(campaign=campaign, lead=lead, detail=f"{NAME} is busy")
    for provider, request in (
        ("twilio", {"form": {"From": PHONE}, "query": "Caller=%2B919820012345"}),
        ("vapi", {"body": {"message": {"customer": {"number": PHONE, "name": NAME}}}}),
    ):
        WebhookEvent.objects.create(provider=provider, kind="status", dedupe_key=provider, request=request, call=None)
    WebhookEvent.objects.create(provider="twilio", kind="heard", dedupe_key="h", request={}, call=call, response="<x/>")
    for model in (lead, call):
        LogEntry.objects.log_actions(boss.pk, [model], CHANGE, change_message=f"Changed {PHONE}.", single_object=True)
    async_task("calls.tasks.summarise", call_id=call.pk)
    async_task("calls.tasks.dial", call_id=999_999, note=f"about {PHONE}")
    async_task("calls.tasks.text_link", link_id=link.pk)
    Failure.objects.create(
        id="x", name="x", func="f", started=now, stopped=now, success=False, kwargs={"who": NAME}, result=f"no {EMAIL}"
    )
    session = SessionStore()
    session["told"] = f"{NAME} is not called."
    session.save()
    # What others' records hold of them.
    other = Lead.objects.create(name="Ravi Rao", phone="+919820099999", notes=f"Neighbour of {NAME}, {EMAIL}")
    theirs = Call.objects.create(lead=other, provider="chat", channel="chat", status="ended", dialogue={"x": [PHONE]})
    Turn.objects.create(call=theirs, number=1, heard="call (982) 001-2345 instead")
    (folders / "imports").mkdir(exist_ok=True)
    (folders / "imports" / "waits").write_text(f"name,phone\nMeena,{PHONE}\n")
    (folders / "old.log").write_text(f"caller {PHONE}\n")
    return lead


EVERYWHERE = {
    "leads_lead.name", "leads_lead.phone", "leads_lead.email", "leads_lead.notes", "leads_lead.bad_number",
    "leads_requirement.evidence", "leads_consent.words", "leads_followup.note", "leads_activity.text",
    "leads_suppression.phone", "leads_suppression.words", "leads_dndentry.phone",
    "calls_call.caller", "calls_call.dialed_number", "calls_call.dialogue", "calls_call.summary",
    "calls_call.request_key", "calls_turn.heard", "calls_transcript.lines", "calls_valuereview.live",
    "calls_liveutterance.text", "calls_chatlink.text_error", "calls_campaign.name", "calls_campaign.filter",
    "calls_campaignmember.detail", "calls_webhookevent.request", "django_admin_log.object_repr",
    "django_admin_log.change_message", "django_q_ormq.payload", "django_q_task.kwargs", "django_q_task.result",
    "django_session.session_data",
}  # fmt: skip


def test_a_person_is_found_everywhere_then_erased_then_found_nowhere(now, boss, folders):
    lead = seed(now, boss, folders)
    other = Lead.objects.exclude(pk=lead.pk).get()
    written = [f"{folders / name}.content" for name in ("old.log", "imports/waits")]
    assert scan() == sorted([*EVERYWHERE, *written])

    (folders / "old.log").unlink()  # logs of ours name nobody
    proof = folders.parent / "proof.json"
    call_command("erase", str(lead.pk), yes=True, proof=proof, stdout=StringIO())

    assert (scan(), scan(erased_proof=proof)) == ([], [])
    assert list(Lead.objects.values_list("pk", flat=True)) == [other.pk]
    assert (Call.objects.count(), WebhookEvent.objects.count(), LogEntry.objects.count()) == (1, 0, 0)
    other.refresh_from_db()
    campaign = Campaign.objects.get()
    assert (other.notes, Turn.objects.get().heard, campaign.name, campaign.lead_ids, campaign.filter) == (
        "Neighbour of [erased], [erased]",
        "call [erased] instead",
        "For [erased]",
        [999_999],
        {"search": "[erased]"},
    )
    assert (OrmQ.objects.count(), Failure.objects.count(), list(folders.rglob("*.wav"))) == (0, 0, [])
    owed = OwedDeletion.objects.values_list("provider", "provider_call_id", "provider_recording_id", "sha256")
    assert sorted(owed) == [("twilio", "CA1", "RE1", DIGEST), ("twilio", "CA1", "RE2", "")]


def test_what_a_provider_has_is_deleted_there_until_it_is_gone(now, boss, folders, api):
    seed(now, boss, folders)
    api.recordings["RE1"] = {"call_sid": "CA1", "media": wav(440)}
    erasing.erase(Lead.objects.get(phone=PHONE).pk, now=now)
    api.mode = "500"
    owed = OwedDeletion.objects.get(provider_recording_id="RE1")
    owing.delete_owed(owed.pk, now=now)
    owed.refresh_from_db()
    assert (owed.tries, owed.after > now, len(api.recordings)) == (1, True, 1)
    api.mode = "ok"
    assert owing.delete_owed_due(now=now + timedelta(days=1)) == 2
    assert [owing.delete_owed(one.pk, now=now) for one in OwedDeletion.objects.all()] == ["deleted"] * 2
    assert (api.recordings, OwedDeletion.objects.count()) == ({}, 0)


def test_a_provider_that_speaks_of_an_erased_call_later_brings_nobody_back(now, boss, folders, line):
    erasing.erase(seed(now, boss, folders).pk, now=now)
    (folders / "old.log").unlink()
    line.sid = "CA1"
    assert line.status("completed", sequence=9, CallDuration="30").status_code == 200
    assert (WebhookEvent.objects.get().request, Lead.objects.filter(phone=PHONE).count(), scan()) == ({}, 0, [])


def test_nobody_is_erased_while_they_talk_with_us(now, boss, folders):
    lead = seed(now, boss, folders, status="in_progress")
    with pytest.raises(CommandError, match="a call or a chat with this lead is under way"):
        call_command("erase", PHONE, yes=True, stdout=StringIO())
    with pytest.raises(erasing.CannotEraseError):
        erasing.erase(lead.pk, now=now)
    assert (Lead.objects.filter(pk=lead.pk).exists(), ErasedNumber.objects.count()) == (True, 0)


def test_an_erased_number_is_never_called_however_it_comes_back(now, boss, folders):
    erasing.erase(seed(now, boss, folders).pk, now=now, by=boss)
    kept = ErasedNumber.objects.get()
    assert (kept.erased_at, kept.by, PHONE[3:] in str(vars(kept))) == (now, boss, False)

    ways = {
        "api": lambda: enter({"phone": PHONE}, {}, now=now, by=boss),
        "inbound": lambda: lead_for_caller(PHONE, now=now),
        "changed": lambda: _with_number(Lead.objects.create(name="x")),
    }
    for way in ways.values():
        lead = way()
        lead.refresh_from_db()
        with pytest.raises(operations.CallRefused) as refused:
            operations.request_call(lead_id=lead.pk, now=now, provider="twilio")
        assert (lead.do_not_call, refused.value.code) == (True, "erased")
        Lead.objects.filter(pk=lead.pk).update(do_not_call=False)  # even then
        lead.refresh_from_db()
        decision = gate(lead, provider_named("twilio"), now=now)
        assert (decision.allowed, decision.code) == (False, "erased")
        lead.delete()


def test_who_takes_it_back_may_be_called_again(now, boss, folders):
    erasing.erase(seed(now, boss, folders).pk, now=now)
    lead = lead_for_caller(PHONE, now=now)
    allow_calls(lead_id=lead.pk, now=now, by=boss)
    lead.refresh_from_db()
    assert (gate(lead, provider_named("twilio"), now=now).allowed, ErasedNumber.objects.count()) == (True, 0)


def _with_number(lead: Lead) -> Lead:
    lead.phone = PHONE
    lead.save(update_fields=["phone", "updated_at"])
    return lead


def test_an_import_does_not_bring_an_erased_person_back(now, boss, folders):
    erasing.erase(seed(now, boss, folders).pk, now=now)
    rows = Dataset(["Meena", PHONE], ["Asha", "+919820077777"], headers=["name", "phone"])
    result = LeadResource().import_data(rows)
    assert (
        [row.import_type for row in result.rows],
        Lead.objects.filter(phone=PHONE).exists(),
        [str(error) for row in result.invalid_rows for error in row.error.messages],
    ) == (
        ["invalid", "new"],
        False,
        ["Whoever has this number had themselves erased. Leave the row out."],
    )


def test_a_number_erased_under_an_older_key_is_known_under_a_new_one(now, boss, folders, settings):
    erasing.erase(seed(now, boss, folders).pk, now=now)
    settings.ERASURE_KEYS = ["another", *settings.ERASURE_KEYS]
    assert ErasedNumber.holds(PHONE)
    settings.ERASURE_KEYS = ["another"]
    assert not ErasedNumber.holds(PHONE)


def test_what_a_colleague_or_another_lead_goes_by_too_stays_theirs(now, boss, folders):
    User.objects.create_user("meena", first_name="Meena", last_name="Kulkarni")
    lead = seed(now, boss, folders)
    Lead.objects.create(name="Anil", email=EMAIL, phone="+919820088888")
    stays = erasing.preview(lead).stays
    erasing.erase(lead.pk, now=now)
    assert scan(phone=[PHONE]) == [f"{folders / 'old.log'}.content"]
    assert (Lead.objects.get(name="Anil").email, [one.split(" where")[0] for one in stays[1:3]]) == (
        EMAIL,
        ["The e-mail address", "The name"],
    )


def test_the_scan_ends_with_1_where_it_finds_somebody_and_names_nobody(now, boss, folders):
    seed(now, boss, folders)
    out = StringIO()
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("pii_scan", phone=[PHONE], stdout=out, stderr=StringIO())
    assert (PHONE in out.getvalue(), "98200" in out.getvalue()) == (False, False)


def test_the_scan_wants_to_be_told_what_to_look_for():
    with pytest.raises(CommandError, match="Say what to look for"):
        call_command("pii_scan")


def _of_another(**call) -> Call:
    lead = Lead.objects.create(name="Ravi Rao", phone="+919820099999")
    return Call.objects.create(lead=lead, provider="vapi", provider_call_id="v1", status="ended", **call)


def test_a_number_that_a_record_of_others_holds_bare_or_spread_over_words_goes_too(now):
    lead = Lead.objects.create(name=NAME, phone=PHONE)
    spread = [["call", 0, 1, 0.9], ["98200", 1, 2, 0.9], ["12345", 2, 3, None]]
    line = {"speaker": "caller", "text": "call 98200 12345", "words": spread}
    call = _of_another(provider_analysis={"structured": {"alternative": 9820012345, "size": 1200.5, "new": True}})
    Turn.objects.create(call=call, number=1, heard="call 98200 12345", words=spread)
    Transcript.objects.create(call=call, engine="whisper", lines=[line])
    theirs = ["calls_call.provider_analysis", "calls_transcript.lines", "calls_turn.heard", "calls_turn.words"]
    assert scan(phone=[PHONE]) == sorted(["leads_lead.phone", *theirs])
    assert erasing.preview(lead).changes == {"calls": 1, "transcripts": 1, "turns": 1}
    erasing.erase(lead.pk, now=now)
    call.refresh_from_db()
    assert (call.provider_analysis, call.turns.get().words, call.transcripts.get().lines, scan(phone=[PHONE])) == (
        {"structured": {"alternative": "[erased]", "size": 1200.5, "new": True}},
        [],
        [{"speaker": "caller", "text": "call [erased]", "words": []}],
        [],
    )


def test_a_name_that_is_only_words_takes_nothing_out_of_what_others_said(now):
    lead = Lead.objects.create(name="Site Visit", phone=PHONE)
    call = _of_another()
    Turn.objects.bulk_create(Turn(call=call, number=n, heard="a site visit on Sunday") for n in range(30))
    foretold = erasing.preview(lead)
    assert (foretold.changes, foretold.whose.names, "The name where it stands" in foretold.stays[1]) == (
        {},
        set(),
        True,
    )
    erasing.erase(lead.pk, now=now)
    assert Turn.objects.filter(heard="a site visit on Sunday").count() == 30


def test_a_webhook_of_somebody_elses_call_stays_without_the_person(now):
    lead = Lead.objects.create(name=NAME, phone=PHONE)
    spoken = {"form": {"SpeechResult": f"ask {NAME}, 98200 12345"}}
    WebhookEvent.objects.create(provider="vapi", kind="heard", dedupe_key="x", request=spoken, call=_of_another())
    erasing.erase(lead.pk, now=now)
    assert WebhookEvent.objects.get().request == {"form": {"SpeechResult": "ask [erased], [erased]"}}


def test_who_may_be_the_same_person_is_told(now):
    lead = Lead.objects.create(name=NAME, phone=PHONE, email=EMAIL)
    alike = [Lead.objects.create(name=NAME.upper()), Lead.objects.create(email=EMAIL)]
    Lead.objects.create(name="Asha")
    told = f"Other leads of the same name or e-mail address: {alike[1].pk}, {alike[0].pk}."
    assert [one for one in erasing.preview(lead).stays if one.startswith(told)]


def test_a_question_that_nobody_can_answer_erases_nobody(monkeypatch):
    lead = Lead.objects.create(name="Meena", phone=PHONE)
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase", str(lead.pk), stdout=StringIO())
    assert Lead.objects.count() == 1


def test_the_proof_holds_what_was_to_go_and_is_written_first(now, tmp_path):
    lead, proof = Lead.objects.create(name="Meena", phone=PHONE), tmp_path / "var" / "proof.json"
    Lead.objects.create(name="Meena", phone="+919820099999")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase", str(lead.pk), yes=True, proof=tmp_path / "none" / "proof.json", stdout=StringIO())
    call_command("erase", str(lead.pk), yes=True, proof=proof, stdout=StringIO())
    assert (proof.stat().st_mode & 0o777, scan(erased_proof=proof)) == (0o600, [])


def test_no_kind_of_column_is_overlooked():
    """A column of a kind that is new here must be looked into, or stand among those that hold no words."""
    kinds = {
        field.get_internal_type()
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if not field.is_relation and field not in tracing.columns_of(model)
    }
    numbers = {"BigAutoField", "AutoField", "BooleanField", "FloatField", "DecimalField"}
    whole = {"BigIntegerField", "IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"}
    times = {"DateTimeField", "DateField", "TimeField"}
    assert kinds <= numbers | whole | times | {"PositiveBigIntegerField"}


@pytest.mark.parametrize("packed", ["plain.log", "old.log.gz", "x.djcache"])
def test_the_scan_looks_into_files_of_every_kind_and_at_their_names(folders, packed):
    text = f"caller {PHONE}".encode()
    pack = {".gz": gzip.compress, ".djcache": lambda it: pickle.dumps(1.0) + zlib.compress(it)}
    (folders / packed).write_bytes(pack.get(Path(packed).suffix, bytes)(text))
    (folders / "9820012345.wav").write_bytes(b"RIFF")
    assert scan(phone=[PHONE]) == sorted([f"{folders / '9820012345.wav'}.name", f"{folders / packed}.content"])


def test_what_the_scan_cannot_unpack_it_reads_as_it_is_and_what_it_cannot_read_it_tells(folders):
    (folders / "never.gz").write_text(f"caller {PHONE}")
    (folders / "memory").symlink_to("/proc/self/mem")  # no process reads its first byte
    assert scan(phone=[PHONE]) == [f"{folders / 'memory'}.unreadable", f"{folders / 'never.gz'}.content"]
    (folders / "never.gz").unlink()
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("pii_scan", phone=[PHONE], stdout=StringIO(), stderr=StringIO())


def test_the_scan_proves_nothing_of_what_is_no_folder(folders):
    (folders / "a.log").write_text(f"caller {PHONE}")
    with pytest.raises(CommandError, match=r"a\.log is no folder\."):
        call_command("pii_scan", phone=[PHONE], files=[folders / "a.log"], stdout=StringIO())


def test_the_scan_tells_of_a_folder_that_it_may_not_look_into(folders, monkeypatch):
    (folders / "closed").mkdir()
    monkeypatch.setattr(tracing.os, "access", lambda path, _mode: Path(path).name != "closed")  # root may all
    assert scan(phone=[PHONE]) == [f"{folders / 'closed'}.unreadable"]
