"""What is on record of many leads, read in a few questions to the database; the same facts as for one."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from django.db.models import Count

from calls.policies import History, Known, calls_that_rang, consents_by, country_of, own_day, own_zone, preference
from leads.models import DndEntry, ErasedNumber, Suppression
from leads.phones import region_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from leads.models import Lead

_LONGEST_DAY = timedelta(days=2)  # before now, and more than a day of any clock


def known_of_many(leads: Sequence[Lead], *, now: datetime, rings_people: bool) -> dict[int, Known]:
    """By the leads' ids. Give at most some hundred leads at once: they are named in each question."""
    phones = {lead.pk: str(lead.phone or "") for lead in leads}
    histories = _histories(leads, phones, now=now)
    entries = DndEntry.objects.filter(phone__in=[phone for phone in phones.values() if phone]) if rings_people else ()
    listed = {str(entry.phone): preference(entry) for entry in entries}
    country = cache(partial(country_of, now=now))
    return {
        pk: Known(
            histories[pk],
            None if histories[pk]["consent"] else listed.get(phone),
            country(region_of(phone)),
        )
        for pk, phone in phones.items()
    }


def _histories(leads: Sequence[Lead], phones: dict[int, str], *, now: datetime) -> dict[int, History]:
    suppressed = Suppression.objects.filter(phone__in=[phone for phone in phones.values() if phone])
    on_list = {str(phone) for phone in suppressed.values_list("phone", flat=True)}
    erased = ErasedNumber.among(phones.values())
    # The newest comes last, and stays.
    consents = consents_by(now).filter(lead_id__in=phones).order_by("at", "pk")
    consent = dict(consents.values_list("lead_id", "given"))
    total, today = _calls(leads, now=now)
    return {
        pk: History(
            suppressed=phone in on_list,
            erased=phone in erased,
            consent=consent.get(pk),
            calls_total=total[pk],
            calls_today=today[pk],
        )
        for pk, phone in phones.items()
    }


def _calls(leads: Sequence[Lead], *, now: datetime) -> tuple[Counter[int], Counter[int]]:
    """How often each lead was called, and how often on this day of their own clock."""
    asked = calls_that_rang().filter(lead_id__in=[lead.pk for lead in leads]).order_by()
    total = Counter(dict(asked.values_list("lead_id").annotate(Count("pk"))))
    recent: dict[int, list[datetime]] = defaultdict(list)
    for pk, at in asked.filter(asked_at__gte=now - _LONGEST_DAY).values_list("lead_id", "asked_at"):
        recent[pk] += [at] if at else []
    today: Counter[int] = Counter()
    for lead in leads:
        if lead.pk in recent:
            begin, end = own_day(now.astimezone(own_zone(lead)))
            today[lead.pk] = sum(begin <= at < end for at in recent[lead.pk])
    return total, today
