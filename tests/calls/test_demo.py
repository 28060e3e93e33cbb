"""The demo brokerage: whole, repeatable, and good for a newcomer's first call."""

from __future__ import annotations

import io
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import CommandError, call_command

from calls.disposition import Disposition
from calls.lifecycle import CallStatus
from calls.models import Call, Recording, Turn
from leads.models import Activity, FollowUp, Lead, LeadStatus, Listing, Representative, Requirement, Suppression
from leads.phones import normalise
from realty import demo
from realty.demo.calls import Story, tell
from voice import personas
from voice.models import VoiceAgent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MODELS = (User, VoiceAgent, Listing, Lead, Requirement, Activity, FollowUp, Suppression, Call, Turn)


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue().strip()


def everything() -> str:
    return serializers.serialize("json", [row for model in MODELS for row in model.objects.order_by("pk")])


def test_the_demo_is_whole() -> None:
    assert run() == "The demo brokerage is ready: 40 leads, 60 listings and 26 finished calls."
    assert (Lead.objects.count(), Listing.objects.count(), Call.objects.count()) == (40, 60, 26)
    assert Recording.objects.count() == 0, "of a call that is only told there is nothing to fetch"
    assert Listing.objects.values("city").distinct().count() == 8
    assert set(Call.objects.values_list("status", flat=True)) == {CallStatus.ENDED}
    assert set(Call.objects.values_list("disposition", flat=True)) == {one.value for one in Disposition}
    assert set(Lead.objects.values_list("status", flat=True)) == {one.value for one in LeadStatus}
    assert sorted(str(agent) for agent in VoiceAgent.objects.all()) == [
        "Asha of Sunrise Realty",
        "Kavita of Sunrise Realty",
    ]
    assert [user.has_usable_password() for user in User.objects.filter(username__in=["priya", "arjun"])] == [
        False,
        False,
    ]


def test_calls_come_to_what_their_stories_say() -> None:
    demo.load(now=NOW)
    ends = Counter(Call.objects.values_list("disposition", flat=True))
    assert ends == {one.value: 1 for one in Disposition} | {"qualified": 7, "not_qualified": 3, "callback": 2}


def test_a_second_run_changes_nothing() -> None:
    run()
    before = everything()
    assert run("--force") == "The demo brokerage is there already."
    assert everything() == before


def test_the_demos_staff_pick_up_and_a_colleague_of_such_a_name_keeps_their_own_telephone() -> None:
    User.objects.create_user("priya")
    run()
    rung = [(one.user.username, personas.pick(str(one.phone)).line) for one in Representative.objects.all()]
    assert rung == [("arjun", "answers")]


def test_what_staff_delete_from_the_demo_does_not_come_back() -> None:
    run()
    Lead.objects.order_by("pk")[0].delete()
    run()
    assert Lead.objects.count() == 39


def test_the_same_moment_makes_the_same_demo() -> None:
    made = []
    for _ in range(2):
        demo.load(now=NOW)
        made.append([list(Turn.objects.order_by("call__created_at", "number").values_list("heard", "said", "at"))])
        for model in reversed(MODELS):
            model.objects.all().delete()
    assert made[0] == made[1]


def test_leads_of_somebody_else_keep_the_demo_out() -> None:
    Lead.objects.create(name="A real one", phone="+919000001083")
    with pytest.raises(CommandError, match="There are leads here that are not of the demo, so it was not added"):
        run()
    assert Listing.objects.count() == 0
    run("--force")
    assert (Lead.objects.count(), Lead.objects.get(phone="+919000001083").name) == (40, "A real one")


def test_a_provider_that_rings_people_keeps_the_demo_out(settings: object) -> None:
    settings.DEFAULT_PROVIDER = "twilio"
    with pytest.raises(CommandError, match="Calls go out over twilio"):
        run()
    assert Lead.objects.count() == 0


@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_calls_lie_in_the_last_two_weeks_within_calling_hours_and_after_their_lead_came(hour: int) -> None:
    now = NOW.replace(hour=hour)
    demo.load(now=now)
    for call in Call.objects.select_related("lead"):
        local = call.created_at.astimezone(demo.brokerage._INDIA)
        assert now - timedelta(days=14) < call.created_at < call.ended_at < now
        assert call.lead.created_at < call.created_at
        assert 9 <= local.hour < 19


def test_every_number_is_one_that_staff_could_type() -> None:
    demo.load(now=NOW)
    phones = [str(lead.phone) for lead in Lead.objects.all()]
    assert [normalise(phone) for phone in phones] == phones


def test_what_a_lead_wants_is_proved_by_their_own_words() -> None:
    demo.load(now=NOW)
    for lead in Lead.objects.filter(status=LeadStatus.QUALIFIED).select_related("requirement"):
        for slot in ("locations", "budget_max", "consent"):
            proof = lead.requirement.evidence[slot]
            assert proof["words"] in Turn.objects.get(call=proof["call"], number=proof["turn"]).heard


def test_the_first_call_of_a_newcomer_ends_qualified() -> None:
    demo.load(now=NOW)
    agent = VoiceAgent.objects.get(is_default=True)
    ends = Counter()
    for lead in Lead.objects.filter(status=LeadStatus.NEW, calls=None):
        phone = str(lead.phone)
        # As the pretend network picks who answers, and what they want.
        call = tell(Story(lead, agent, None, NOW, personas.pick(phone).name, zlib.crc32(phone.encode())))
        lead.refresh_from_db()
        ends[call.disposition, lead.status] += 1
    assert ends == {("qualified", "qualified"): 18}
