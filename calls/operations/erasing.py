"""A person is removed everywhere. What is left is a number that nobody can read, so that it is never called again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.deletion import Collector
from django_q.models import OrmQ, Task

from calls.lifecycle import BEGUN
from calls.lines import our_numbers
from calls.models import (
    Call,
    Campaign,
    ChatLink,
    DialerSettings,
    LiveUtterance,
    OwedDeletion,
    Recording,
    RecordingState,
    WebhookEvent,
)
from calls.operations import tracing
from calls.operations.owing import owe, owed_of
from leads import waiting
from leads.models import DndEntry, ErasedNumber, Lead, Listing, Representative, Suppression
from leads.models.erased import digests_of
from leads.spellings import GONE, Whose, numbers_in, pattern_of
from voice.models import VoiceAgent

if TYPE_CHECKING:
    import re
    from datetime import datetime

    from django.db.models import Model

_AT_ONCE = 500  # rows named in one statement
Held = dict["type[Model]", set[Any]]

# Their words are staff's own, and a number or a name in them is staff's to change.
_OF_STAFF = {User, Representative, DialerSettings, VoiceAgent, Listing}
# Nothing of these is worth keeping without the person.
_GO_WHOLE = {WebhookEvent, LogEntry, OrmQ, Task, Session, Suppression, DndEntry}
_LABELS = {LogEntry: "admin history", OrmQ: "queued jobs", Task: "failed jobs", Session: "sessions of staff"}


class CannotEraseError(Exception):
    """Not now; the message is a sentence with what to do."""


@dataclass(slots=True)
class Preview:
    """What an erasure takes, counted by kind; what it changes in records of others; and what stays, in sentences."""

    goes: dict[str, int]
    changes: dict[str, int]
    stays: list[str]
    whose: Whose
    at_providers: int = 0
    refusal: str = ""


@dataclass(slots=True)
class _Found:
    """All that is a person's: rows that hang on the lead, rows elsewhere that go whole, and columns to be cleaned."""

    whose: Whose
    held: Held
    whole: Held = field(default_factory=lambda: defaultdict(set))
    columns: list[tuple[type[Model], Any, str, Any]] = field(default_factory=list)


def preview(lead: Lead) -> Preview:
    """What erasing this lead would do; writes nothing. Reads every table, so it takes seconds where there is much."""
    found = _find(lead)
    counts = _counts(found)
    changed = Counter(_label(model) for model, *_ in found.columns)
    recordings = Recording.objects.filter(call__lead=lead, deleted_there_at=None)
    there = recordings.exclude(provider_recording_id="").exclude(state=RecordingState.ABSENT)
    return Preview(counts, dict(changed), _stays(lead, found), found.whose, there.count(), _refusal(lead))


def erase(lead_id: int, *, now: datetime, by: User | None = None) -> Preview:
    """Remove a person everywhere; what was done. A second run finds no lead.

    Files and the providers' recordings go right after, and again until they are gone.
    :raises CannotEraseError: while a call with them is under way.
    :raises Lead.DoesNotExist: when there is no such lead, or no more.
    """
    lead = Lead.objects.get(pk=lead_id)
    _refuse_live(lead)
    _overwrite_what_is_freed()
    done = preview(lead)
    # Records of others are cleaned first: whoever is killed midway finds the lead still there, and erases again.
    _clean(_find(lead))
    with transaction.atomic():
        lead = Lead.objects.select_for_update().get(pk=lead_id)
        list(lead.calls.select_for_update().values_list("pk"))  # none is dialled from here on
        _refuse_live(lead)
        _owe_deletions(lead, now=now)
        _remember(_whose(lead), now=now, by=by)
        _delete_rows(_find(lead, elsewhere=False))
        lead.delete()
    return done


def _refuse_live(lead: Lead) -> None:
    if refusal := _refusal(lead):
        raise CannotEraseError(refusal)


def _refusal(lead: Lead) -> str:
    if not lead.calls.filter(status__in=BEGUN).exists():
        return ""
    return "Nothing was erased: a call or a chat with this lead is under way. Wait until it has ended."


def _overwrite_what_is_freed() -> None:
    """SQLite leaves deleted text in its file unless it is told not to; PostgreSQL's vacuum does it by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _find(lead: Lead, *, elsewhere: bool = True) -> _Found:
    whose = _whose(lead)
    found = _Found(whose, _held(lead))
    _add_named_by_id(found, lead)
    pattern = pattern_of(whose) if elsewhere else None
    if pattern is None:
        return found
    for model, trace, value in tracing.rows_with(pattern):
        pk = model._meta.pk.to_python(trace.pk) if model._meta.pk else trace.pk
        if model in _OF_STAFF or pk in found.held.get(model, ()):
            continue
        if model in _GO_WHOLE:
            found.whole[model].add(pk)
        elif model is not Lead or trace.column in {"notes", "score_reasons"}:
            found.columns.append((model, pk, trace.column, value))
    return found


def _whose(lead: Lead) -> Whose:
    """What finds this person and nobody else: not what another lead, or one of the staff, goes by, too."""
    calls = lead.calls.values_list("caller", "dialed_number")
    numbers = numbers_in({str(lead.phone or ""), lead.bad_number, *(one for pair in calls for one in pair)})
    others = Lead.objects.exclude(pk=lead.pk)
    theirs = {str(phone) for phone in others.filter(phone__in=numbers).values_list("phone", flat=True)}
    email, name = lead.email.strip(), " ".join(lead.name.split())
    shared = others.filter(email__iexact=email).exists() or User.objects.filter(email__iexact=email).exists()
    return Whose(
        phones=numbers - theirs - frozenset(our_numbers()),
        emails=frozenset({email} - {""}) if not shared else frozenset(),
        names=frozenset({name}) if _is_theirs_alone(name, others) else frozenset(),
    )


def _is_theirs_alone(name: str, others: Any) -> bool:
    if " " not in name or others.filter(name__iexact=name).exists():
        return False
    return name.casefold() not in {user.get_full_name().casefold() for user in User.objects.all()}


def _held(lead: Lead) -> Held:
    """The rows that are deleted with the lead, by table."""
    collector = Collector(using="default", origin=lead)
    collector.collect([lead])
    held: Held = defaultdict(set)
    for model, instances in collector.data.items():
        held[model] |= {row.pk for row in instances}
    for rows in collector.fast_deletes:
        for row in rows:
            held[type(row)].add(row.pk)
    return held


def _add_named_by_id(found: _Found, lead: Lead) -> None:
    """Webhooks of the calls, history and jobs of all that goes, and the places of the lead in campaigns."""
    calls = Call.objects.filter(pk__in=found.held.get(Call, ()))
    known = [one for one in calls.values_list("provider_call_id", flat=True) if one]
    events = WebhookEvent.objects.filter(Q(call__in=calls) | Q(provider_call_id__in=known))
    found.whole[WebhookEvent] |= set(events.values_list("pk", flat=True))
    chats = ChatLink.objects.filter(Q(call__in=calls) | Q(instead_of__in=calls))
    found.whole[ChatLink] |= set(chats.values_list("pk", flat=True)) - found.held.get(ChatLink, set())
    for model, pks in [*found.held.items(), *found.whole.items()]:
        kind = ContentType.objects.get_for_model(model)
        entries = LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in pks])
        found.whole[LogEntry] = found.whole[LogEntry] | set(entries.values_list("pk", flat=True))
    _add_jobs(found)
    for campaign in Campaign.objects.exclude(lead_ids=[]).only("pk", "lead_ids"):
        if lead.pk in campaign.lead_ids:
            found.columns.append((Campaign, campaign.pk, "lead_ids", lead.pk))


def _add_jobs(found: _Found) -> None:
    about = {
        "call_id": found.held.get(Call, set()),
        "lead_id": found.held.get(Lead, set()),
        "recording_id": found.held.get(Recording, set()),
        "link_id": found.held.get(ChatLink, set()) | found.whole[ChatLink],
        "utterance_id": found.held.get(LiveUtterance, set()),
    }
    for job in OrmQ.objects.all().iterator():
        called = _arguments(job.payload)
        if any(called.get(name) in pks for name, pks in about.items()):
            found.whole[OrmQ].add(job.pk)
    for task in Task.objects.all().iterator():
        called = task.kwargs if isinstance(task.kwargs, dict) else {}
        if any(called.get(name) in pks for name, pks in about.items()):
            found.whole[Task].add(task.pk)


def _arguments(payload: str) -> dict[str, Any]:
    try:
        job = json.loads(tracing.unpacked(payload))
    except ValueError:
        return {}
    called = job.get("kwargs") if isinstance(job, dict) else None
    return called if isinstance(called, dict) else {}


def _clean(found: _Found) -> None:
    """Take the person out of records that are others'; each row in a transaction of its own."""
    pattern = pattern_of(found.whose)
    for model, pk, column, value in found.columns:
        with transaction.atomic():
            rows = model._base_manager.select_for_update(of=("self",)).filter(pk=pk)
            now = rows.values_list(column, flat=True).first()
            if now is not None:
                rows.update(**{column: _without(model, column, now, value, pattern)})
    _delete_whole(found)
    if pattern:
        for trace in list(tracing.files_with(pattern, [waiting.folder()])):
            Path(trace.table).unlink(missing_ok=True)


def _without(model: type[Model], column: str, now: Any, value: Any, pattern: re.Pattern[str] | None) -> Any:
    if model is Campaign and column == "lead_ids":
        return [one for one in now if one != value]
    if pattern is None:
        return now
    if not isinstance(now, str):
        return json.loads(pattern.sub(GONE, json.dumps(now, ensure_ascii=False)))
    longest = getattr(model._meta.get_field(column), "max_length", None)
    return pattern.sub(GONE, now)[:longest]


def _delete_whole(found: _Found) -> None:
    for model, pks in found.whole.items():
        rest = sorted(pks)
        while rest:
            some, rest = rest[:_AT_ONCE], rest[_AT_ONCE:]
            model._base_manager.filter(pk__in=some).delete()


def _delete_rows(found: _Found) -> None:
    """Within the transaction that deletes the lead: what came since the others' records were cleaned, too."""
    _delete_whole(found)
    phones = found.whose.phones
    Suppression.objects.filter(phone__in=phones).delete()
    DndEntry.objects.filter(phone__in=phones).delete()


def _remember(whose: Whose, *, now: datetime, by: User | None) -> None:
    for phone in whose.phones:
        first, *others = digests_of(phone)
        ErasedNumber.objects.filter(digest__in=others).delete()
        ErasedNumber.objects.get_or_create(digest=first, defaults={"erased_at": now, "by": by})


def _owe_deletions(lead: Lead, *, now: datetime) -> None:
    """Keep what must still be deleted outside the database, for the rows that know it go."""
    owe(Recording.objects.filter(call__lead=lead), now=now)
    answers = LiveUtterance.objects.filter(call__lead=lead, delete_after__isnull=False).select_related("call")
    OwedDeletion.objects.bulk_create(
        owed_of(answer.call, answer.provider_recording_id, now) for answer in answers if answer.call
    )


def _label(model: type[Model]) -> str:
    return _LABELS.get(model, str(model._meta.verbose_name_plural))


def _counts(found: _Found) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for model, pks in [*found.held.items(), *found.whole.items()]:
        counts[_label(model)] += len(pks)
    return {label: count for label, count in sorted(counts.items()) if count}


def _stays(lead: Lead, found: _Found) -> list[str]:
    sentences = []
    if found.whose.phones:
        sentences.append(
            "A keyed hash of the phone number, which nobody can read back, so that it is never called again, "
            "however it comes back to us."
        )
    if lead.email and not found.whose.emails:
        sentences.append("The e-mail address where another lead or a colleague has it, too: it is theirs.")
    if lead.name and not found.whose.names:
        sentences.append("The name where it stands in records of others: by itself it tells of nobody.")
    sentences.append("What your backups hold, until they are overwritten; and what providers keep of calls themselves.")
    return sentences
