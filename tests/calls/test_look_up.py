"""What is asked at each webhook and each tick finds its calls by an index, however many there are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls import dispatcher
from calls.models import Call, Purge, Recording
from calls.operations import hearing, hearing_turns, owing, recordings, talking
from calls.operations.conversation import locked_call, next_turn_of
from calls.operations.overhearing import newly_heard
from leads.models import Lead
from voice.events import CallEvent, EventKind

pytestmark = pytest.mark.django_db

STEPS = [
    step for step in dispatcher._STEPS if step.__name__ in {"watch_breakers", "release_due", "ask_due", "close_idle"}
]
EVENT = CallEvent(provider="twilio", kind=EventKind.STATUS, provider_call_id="CA0", dedupe_key="one", call_id=1)


@pytest.fixture
def calls():
    """One call that is over and one that is due, in a database that likes indexes."""
    met, due = (Lead.objects.create(phone=f"+91982001234{n}") for n in range(2))
    Call.objects.create(lead=met, provider="twilio", provider_call_id="CA0", status="ended", end_reason="completed")
    Call.objects.create(lead=due, provider="pretend", dial_after=timezone.now() - timedelta(seconds=1))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # which it prefers for a table of two rows


def scans_of(ask, table="calls_call") -> list[str]:
    """The lines of the databases' plans that say that all calls, or whatever the table holds, are read."""
    plans = []
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "

    def explained(execute, sql, params, many, context):
        if f'FROM "{table}"' in sql:
            execute(explain + sql, params, many, context)
            plans.extend(str(row[-1]) for row in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        ask()
    assert plans
    return [line for line in plans if f"SCAN {table}" in line or f"Seq Scan on {table}" in line]


@pytest.mark.parametrize(
    "ask",
    [lambda: locked_call(EVENT, now=timezone.now()), lambda: next_turn_of(EVENT), lambda: newly_heard(EVENT)],
    ids=["to apply it", "to number it", "to overhear it"],
)
def test_no_webhook_reads_all_calls(calls, ask):
    assert scans_of(ask) == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_no_tick_of_the_dispatcher_reads_all_calls(calls, step):
    assert scans_of(lambda: step(now=timezone.now())) == []


def test_a_tick_with_nothing_due_writes_nothing_and_reads_little(now):
    Purge.objects.create(night=now.date(), ended_at=now)
    dispatcher.run_once(now)
    with CaptureQueriesContext(connection) as asked:
        dispatcher.run_once(now)
    assert {one["sql"].split()[0] for one in asked} == {"SELECT"}
    assert len(asked) < 30


TABLES = [
    (hearing.hear_due, "calls_recording"),
    (hearing_turns.take_left_due, "calls_liveutterance"),
    (hearing_turns.delete_due, "calls_liveutterance"),
    (talking.forget_old, "calls_talksession"),
    (owing.delete_owed_due, "calls_oweddeletion"),
]


@pytest.mark.parametrize(("step", "table"), TABLES, ids=lambda one: getattr(one, "__name__", ""))
def test_no_tick_of_the_dispatcher_reads_all_that_was_recorded(calls, step, table):
    assert [line for line in scans_of(lambda: step(now=timezone.now()), table) if "USING" not in line] == []


@pytest.mark.parametrize("step", [recordings.fetch_due, recordings.delete_there_due], ids=lambda step: step.__name__)
def test_no_tick_of_the_dispatcher_reads_all_recordings(calls, step):
    call = Call.objects.first()
    for state, file in (("kept", "recordings/one.wav"), ("announced", ""), ("deleted", "")):
        Recording.objects.create(call=call, provider_recording_id=state, state=state, file=file)
    found = [line for line in scans_of(lambda: step(now=timezone.now()), "calls_recording") if "USING" not in line]
    assert found == []
