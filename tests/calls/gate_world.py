"""Random situations in which a lead might be called, and a plain opinion on each: slow, obvious, and ours alone.

Nothing here may look at how the product decides; that both come to the same is what is tested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calls.models import Call, CallingHours, CallingPolicy, Campaign, DialerSettings, Holiday, ProviderState
from leads.models import Consent, DndEntry, Lead, Suppression

if TYPE_CHECKING:
    import random

HOME = "Asia/Kolkata"
AUSTRALIA = ["Adelaide", "Brisbane", "Eucla", "Lord_Howe", "Perth", "Sydney"]

# What a number begins with, its country, and where its holder may live.
NUMBERS = [
    ("+91982{:07d}", "IN", [HOME]),
    ("+1212{:07d}", "US", ["America/New_York"]),
    ("+1213{:07d}", "US", ["America/Los_Angeles"]),
    ("+44207{:07d}", "GB", ["Europe/London"]),
    ("+97150{:07d}", "AE", ["Asia/Dubai"]),
    ("+6141{:07d}", "AU", [*(f"Australia/{town}" for town in AUSTRALIA), "Indian/Christmas", "Indian/Cocos"]),
]
# Public holidays of 2026 within the days that are drawn.
PUBLIC = {
    "IN": {(1, 26), (10, 2), (10, 20), (11, 8)},
    "US": {(2, 16), (10, 12), (11, 11)},
    "AU": {(1, 26)},
}
SPANS = [datetime(2026, 1, 22, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)]
SPAN_DAYS = 30


@dataclass
class Rule:
    """The policy of one country."""

    hours: dict[int, tuple[time, time]]
    per_day: int = 3
    total: int = 12
    needs_consent: bool = False
    public: bool = True


@dataclass
class Drive:
    """A campaign."""

    state: str
    opens: time | None = None
    closes: time | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass
class Person:
    """All that is true of one lead; `consents` from the oldest to the newest, `asked` when calls went out to them."""

    phone: str
    region: str
    homes: list[str]
    chosen: str
    status: str
    do_not_call: bool
    bad_number: bool
    suppressed: bool
    consents: list[bool]
    dnd: dict[str, list[int]] | None
    asked: list[datetime]
    pk: int = 0


@dataclass
class World:
    """What holds for everybody at one time."""

    now: datetime
    paused: bool
    provider_paused: bool
    rules: dict[str, Rule]
    holidays: set[tuple[date, str]]
    drive: Drive
    people: list[Person] = field(default_factory=list)


def chance(dice: random.Random, of: float) -> bool:
    return dice.random() < of


def some(dice: random.Random, among: list[int]) -> list[int]:
    return sorted(dice.sample(among, dice.randint(0, 3)))


def draw_hours(dice: random.Random, *, opens: int, closes: int) -> tuple[time, time]:
    return time(opens + dice.choice([0, 0, 2]), dice.choice([0, 0, 30])), time(closes - dice.choice([0, 0, 3]))


def draw_rule(dice: random.Random) -> Rule:
    week = {day: draw_hours(dice, opens=8, closes=21) for day in range(7) if not chance(dice, 0.06)}
    return Rule(week, dice.choice([0, 1, 3]), dice.choice([0, 4, 12]), chance(dice, 0.15), chance(dice, 0.6))


def draw_drive(dice: random.Random, now: datetime) -> Drive:
    drive = Drive(state="running" if chance(dice, 0.85) else dice.choice(["draft", "paused", "stopped", "finished"]))
    if chance(dice, 0.3):
        drive.opens, drive.closes = draw_hours(dice, opens=9, closes=20)
    if chance(dice, 0.2):
        drive.starts_at = now + timedelta(hours=dice.choice([-5, 1]))
    if chance(dice, 0.2):
        drive.ends_at = now + timedelta(hours=dice.choice([-1, 1, 6]))
    return drive


def draw_world(dice: random.Random, people: int) -> World:
    # Most of the drawn hours are hours of daytime somewhere, or nobody would ever be called.
    day = dice.choice(SPANS) + timedelta(days=dice.randrange(SPAN_DAYS))
    hour = dice.choice([4, 6, 8, 10, 12, 14, 16, 18, 20, 22, dice.randrange(24)])
    now = day + timedelta(hours=hour, minutes=dice.choice([0, 29, 30, 59]), seconds=dice.choice([0, 59]))
    known = [region for region in ("IN", "US", "") if chance(dice, 0.8)]
    days = [now.date() + timedelta(days=n) for n in (-1, 0, 1, 2)]
    world = World(
        now=now,
        paused=chance(dice, 0.04),
        provider_paused=chance(dice, 0.04),
        rules={region: draw_rule(dice) for region in known},
        holidays={(dice.choice(days), dice.choice(["", "IN", "US"])) for _ in range(2) if chance(dice, 0.15)},
        drive=draw_drive(dice, now),
    )
    world.people = [draw_person(dice, number, now) for number in range(people)]
    return world


def draw_person(dice: random.Random, number: int, now: datetime) -> Person:
    pattern, region, homes = dice.choices(NUMBERS, weights=[5, 2, 2, 1, 2, 1])[0]
    late = [now - timedelta(minutes=dice.choice([1, 200, 700, 1500, 4000])) for _ in range(dice.choice([0, 1, 3, 5]))]
    return Person(
        phone=pattern.format(2_000_000 + number),
        region=region,
        homes=homes,
        chosen=dice.choice(["Europe/London", "Pacific/Auckland", "Asia"]) if chance(dice, 0.08) else HOME,
        status=dice.choice(["wrong_number", "do_not_call"]) if chance(dice, 0.04) else "new",
        do_not_call=chance(dice, 0.04),
        bad_number=chance(dice, 0.04),
        suppressed=chance(dice, 0.04),
        consents=[chance(dice, 0.8) for _ in range(dice.choice([1, 2, 3]))] if chance(dice, 0.25) else [],
        dnd=draw_dnd(dice) if chance(dice, 0.2) else None,
        asked=late if chance(dice, 0.4) else [],
    )


def draw_dnd(dice: random.Random) -> dict[str, list[int]]:
    return {
        "categories": some(dice, list(range(9))),
        "modes": some(dice, list(range(11, 16))),
        "time_bands": some(dice, list(range(21, 30))),
        "day_types": some(dice, list(range(31, 39))),
    }


def write(world: World, *, provider: str) -> Campaign:
    """Put a world into the database; its campaign."""
    DialerSettings.objects.all().delete()
    DialerSettings.objects.create(
        paused=world.paused,
        max_lines=30_000,
        reserved_lines=0,
        call_new_leads=True,
        new_leads_since=world.now - timedelta(hours=1),
    )
    ProviderState.objects.all().delete()
    ProviderState.objects.create(provider=provider, paused=world.provider_paused)
    CallingPolicy.objects.all().delete()
    for region, rule in world.rules.items():
        policy = CallingPolicy.objects.create(
            region=region,
            max_per_day=rule.per_day,
            max_total=rule.total,
            needs_consent=rule.needs_consent,
            public_holidays=rule.public,
        )
        CallingHours.objects.bulk_create(
            CallingHours(policy=policy, weekday=day, opens=opens, closes=closes)
            for day, (opens, closes) in rule.hours.items()
        )
    Holiday.objects.bulk_create(Holiday(date=day, region=region, name="A day off") for day, region in world.holidays)
    _write_people(world, provider=provider)
    drive = world.drive
    return Campaign.objects.create(
        name="Everybody",
        provider=provider,
        max_lines=30_000,
        reserved_lines=0,
        state=drive.state,
        opens=drive.opens,
        closes=drive.closes,
        starts_at=drive.starts_at,
        ends_at=drive.ends_at,
    )


def _write_people(world: World, *, provider: str) -> None:
    made = Lead.objects.bulk_create(
        Lead(
            phone=one.phone,
            time_zone=one.chosen,
            status=one.status,
            do_not_call=one.do_not_call,
            bad_number=one.phone if one.bad_number else "",
            greeted=True,
            created_at=world.now,
        )
        for one in world.people
    )
    for one, lead in zip(world.people, made, strict=True):
        one.pk = lead.pk
    Suppression.objects.bulk_create(Suppression(phone=one.phone) for one in world.people if one.suppressed)
    DndEntry.objects.bulk_create(DndEntry(phone=one.phone, **one.dnd) for one in world.people if one.dnd)
    Consent.objects.bulk_create(
        Consent(lead_id=one.pk, given=given, source="-", at=world.now - timedelta(days=9 - number))
        for one in world.people
        for number, given in enumerate(one.consents)
    )
    ended = {"status": "ended", "end_reason": "completed", "disposition": "no_response", "provider": provider}
    Call.objects.bulk_create(
        Call(lead_id=one.pk, asked_at=at, ended_at=at, created_at=at, **ended)
        for one in world.people
        for at in one.asked
    )
    # These are no calls of ours that rang them, and count for no limit.
    inbound = {**ended, "direction": "inbound"}
    Call.objects.bulk_create(
        Call(lead_id=one.pk, asked_at=world.now, created_at=world.now, **inbound) for one in world.people[::7]
    )


def may_be_called(world: World, person: Person, at: datetime, *, promised: bool, campaign: bool) -> bool:
    """Whether this person may be called at this time, said as plainly as it can be."""
    rule = rule_of(world, person.region)
    agreed = person.consents[-1] if person.consents else None
    if world.paused or world.provider_paused:
        return False
    if person.do_not_call or person.status in ("do_not_call", "wrong_number"):
        return False
    if person.bad_number or person.suppressed:
        return False
    if agreed is False:
        return False
    if rule.needs_consent and not agreed:
        return False
    if rule.total and len(person.asked) >= rule.total:
        return False
    homes = person.homes if person.chosen in (HOME, "Asia") else [person.chosen]
    own = at.astimezone(ZoneInfo(homes[0] if len(homes) == 1 else HOME))
    today = [one for one in person.asked if one.astimezone(own.tzinfo).date() == own.date()]
    if rule.per_day and len(today) >= rule.per_day and not promised:
        return False
    if campaign and not runs(world.drive, at):
        return False
    clocks = [at.astimezone(ZoneInfo(home)) for home in homes]
    return all(suits(world, person, rule, clock, agreed=bool(agreed), campaign=campaign) for clock in clocks)


def rule_of(world: World, region: str) -> Rule:
    if region in world.rules:
        return world.rules[region]
    if "" in world.rules:
        return world.rules[""]
    return Rule({day: (time(8 if region == "US" else 9), time(21)) for day in range(7)})


def runs(drive: Drive, at: datetime) -> bool:
    if drive.state != "running":
        return False
    if drive.starts_at and at < drive.starts_at:
        return False
    return not (drive.ends_at and at >= drive.ends_at)


def suits(world: World, person: Person, rule: Rule, clock: datetime, *, agreed: bool, campaign: bool) -> bool:
    """Whether the hour suits on one clock that the person may live by."""
    off = (clock.date(), "") in world.holidays or (clock.date(), person.region) in world.holidays
    public = (clock.month, clock.day) in PUBLIC.get(person.region, set())
    if off or (public and rule.public):
        return False
    if clock.weekday() not in rule.hours:
        return False
    opens, closes = rule.hours[clock.weekday()]
    if clock.time() < opens or clock.time() >= closes:
        return False
    drive = world.drive
    if campaign and drive.opens and drive.closes and not drive.opens <= clock.time() < drive.closes:
        return False
    return agreed or not disturbs(person, clock, holiday=off or public)


def disturbs(person: Person, clock: datetime, *, holiday: bool) -> bool:
    """Whether the regulator's list forbids it: every kind that is listed must match."""
    listed = person.dnd
    if listed is None:
        return False
    if listed["categories"] and 0 not in listed["categories"] and 2 not in listed["categories"]:
        return False
    if listed["modes"] == [12]:
        return False
    if listed["time_bands"] and band(clock.hour) not in listed["time_bands"]:
        return False
    days = [31 + clock.weekday()]
    if holiday:
        days.append(38)
    return not listed["day_types"] or any(day in listed["day_types"] for day in days)


def band(hour: int) -> int:
    for code, end in ((21, 6), (22, 8), (23, 10), (24, 12), (25, 14), (26, 16), (27, 18), (28, 21)):
        if hour < end:
            return code
    return 29
