"""A webhook finds its call by an index, however many calls there are."""

import pytest
from django.db import connection
from django.utils import timezone

from calls.models import Call
from calls.operations.conversation import locked_call, next_turn_of
from calls.operations.overhearing import newly_heard
from leads.models import Lead
from voice.events import CallEvent, EventKind

pytestmark = pytest.mark.django_db

EVENT = CallEvent(provider="twilio", kind=EventKind.STATUS, provider_call_id="CA0", dedupe_key="one", call_id=1)


def scans_of(ask) -> list[str]:
    """The lines of the databases' plans that say that all calls are read."""
    plans = []
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "

    def explained(execute, sql, params, many, context):
        if 'FROM "calls_call"' in sql:
            execute(explain + sql, params, many, context)
            plans.extend(str(row[-1]) for row in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        ask()
    assert plans
    return [line for line in plans if "SCAN calls_call" in line or "Seq Scan on calls_call" in line]


@pytest.mark.parametrize(
    "ask",
    [lambda: locked_call(EVENT, now=timezone.now()), lambda: next_turn_of(EVENT), lambda: newly_heard(EVENT)],
    ids=["to apply it", "to number it", "to overhear it"],
)
def test_no_webhook_reads_all_calls(ask):
    lead = Lead.objects.create(phone="+919820012345")
    Call.objects.create(lead=lead, provider="twilio", provider_call_id="CA0", status="ended", end_reason="completed")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # which it prefers for a table of one row
    assert scans_of(ask) == []
