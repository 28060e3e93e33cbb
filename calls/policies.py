"""What staff decided about calling, and what a lead and the regulator said, read into plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calls.lifecycle import CallStatus
from calls.models import Call, CallingPolicy, Channel, DialerSettings, Holiday, ProviderState
from calls.openings import LOOK_AHEAD, Openings
from calls.schedule import hours_of
from leads.models import HOME_ZONE, Consent, DndEntry, ErasedNumber, Lead, Suppression
from leads.phones import region_of, zones_of
from leads.preferences import Preference
from voice.events import Direction, EndReason

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from calls.models import Campaign

Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Policy:
    """How the people of one country may be called."""

    hours: dict[int, Hours]
    max_per_day: int = 3
    max_total: int = 12
    needs_consent: bool = False
    public_holidays: bool = True
    recording_notice_required: bool = True


class History(TypedDict):
    """What is on record about one lead."""

    suppressed: bool
    erased: bool
    consent: bool | None
    calls_total: int
    calls_today: int


def policy_of(region: str) -> Policy:
    """The policy of a country, else that of every other; where neither has a row, what we know of the law."""
    columns = ("max_per_day", "max_total", "needs_consent", "public_holidays", "recording_notice_required")
    rows = list(
        CallingPolicy.objects.filter(region__in={region, ""})
        .order_by("-region")  # the country's own before that of every other
        .values("region", *columns, "hours__weekday", "hours__opens", "hours__closes")
    )
    if not rows:
        return Policy(hours=dict.fromkeys(range(7), hours_of(region)))
    ours = [row for row in rows if row["region"] == rows[0]["region"]]
    hours = {row["hours__weekday"]: (row["hours__opens"], row["hours__closes"]) for row in ours if row["hours__opens"]}
    return Policy(hours=hours, **{name: ours[0][name] for name in columns})


@dataclass(frozen=True, slots=True)
class Country:
    """What counts for all numbers of one country: its policy, and the days that are holidays there."""

    policy: Policy
    holidays: dict[date, str]
    public: frozenset[date]


def country_of(region: str, *, now: datetime) -> Country:
    """What counts for the numbers of a country over the days ahead."""
    policy = policy_of(region)
    first, last = now.date() - timedelta(days=1), now.date() + LOOK_AHEAD + timedelta(days=2)
    named = dict(Holiday.objects.filter(date__range=(first, last), region__in={region, ""}).values_list("date", "name"))
    years = range(first.year, last.year + 1)
    public = {day: name for year in years for day, name in public_holidays(region, year).items()}
    holidays = {**public, **named} if policy.public_holidays else named
    return Country(policy, holidays, frozenset({*public, *named}))


def openings_of(
    lead: Lead, country: Country, *, dnd: Preference | None = None, campaign: Campaign | None = None
) -> Openings:
    """When this lead may be called; `dnd` only where it concerns what we are about to do."""
    return Openings(
        zones=zones_of_lead(lead),
        hours=country.policy.hours,
        holidays=country.holidays,
        public=country.public,
        campaign=(campaign.opens, campaign.closes) if campaign and campaign.opens and campaign.closes else None,
        dnd=dnd,
    )


@cache
def public_holidays(region: str, year: int) -> dict[date, str]:
    """The public holidays that all of a country keeps, by their day; empty for a country that nobody has listed."""
    import holidays  # noqa: PLC0415 -- half a second and many megabytes that most processes never need

    try:
        return dict(holidays.country_holidays(region, years=year, language="en_US")) if region else {}
    except NotImplementedError:
        return {}


def calls_that_rang() -> QuerySet[Call]:
    """The calls that caps count: those that we made, except what never got as far as the lead's telephone."""
    ours = Call.objects.filter(direction=Direction.OUTBOUND, channel=Channel.VOICE, asked_at__isnull=False)
    return ours.exclude(end_reason__in=(EndReason.FAILED, EndReason.REJECTED)).exclude(status=CallStatus.DIALING)


def consents_by(now: datetime) -> QuerySet[Consent]:
    """The words that count: a consent from its time on, and one that was taken back whatever time it bears."""
    return Consent.objects.exclude(given=True, at__gt=now)


def history_of(lead: Lead, *, now: datetime, day: tuple[datetime, datetime]) -> History:
    """What is on record about a lead; `day` is when their own day began and ends."""
    asked = list(calls_that_rang().filter(lead=lead.pk).order_by().values_list("asked_at", flat=True))
    consents = consents_by(now).filter(lead=lead.pk).order_by("-at", "-pk").values_list("given", flat=True)
    phone = str(lead.phone or "")
    return History(
        suppressed=bool(phone) and Suppression.objects.filter(phone=phone).exists(),
        erased=ErasedNumber.holds(phone),
        consent=next(iter(consents[:1]), None),
        calls_total=len(asked),
        calls_today=sum(at is not None and day[0] <= at < day[1] for at in asked),
    )


def preference_of(phone: str) -> Preference | None:
    """What the regulator's list says of a number; None where it is not on it."""
    entry = DndEntry.objects.filter(phone=phone).first() if phone else None
    return preference(entry) if entry else None


def preference(entry: DndEntry) -> Preference:
    """An entry of the regulator's list as plain facts."""
    kinds = (entry.categories, entry.modes, entry.time_bands, entry.day_types)
    return Preference(*(frozenset(codes) for codes in kinds))


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of one lead, of their number, and of its country."""

    history: History
    listed: Preference | None
    country: Country


def known_of(lead: Lead, *, now: datetime, rings_people: bool) -> Known:
    """What is on record of one lead; the regulator's list is asked only where it counts."""
    phone = str(lead.phone or "")
    history = history_of(lead, now=now, day=own_day(now.astimezone(own_zone(lead))))
    listed = preference_of(phone) if rings_people and not history["consent"] else None
    return Known(history, listed, country_of(region_of(phone), now=now))


def pauses_of(provider: str) -> tuple[str | None, str | None]:
    """Why all calls and those of one provider are paused, in words; None where they are not."""
    paused = DialerSettings.objects.filter(paused=True).values_list("paused_reason", flat=True)[:1]
    stopped = ProviderState.objects.filter(provider=provider, paused=True).values_list("reason", flat=True)[:1]
    return next(iter(paused), None), next(iter(stopped), None)


def own_zone(lead: Lead) -> ZoneInfo:
    """The one zone that the lead lives in, by choice or by their number; home's where it may be several, or none."""
    zones = zones_of_lead(lead)
    return zones[0] if len(zones) == 1 else ZoneInfo(HOME_ZONE)


def zones_of_lead(lead: Lead) -> tuple[ZoneInfo, ...]:
    """Every zone that the lead may live in: the lead's own where one was chosen, else those of the number."""
    chosen = _zone(lead.time_zone) if lead.time_zone != HOME_ZONE else None
    if chosen:
        return (chosen,)
    return tuple(zone for zone in map(_zone, zones_of(str(lead.phone or ""))) if zone) or (ZoneInfo(HOME_ZONE),)


def own_day(own: datetime) -> tuple[datetime, datetime]:
    """When the day of this clock began, and when it ends."""
    begin = own.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as "Asia", is no zone
        return None
