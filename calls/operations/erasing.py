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
    Recording,
    RecordingState,
    WebhookEvent,
)
from calls.operations import tracing
from calls.operations.owing import owe
from leads import waiting
from leads.models import DndEntry, ErasedNumber, Lead, Listing, Representative, Suppression
from leads.models.erased import digests_of
from leads.spellings import Whose, numbers_in, pattern_of, without
from voice.models import VoiceAgent

if TYPE_CHECKING:
    import re
    from datetime import datetime

    from django.db.models import Model

_AT_ONCE = 500  # rows named in one statement
Held = dict["type[Model]", set[Any]]

# Their words are staff's own, and a number or a name in them is staff's to change.
_OF_STAFF = {User, Representative, DialerSettings, VoiceAgent, Listing}
_OF_ANOTHER_LEAD = {"notes", "score_reasons"}  # the columns that are no other lead's own
_MOST_BY_NAME = 25  # rows of others; what is found more often is no name, but words such as "Site Visit"
_TOLD_AT_MOST = 5
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
    columns: list[tuple[type[Model], Any, str]] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    staffs: set[str] = field(default_factory=set)  # kinds of records of staff's that name them


def preview(lead: Lead) -> Preview:
    """What erasing this lead would do; writes nothing. Reads every table, so it takes seconds where there is much."""
    return _foretold(lead, _find(lead))


def _foretold(lead: Lead, found: _Found) -> Preview:
    changed = Counter(_label(model) for model, _ in {(model, pk) for model, pk, *_ in found.columns})
    recordings = Recording.objects.filter(call__lead=lead, deleted_there_at=None)
    there = recordings.exclude(provider_recording_id="").exclude(state=RecordingState.ABSENT)
    return Preview(_counts(found), dict(changed), _stays(lead, found), found.whose, there.count(), _refusal(lead))


def erase(lead_id: int, *, now: datetime, by: User | None = None) -> Preview:
    """Remove a person everywhere; what was done. A second run finds no lead.

    Files and the providers' recordings go right after, and again until they are gone.
    :raises CannotEraseError: while a call with them is under way.
    :raises Lead.DoesNotExist: when there is no such lead, or no more.
    """
    lead = Lead.objects.get(pk=lead_id)
    _refuse_live(lead)
    _overwrite_what_is_freed()
    found = _find(lead)
    done = _foretold(lead, found)
    # Records of others are cleaned first: whoever is killed midway finds the lead still there, and erases again.
    _clean(found)
    with transaction.atomic():
        # Before the lead, as webhooks do; and not as keys, for whoever holds the lead may add a review to a call.
        list(lead.calls.select_for_update(no_key=True).values_list("pk"))
        lead = Lead.objects.select_for_update().get(pk=lead_id)
        list(lead.calls.select_for_update().values_list("pk"))  # a new one, too: none is dialled from here on
        _refuse_live(lead)
        owe(now=now, call__lead=lead)
        _remember(_whose(lead), now=now, by=by)
        _delete_rows(_find(lead, elsewhere=False), since=now)
        lead.delete()
    _empty_log_of_writes()
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


def _empty_log_of_writes() -> None:
    """SQLite's log holds pages as they were before; it stays for now where another connection reads at this moment."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _find(lead: Lead, *, elsewhere: bool = True) -> _Found:
    whose = _whose(lead)
    found = _Found(whose, _held(lead))
    _add_named_by_id(found, lead)
    if elsewhere:
        _add_elsewhere(found)
    return found


def _add_elsewhere(found: _Found) -> None:
    """What names the person in all other tables, and the files of imports that do."""
    named = _named(found)
    if len({(model, pk) for model, pk, _ in named if model not in _GO_WHOLE}) > _MOST_BY_NAME:
        found.whose = found.whose.without_names()
    else:
        for model, pk, column in named:
            _add(found, model, pk, column)
    if pattern := pattern_of(found.whose):
        traces = tracing.files_with(pattern, [waiting.folder()])
        found.files = {Path(trace.table) for trace in traces if trace.column != tracing.UNREADABLE}


def _named(found: _Found) -> list[tuple[type[Model], Any, str]]:
    """What is found by the name alone; all else is added to what was found."""
    sure = pattern_of(found.whose.without_names())
    named: list[tuple[type[Model], Any, str]] = []
    for model, trace, value in tracing.rows_with(found.whose):
        pk = model._meta.pk.to_python(trace.pk) if model._meta.pk else trace.pk
        if pk in found.held.get(model, ()) or pk in found.whole.get(model, ()):
            continue
        if sure and sure.search(tracing.text_of(model, trace.column, value)):
            _add(found, model, pk, trace.column)
        else:
            named.append((model, pk, trace.column))
    return named


def _add(found: _Found, model: type[Model], pk: Any, column: str) -> None:
    if model in _OF_STAFF:
        found.staffs.add(_label(model))
    elif model in _GO_WHOLE and not _is_of_another_call(model, pk):
        found.whole[model].add(pk)
    elif model is not Lead or column in _OF_ANOTHER_LEAD:
        found.columns.append((model, pk, column))


def _is_of_another_call(model: type[Model], pk: Any) -> bool:
    """A webhook of somebody else's call, which stays with that call; those of the person's own were found before."""
    return model is WebhookEvent and WebhookEvent.objects.filter(pk=pk, call__isnull=False).exists()


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
            found.columns.append((Campaign, campaign.pk, "lead_ids"))


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
    for model, pk, column in found.columns:
        with transaction.atomic():
            rows = model._base_manager.select_for_update(of=("self",)).filter(pk=pk)
            now = rows.values_list(column, flat=True).first()
            if now is not None:
                rows.update(**{column: _cleaned(found, model, column, now, pattern)})
    _delete_whole(found)
    for path in found.files:
        path.unlink(missing_ok=True)


def _cleaned(found: _Found, model: type[Model], column: str, now: Any, pattern: re.Pattern[str] | None) -> Any:
    if model is Campaign and column == "lead_ids":
        return [one for one in now if one not in found.held[Lead]]
    if pattern is None:
        return now
    cleaned = without(now, pattern)
    longest = getattr(model._meta.get_field(column), "max_length", None)
    return cleaned[:longest] if isinstance(cleaned, str) else cleaned


def _delete_whole(found: _Found) -> None:
    for model, pks in found.whole.items():
        rest = sorted(pks)
        while rest:
            some, rest = rest[:_AT_ONCE], rest[_AT_ONCE:]
            model._base_manager.filter(pk__in=some).delete()


def _delete_rows(found: _Found, *, since: datetime) -> None:
    """Within the transaction that deletes the lead: what came since the others' records were cleaned, too."""
    if pattern := pattern_of(found.whose.without_names()):
        came = WebhookEvent.objects.filter(received_at__gte=since, call=None).values_list("pk", "request", "error")
        found.whole[WebhookEvent] |= {pk for pk, *told in came if pattern.search(json.dumps(told, ensure_ascii=False))}
    _delete_whole(found)
    phones = found.whose.phones
    Suppression.objects.filter(phone__in=phones).delete()
    DndEntry.objects.filter(phone__in=phones).delete()


def _remember(whose: Whose, *, now: datetime, by: User | None) -> None:
    for phone in whose.phones:
        first, *others = digests_of(phone)
        ErasedNumber.objects.filter(digest__in=others).delete()
        ErasedNumber.objects.get_or_create(digest=first, defaults={"erased_at": now, "by": by})


def _label(model: type[Model]) -> str:
    return _LABELS.get(model, str(model._meta.verbose_name_plural))


def _counts(found: _Found) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for model, pks in [*found.held.items(), *found.whole.items()]:
        counts[_label(model)] += len(pks)
    counts["files of imports that wait"] = len(found.files)
    return {label: count for label, count in sorted(counts.items()) if count}


def _alike(lead: Lead) -> list[int]:
    """The ids of leads who may be the same person, one more than are told."""
    same = Q(email__iexact=lead.email) if lead.email else Q(pk=None)
    same |= Q(name__iexact=lead.name) if " " in lead.name.strip() else Q(pk=None)
    return list(Lead.objects.filter(same).exclude(pk=lead.pk).values_list("pk", flat=True)[: _TOLD_AT_MOST + 1])


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
    if alike := _alike(lead):
        them = ", ".join(map(str, alike[:_TOLD_AT_MOST])) + (" and more" if alike[_TOLD_AT_MOST:] else "")
        sentences.append(f"Other leads of the same name or e-mail address: {them}. Erase who is the same person, too.")
    if found.staffs:
        sentences.append(f"What stands in records of staff's own, {', '.join(sorted(found.staffs))}: change it there.")
    sentences.append("What your backups hold, until they are overwritten; and what providers keep of calls themselves.")
    return sentences
