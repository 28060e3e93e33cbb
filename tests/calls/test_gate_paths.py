"""Random situations, through every path that leads to a dial: whoever was dialled might be called.

2,500 in an ordinary run, half a minute of two cores; `GATE_SITUATIONS=50000` makes it as many.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import transaction
from django.test import RequestFactory
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from calls import tasks
from calls.api import CallViewSet
from calls.lines import provider
from calls.models import Call, Campaign, CampaignMember, DialerSettings
from calls.operations.feeding import feed
from calls.operations.gate import gate, gate_many
from calls.operations.promises import dial_promises, greet_new_leads
from calls.operations.retrying import queue_retry
from calls.origin import Origin
from leads.admin.lead import call_selected
from leads.admin.views import call_now
from leads.models import Activity, ActivityKind, FollowUp, Lead
from tests.calls.gate_world import SPANS, draw_world, may_be_called, write
from tests.calls.recorder import LEDGER
from voice.models import VoiceAgent
from voice.providers import registry

pytestmark = pytest.mark.django_db

CHUNKS, PEOPLE = 5, 50
WORLDS = int(os.environ.get("GATE_SITUATIONS", "2500")) // (CHUNKS * PEOPLE)
PATHS = {
    "button": 0.07,
    "click": 0.008,  # the button, over real HTTP
    "action": 0.1,
    "api": 0.07,
    "request": 0.008,  # the API, over real HTTP
    "campaign": 0.12,
    "retry": 0.1,
    "promise": 0.05,
    "new lead": 0.05,
    "shell": 0.424,
}


@pytest.fixture
def clock(monkeypatch, settings):
    """The time of the whole product, which the test sets, and a network that rings people in it."""

    class Clock:
        now = None

    monkeypatch.setattr("django.utils.timezone.now", lambda: Clock.now)
    monkeypatch.setitem(registry.PROVIDERS, "recorder", "tests.calls.recorder.Recorder")
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", {})
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.get_rate", lambda _self: None)
    settings.PROVIDERS = {**settings.PROVIDERS, "recorder": {}}
    settings.DEFAULT_PROVIDER = "recorder"
    LEDGER.clear()
    return Clock


@pytest.fixture
def boss(admin_user):
    return admin_user


def web(request, boss):
    request.user = boss
    request._messages = CookieStorage(request)
    return request


def press(person, boss):
    call_now(web(RequestFactory().post("/"), boss), lead_id=person.pk)


def post(person, boss):
    request = APIRequestFactory().post("/", {"lead": person.pk}, format="json")
    force_authenticate(request, boss)
    CallViewSet.as_view({"post": "create"})(request)


def act(people, boss):
    for start in range(0, len(people), 50):
        chosen = Lead.objects.filter(pk__in=[person.pk for person in people[start : start + 50]])
        call_selected(None, web(RequestFactory().post("/"), boss), chosen)


def campaign(people, drive, now):
    if not people:
        return  # one that has nobody to call would be over at once
    CampaignMember.objects.bulk_create(
        CampaignMember(campaign=drive, lead_id=person.pk, next_at=now) for person in people
    )
    feed(now)


def retry(people, now):
    busy = {"status": "ended", "end_reason": "busy", "disposition": "busy", "provider": "recorder"}
    for person in people:
        at = now - timedelta(seconds=30)
        person.asked.append(at)
        call = Call.objects.create(lead_id=person.pk, asked_at=at, created_at=at, ended_at=now, **busy)
        queue_retry(call, now=now)


def promise(people, now):
    FollowUp.objects.bulk_create(FollowUp(lead_id=person.pk, kind="callback", due_at=now) for person in people)
    dial_promises(now=now)


def greet(people, now):
    Lead.objects.filter(pk__in=[person.pk for person in people]).update(greeted=False)
    greet_new_leads(now=now)


def shell(people, drive, dice):
    """Jobs that somebody queued by hand, past every request."""
    origins = [Origin.STAFF, Origin.API, Origin.CALLBACK, Origin.RETRY, Origin.NEW_LEAD]
    Call.objects.bulk_create(
        Call(
            lead_id=person.pk,
            provider="recorder",
            origin=dice.choice(origins),
            campaign=drive if dice.random() < 0.2 else None,
        )
        for person in people
    )


def share(dice, people):
    paths = dice.choices(list(PATHS), weights=list(PATHS.values()), k=len(people))
    by_path = {path: [] for path in PATHS}
    for path, person in zip(paths, people, strict=True):
        by_path[path].append(person)
    return by_path


def walk(dice, world, by_path, drive, boss, clients):
    """Everybody is asked for, each by one path."""
    now = world.now
    for person in by_path["button"]:
        press(person, boss)
    clients[0].force_login(boss)  # an earlier world's session has run out
    for person in by_path["click"]:
        clients[0].post(f"/admin/leads/lead/{person.pk}/call/")
    act(by_path["action"], boss)
    for person in by_path["api"]:
        post(person, boss)
    for person in by_path["request"]:
        clients[1].post("/api/v1/calls/", {"lead": person.pk}, format="json")
    campaign(by_path["campaign"], drive, now)
    retry(by_path["retry"], now)
    promise(by_path["promise"], now)
    greet(by_path["new lead"], now)
    shell(by_path["shell"], drive, dice)


def turn(dice, world, drive):
    """What people do while a job waits."""
    if dice.random() < 0.1:
        world.paused = not world.paused
        DialerSettings.objects.update(paused=world.paused)
    if dice.random() < 0.1:
        world.drive.state = "paused"
        Campaign.objects.filter(pk=drive.pk).update(state="paused")
    for person in dice.sample(world.people, 8):
        person.do_not_call = not person.do_not_call
        Lead.objects.filter(pk=person.pk).update(do_not_call=person.do_not_call)


def dial_all(dice, world, clock):
    """Run a job for every call that waits, at its time or when it pleases a cluster that was away; when each ran."""
    later = world.now + timedelta(seconds=dice.choice([0, 0, 2, 600, 9_000]))
    ran = {}
    for call in list(Call.objects.filter(status="queued").only("pk", "tries", "dial_after")):
        due = max(later, call.dial_after or later)
        if due - world.now < timedelta(days=2):
            clock.now = due if dice.random() < 0.8 else later
            ran[call.pk] = clock.now
            tasks.dial(call_id=call.pk, tries=call.tries)
    return ran


def judge(world, by_path, ran):
    """Who was dialled by which path; fails on whoever might not be, and on whose job ran for nothing."""
    people = {person.pk: (person, path) for path, some in by_path.items() for person in some}
    calls = {call.pk: call for call in Call.objects.filter(pk__in=ran)}
    placed = {call_id: (number, at) for call_id, number, at in LEDGER}
    assert len(placed) == len(LEDGER), "a call was placed twice"
    dialled = Counter()
    for call_id, call in calls.items():
        person, path = people[call.lead_id]
        # Whom a person wants to call is called whether or not a campaign runs.
        of_campaign = call.campaign_id is not None and call.origin not in ("staff", "api")
        facts = {"promised": call.origin == Origin.CALLBACK, "campaign": of_campaign}
        might = may_be_called(world, person, ran[call_id], **facts)
        assert placed.get(call_id) == ((person.phone, ran[call_id]) if might else None), (path, call, person, world)
        dialled[path] += might
    assert placed.keys() <= calls.keys()
    return dialled


def must_have_said_why(by_path):
    """Each refusal that was a person's to know is kept with its code and a sentence."""
    ended = Call.objects.filter(end_reason="not_allowed").values_list("lead_id", "error")
    assert all(error.endswith(".") for _, error in ended)
    told = Activity.objects.filter(kind=ActivityKind.CALL_REFUSED, data__code__isnull=False).exclude(text="")
    silent = {lead for lead, _ in ended}
    called = set(Call.objects.filter(origin__in=("staff", "api")).values_list("lead_id", flat=True))
    for path in ("button", "click", "action", "api", "request"):
        silent |= {person.pk for person in by_path[path]} - called
    assert silent <= set(told.values_list("lead_id", flat=True))


def must_agree_in_bulk(world, drive):
    """A campaign's preview, which asks for many at once, must say what the gate says of each."""
    leads = list(Lead.objects.filter(pk__in=[person.pk for person in world.people[:3]]))
    network, facts = provider("recorder"), {"now": world.now, "origin": Origin.CAMPAIGN, "campaign": drive}
    assert gate_many(leads, network, **facts) == {lead.pk: gate(lead, network, **facts) for lead in leads}


# The situations try the rules. The queries behind them are the same in each, so a fifth of them tries PostgreSQL, too.
@pytest.mark.parametrize(
    "chunk", [0, *(pytest.param(chunk, marks=pytest.mark.sqlite_alone) for chunk in range(1, CHUNKS))]
)
def test_whoever_is_dialled_may_be_called(chunk, clock, boss, client, record_property):
    dialled, api = Counter(), APIClient()
    clock.now = SPANS[0]
    api.force_authenticate(boss)
    VoiceAgent.objects.get_or_create(is_default=True)
    for number in range(WORLDS):
        dice = random.Random(f"{chunk}.{number}")
        with transaction.atomic():
            world = draw_world(dice, PEOPLE)
            clock.now = world.now
            LEDGER.clear()
            drive, by_path = write(world, provider="recorder"), share(dice, world.people)
            must_agree_in_bulk(world, drive)
            walk(dice, world, by_path, drive, boss, (client, api))
            turn(dice, world, drive)
            dialled += judge(world, by_path, dial_all(dice, world, clock))
            must_have_said_why(by_path)
            transaction.set_rollback(True)
    record_property("dialled", dict(dialled))
    # It must not pass by never dialling: of those whom a path tried, a good part was dialled.
    tried = {path: WORLDS * PEOPLE * share for path, share in PATHS.items() if share > 0.01}
    assert {path: dialled[path] for path, count in tried.items() if dialled[path] <= count // 40} == {}
