"""The worker's own loop: it goes on while the database is away, and looks more rarely."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from calls.models import Call
from calls.queue import DIAL
from leads.models import Lead
from realty.management.commands.worker import Dispatching


def failures(caplog) -> list[float]:
    """The seconds of pause that each failure brought."""
    return [record.pause_s for record in caplog.records if record.levelno == logging.ERROR]


def test_it_goes_on_without_a_database_and_looks_more_rarely(no_database, caplog):
    dispatching = Dispatching()
    for quarter in range(17):
        dispatching.tick(quarter * 0.25)
    assert failures(caplog) == [0.5, 1.0, 2.0, 4.0]


def test_the_pause_has_an_end(no_database, caplog):
    dispatching = Dispatching()
    for minute in range(10):
        dispatching.tick(minute * 60.0)
    assert failures(caplog)[-3:] == [30.0, 30.0, 30.0]


@pytest.mark.django_db(transaction=True)
def test_once_the_database_is_back_it_looks_as_often_as_before(database_away, caplog):
    dispatching = Dispatching()
    with database_away():
        dispatching.tick(0.0)
        dispatching.tick(0.5)
    dispatching.tick(1.5)
    with database_away():
        dispatching.tick(1.75)
    assert failures(caplog) == [0.5, 1.0, 0.5]


@pytest.mark.django_db(transaction=True)
def test_it_queues_what_is_due(caplog):
    lead = Lead.objects.create(name="Meena Kulkarni", phone="+919820012345")
    Call.objects.create(lead=lead, provider="pretend", dial_after=timezone.now() - timedelta(seconds=1))
    Dispatching().tick(0.0)
    jobs = [SignedPackage.loads(job.payload)["func"] for job in OrmQ.objects.all()]
    assert (jobs.count(DIAL), failures(caplog)) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_what_fails_of_one_row_makes_the_others_a_second_late_at_most(monkeypatch, caplog):
    monkeypatch.setattr("calls.dispatcher._STEPS", (lambda now: 1 // 0,))
    dispatching = Dispatching()
    for minute in range(4):
        dispatching.tick(minute * 60.0)
    assert failures(caplog) == [0.5, 1.0, 1.0, 1.0]
