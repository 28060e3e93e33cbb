"""Staff, agents, listings and leads of the demo brokerage, and the calls that were made to them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction

from leads.models import ActivityKind, Lead, Listing, Representative
from leads.operations import record
from realty.demo.calls import Story, tell
from voice.models import VoiceAgent

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "DEMO-"
_INDIA = ZoneInfo("Asia/Kolkata")
_STAFF = {"priya": ("Priya", "Raman"), "arjun": ("Arjun", "Malhotra")}
_TELEPHONES = {"priya": "+919000001904", "arjun": "+919000001905"}


class NotEmptyError(Exception):
    """The database has leads that are not ours; mixing made-up people in would be hard to undo."""


def is_loaded() -> bool:
    """Whether the demo brokerage is here, whatever staff have changed of it since."""
    return Listing.objects.filter(reference__startswith=_MARK).exists()


@transaction.atomic
def load(*, now: datetime, force: bool = False) -> bool:
    """Put the demo brokerage into the database; False when it is there already, and then nothing changes.

    The calls lie in the two weeks before `now`. People whose number another lead has are left out.
    :raises NotEmptyError: when there are leads already, unless `force`.
    """
    if is_loaded():
        return False
    if Lead.objects.exists() and not force:
        raise NotEmptyError
    colleagues = set(User.objects.filter(username__in=_STAFF).values_list("username", flat=True))
    staff = {name: _user(name, *full_name) for name, full_name in _STAFF.items()}
    agents = {agent.language: agent for agent in _agents()}
    Listing.objects.bulk_create(Listing(**one, created_at=now - timedelta(days=30)) for one in _read("listings.json"))
    stories = [story for one in _read("leads.json") for story in _lead(one, staff, agents, now=now)]
    for story in sorted(stories, key=lambda one: one.at):
        tell(story)
    # From now on callers who ask for a person are put through to them; colleagues of these names get no made-up number.
    for name in staff.keys() - colleagues:
        Representative.objects.create(user=staff[name], phone=_TELEPHONES[name])
    return True


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(files("realty.demo").joinpath(name).read_text("utf-8"))
    return rows


def _user(name: str, first_name: str, last_name: str) -> User:
    """A colleague who cannot sign in until somebody gives them a password."""
    known = User.objects.filter(username=name).first()
    return known or User.objects.create_user(name, is_staff=True, first_name=first_name, last_name=last_name)


def _agents() -> Iterator[VoiceAgent]:
    default = VoiceAgent.objects.filter(is_default=True).first()
    told = {
        "brokerage": "Sunrise Realty",
        "knowledge": files("realty.demo").joinpath("knowledge.txt").read_text("utf-8").strip(),
    }
    yield default or VoiceAgent.objects.create(name="Asha", is_default=True, **told)
    yield VoiceAgent.objects.create(name="Kavita", language="hi-IN", **told)


def _lead(
    one: dict[str, Any], staff: dict[str, User], agents: dict[str, VoiceAgent], *, now: datetime
) -> Iterator[Story]:
    """Enter one lead; what they were called about is told later, in the order of time."""
    if Lead.objects.filter(phone=one["phone"]).exists():
        return
    fields = {name: one[name] for name in ("name", "phone", "email", "language", "source", "notes")}
    owner = staff.get(one["owner"])
    lead = Lead.objects.create(**fields, owner=owner, created_at=now - timedelta(hours=one["hours_ago"]))
    text = f"Came to us: {lead.get_source_display().lower()}."
    record(lead, ActivityKind.CREATED, text, now=lead.created_at, by=None)
    for number, call in enumerate(one["calls"]):
        yield Story(
            lead=lead,
            agent=agents[call.get("agent", "en-IN")],
            by=owner,
            at=_moment(now, call["days_ago"], call["at"]),
            who=call["who"],
            seed=number,
            wants=call.get("wants"),
            rang_us=call.get("direction") == "inbound",
        )


def _moment(now: datetime, days_ago: int, clock: str) -> datetime:
    """So many days before `now`, at a time of the Indian day."""
    day = now.astimezone(_INDIA).date() - timedelta(days=days_ago)
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").replace(tzinfo=_INDIA).timetz())
