"""Reads across calls: what is live, what needs a person, and what happened to one lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Prefetch, Q, Sum
from django_q.models import OrmQ

from calls.disposition import Disposition
from calls.lifecycle import BEGUN, LIVE, CallStatus
from calls.lines import language_models
from calls.models import (
    LONGEST_MODEL,
    Call,
    Channel,
    Consultation,
    DialerSettings,
    LiveHearing,
    LiveState,
    LiveUtterance,
    ProviderState,
    Recording,
    RecordingState,
    ReviewState,
    TranscriptionState,
    Turn,
    ValueReview,
    WebhookEvent,
)
from calls.operations.staff_calls import UPLOAD
from calls.queue import TRANSCRIPTION
from voice.events import EndReason

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from leads.models import Activity, Lead

_ON_ITS_WAY = timedelta(seconds=5)  # what is due sooner is about to be dialled
_FAILURES = (EndReason.FAILED, EndReason.REJECTED, EndReason.LOST)
_IN_WORK = timedelta(minutes=1)  # a webhook that takes longer lost its process
_MODEL_MEMORY = timedelta(hours=6)  # a model that nobody asks is no trouble
_MODEL_ASKED = 200  # of the newest questions to one model, looked at for its troubles
_UNTRANSCRIBED = timedelta(minutes=10)  # a recording's job is taken within seconds, or behind others that run
_NOT_TRIED = ("breaker_open", "no_time")
_MODEL_FAILURES = 3  # in a row; as many as open its breaker
_LONGEST_TIMELINE = 60  # entries of each kind


def known_as(provider: str, provider_call_id: str) -> Q:
    """The one call that a provider knows by this id; none for an empty id.

    That it is not empty is said twice over: without it SQLite leaves the index aside, which has no empty ids.
    """
    return Q(provider=provider, provider_call_id=provider_call_id) & ~Q(provider_call_id="")


def live() -> QuerySet[Call]:
    """Calls whose line is open or about to be, the newest first; those that still wait are not among them."""
    return Call.objects.filter(status__in=BEGUN).select_related("lead").order_by("-created_at", "-pk")


def queued() -> QuerySet[Call]:
    """Calls that wait for their time or for a line, the one that is due first at the front."""
    return Call.objects.filter(status=CallStatus.QUEUED).select_related("lead").order_by("dial_after", "priority", "pk")


@dataclass(frozen=True, slots=True)
class Pause:
    """What is paused, why, and the row that resumes it: its model, in small letters, and its id.

    `provider` is the one whose calls it keeps back; empty for all.
    """

    what: str
    why: str
    model: str
    pk: int
    provider: str = ""

    def holds(self, call: Call) -> bool:
        """Whether it keeps this call back."""
        return self.provider in {"", call.provider}


def pauses() -> list[Pause]:
    """All calls, where the dialer's settings say so, and single providers."""
    dialer = DialerSettings.objects.filter(paused=True)
    providers = ProviderState.objects.filter(paused=True)
    return [
        *(Pause("All calls are paused", one.paused_reason, "dialersettings", one.pk) for one in dialer),
        *(Pause(f"{one} is paused", one.reason, "providerstate", one.pk, one.provider) for one in providers),
    ]


def is_for_later(call: Call, *, now: datetime) -> bool:
    """Whether a call waits for a time that is still to come; "Call now" brings such a one forward."""
    return call.status == CallStatus.QUEUED and bool(call.dial_after and call.dial_after > now + _ON_ITS_WAY)


def live_call_of(lead: Lead) -> Call | None:
    """The one call that this lead has open, if any."""
    return Call.objects.filter(lead=lead, status__in=LIVE).first()


def needs_attention(*, since: datetime) -> QuerySet[Call]:
    """Calls that only staff can settle: unconfirmed ones, those heard in two ways, and failures from `since` on."""
    failed = Q(disposition=Disposition.FAILED) | Q(end_reason__in=_FAILURES)
    wanted = Q(status=CallStatus.UNCONFIRMED) | Q(needs_review=True) | (failed & Q(created_at__gte=since))
    return Call.objects.filter(wanted).select_related("lead").order_by("-created_at", "-pk")


def open_reviews() -> QuerySet[ValueReview]:
    """Values that wait for a person, the newest first."""
    return ValueReview.objects.filter(state=ReviewState.OPEN).select_related("call__lead")


def failed_events(*, now: datetime) -> QuerySet[WebhookEvent]:
    """Webhooks that could not be applied, or whose process died before it could say so; the newest first."""
    left = ~Q(error="") | Q(received_at__lt=now - _IN_WORK)
    return WebhookEvent.objects.filter(left, applied_at__isnull=True).order_by("-received_at", "-pk")


def waiting_events(*, now: datetime) -> QuerySet[WebhookEvent]:
    """Webhooks that arrived just now and are being applied."""
    return WebhookEvent.objects.filter(applied_at__isnull=True, error="", received_at__gte=now - _IN_WORK)


def has_failed(event: WebhookEvent, *, now: datetime) -> bool:
    """Whether this webhook is among `failed_events`."""
    return not event.applied_at and bool(event.error or event.received_at < now - _IN_WORK)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A language model that was of no use the last times it was asked. `since` is its last good answer, if any."""

    rung: str
    model: str
    fault: str
    failures: int
    last: datetime
    since: datetime | None


def troubled_models(*, now: datetime) -> list[Trouble]:
    """The language models whose last answers of the past hours were all of no use; those that are set up now alone."""
    recent = Consultation.objects.filter(at__gte=now - _MODEL_MEMORY).exclude(fault__in=_NOT_TRIED)
    found = []
    for rung in language_models().rungs:
        ours = recent.filter(rung=rung.name, model=rung.model[:LONGEST_MODEL]).order_by("-at", "-pk")
        asked = list(ours[:_MODEL_ASKED])
        failures = next((count for count, one in enumerate(asked) if not one.fault), len(asked))
        if failures >= _MODEL_FAILURES:
            good, last = ours.filter(fault="").first(), asked[0]
            found.append(Trouble(rung.name, rung.model, last.fault, failures, last.at, good.at if good else None))
    return found


def untranscribed(*, now: datetime) -> int:
    """How many recordings wait for Whisper where nobody transcribes: a job waits too long, and none runs; else 0."""
    kept, since = Recording.objects.filter(state=RecordingState.KEPT), now - _UNTRANSCRIBED
    if not OrmQ.objects.filter(key=TRANSCRIPTION, lock__lt=since).exists():
        return 0
    if kept.filter(Q(transcription=TranscriptionState.RUNNING) | Q(transcribed_at__gte=since)).exists():
        return 0
    return kept.filter(transcription=TranscriptionState.WAITING).count()


def consultations_of(call: Call) -> dict[str, int] | None:
    """How often language models were asked in this call, how often for nothing, and what it cost; None for never."""
    asked = call.consultations.aggregate(
        times=Count("pk"),
        failures=Count("pk", filter=~Q(fault="")),
        tokens=Sum("tokens_in", default=0) + Sum("tokens_out", default=0),
        slowest_ms=Max("latency_ms", default=0),
    )
    return asked if asked["times"] else None


def week(*, since: datetime) -> dict[str, int]:
    """How many telephone calls began since `since`, how many were answered; how many, or chats, qualified a lead."""
    never = Q(status=CallStatus.QUEUED) | Q(disposition__in=(Disposition.NOT_ALLOWED, Disposition.CANCELED))
    rang = Q(channel=Channel.VOICE) & ~never & ~Q(provider=UPLOAD)  # what staff rang themselves is no work of ours
    return Call.objects.filter(created_at__gte=since).aggregate(
        calls=Count("pk", filter=rang),
        answered=Count("pk", filter=rang & Q(answered_at__isnull=False)),
        qualified=Count("pk", filter=Q(disposition=Disposition.QUALIFIED)),
    )


def with_conversation(call_id: int) -> Call | None:
    """The call with its lead, its agent and its turns in order; None where there is no such call."""
    turns = Prefetch("turns", Turn.objects.order_by("number"))
    about = ("lead__requirement", "agent", "requested_by", "transfer_to", "campaign", "retry_of")
    found = Call.objects.select_related(*about).prefetch_related(turns, "recordings__uploaded_by", "transcripts")
    return found.filter(pk=call_id).first()


def unheard(call: Call) -> dict[int, LiveUtterance]:
    """The answers that Whisper did not hear in time, by their turns: with what it heard later, or with why not."""
    if call.live_hearing in {LiveHearing.PROVIDER, LiveHearing.WHISPER}:
        return {}
    given_up = call.utterances.filter(state__in=(LiveState.LATE, LiveState.FAILED))
    return {one.turn: one for one in given_up}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a lead's timeline: a call with what it came to, or an activity that was no call."""

    at: datetime
    call: Call | None
    activity: Activity | None


def timeline(lead: Lead, *, with_calls: bool = True) -> list[Entry]:
    """Calls and activities of a lead, the newest first; what was noted about a call stands with the call.

    Without calls, what was noted about them stands alone, for a reader who may not see calls.
    """
    calls = list(lead.calls.order_by("-created_at", "-pk")[:_LONGEST_TIMELINE]) if with_calls else []
    activities = list(lead.activities.select_related("actor")[:_LONGEST_TIMELINE])
    notes = {one.data.get("call"): one for one in reversed(activities) if one.data.get("call")}
    shown = {call.pk for call in calls}
    entries = [Entry(call.created_at, call, notes.get(call.pk)) for call in calls]
    entries += [Entry(one.at, None, one) for one in activities if one.data.get("call") not in shown]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)
