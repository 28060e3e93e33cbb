"""Thirty calls over a Twilio and a Vapi on a bad day: nobody is called twice, and every call reaches its true end."""

import pydoc
import threading
import time

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from calls import dispatcher
from calls.models import Call, CallingHours, CallingPolicy, DialerSettings
from leads.models import Lead
from tests.carriers import twilio as twilio_
from tests.carriers import vapi as vapi_
from tests.carriers.plan import FAULTS, Callee, Fault, Plan

PUBLIC = "https://crm.example.com"
CALLS, FIRST, WORKERS, PATIENCE_S = 30, 1_000_000, 3, 60
BAD_DAY = Plan(
    seed=4,
    faults=FAULTS | {Fault.NONE: 40},
    faulty_asks=1,
    step_s=0.01,
    late_s=0.3,
    silent_s=0.6,
)
TALKED = {"completed", "caller_hung_up", "agent_hung_up"}
ENDS = {Callee.BUSY: {"busy"}, Callee.NO_ANSWER: {"no_answer"}, Callee.FAILED: {"failed"}}


@pytest.fixture
def carriers(settings, live_server):
    """Both carriers, and an installation that calls them and asks after its calls soon."""
    twilio = twilio_.Twilio(BAD_DAY, public=PUBLIC, base=live_server.url)
    vapi = vapi_.Vapi(BAD_DAY, public=PUBLIC, base=live_server.url)
    settings.PUBLIC_BASE_URL = PUBLIC
    settings.ASK_AFTER_S = 2.0
    soon = {"timeout_s": 0.5, "waits_s": (0.1, 0.2, 0.4)}
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "twilio": {
            **settings.PROVIDERS["twilio"],
            **soon,
            "account_sid": twilio_.ACCOUNT,
            "auth_tokens": [twilio_.TOKEN],
            "from_number": twilio_.NUMBER,
            "base_url": twilio.url,
            "calls_per_second": 0,
        },
        "vapi": {
            **settings.PROVIDERS["vapi"],
            **soon,
            "api_key": vapi_.KEY,
            "assistant_id": vapi_.ASSISTANT,
            "phone_number_id": vapi_.NUMBER_ID,
            "webhook_secrets": [vapi_.SECRET],
            "base_url": vapi.url,
        },
    }
    yield twilio, vapi
    for carrier in (twilio, vapi):
        carrier.close()


@pytest.fixture
def workers():
    """Threads in the place of processes: one looks what is due, the others execute jobs."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop, one)) for one in (look, *[execute] * WORKERS)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


def work(stop, once):
    while not stop.wait(0.02):
        try:
            once()
        except OperationalError:  # a busy SQLite; the next look does it
            continue
    connection.close()


def look():
    dispatcher.run_once(timezone.now())


def execute():
    for row in OrmQ.objects.order_by("pk")[:1]:
        if OrmQ.objects.filter(pk=row.pk).delete()[0]:
            pydoc.locate(row.func())(**row.kwargs())


def enter_calls():
    policy = CallingPolicy.objects.update_or_create(
        region="IN", defaults={"max_per_day": 0, "max_total": 0, "public_holidays": False}
    )[0]
    policy.hours.all().delete()
    CallingHours.objects.bulk_create(
        CallingHours(policy=policy, weekday=day, opens="00:00", closes="23:59:59") for day in range(7)
    )
    DialerSettings(people_ladder="1 s", technical_ladder="1 s, 1 s", max_lines=0, send_chat_link=False).save()
    for n in range(CALLS):
        lead = Lead.objects.create(name=f"Lead {n}", phone=f"+9198200{n:05d}", greeted=True)
        # The plan draws by the number of the call, so it is given.
        Call.objects.create(pk=FIRST + n, lead=lead, provider=("twilio", "vapi")[n % 2], dial_after=timezone.now())


def until_all_closed():
    end = time.monotonic() + PATIENCE_S
    while Call.objects.exclude(status="ended").exists():
        open_calls = Call.objects.exclude(status="ended").values_list("pk", "status", "error")
        assert time.monotonic() < end, list(open_calls)
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_called_twice_and_every_call_reaches_its_true_end(carriers, request):
    enter_calls()
    request.getfixturevalue("workers")
    until_all_closed()
    for carrier in carriers:
        carrier.wait(10)
        assert set(carrier.accepted().values()) == {1}
        assert [what for what in carrier.failed_posts if what.split()[-1].startswith("4")] == []
    truth = {int(line.call): line.callee for carrier in carriers for line in carrier.lines.values()}
    ended = {call.pk: call for call in Call.objects.select_related("retry")}
    assert set(ended) == set(truth)
    assert {
        pk: call.end_reason for pk, call in ended.items() if call.end_reason not in ENDS.get(truth[pk], TALKED)
    } == {}
    unreached = [call for call in ended.values() if call.disposition in {"busy", "no_answer"} and call.attempt == 1]
    assert [call.pk for call in unreached if not hasattr(call, "retry")] == []
    assert {one.fault for carrier in carriers for one in carrier.asked} == {*Fault}
