"""What a job cluster executes next: what is urgent first, one worker kept free for it, and pulses in between."""

import pytest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from calls.queue import ACT_ON_LINE, DIAL, HEAR_TURN, SETTLE, STOP_RECORDING, SUMMARISE, TRANSCRIBE
from realty import heartbeat
from realty.broker import Broker, HearingBroker
from realty.heartbeat import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """The queue as a cluster of two workers reads it, which has just pulsed."""
    monkeypatch.setenv(heartbeat.FOLDER, str(tmp_path))
    monkeypatch.setattr(Conf, "POLL", 0)
    made = get_broker()
    made.dequeue()
    return made


def executed_next(broker: Broker) -> str | None:
    taken = broker.dequeue()
    return SignedPackage.loads(taken[0][1])["func"] if taken else None


def test_a_cluster_that_starts_shows_that_it_executes(monkeypatch):
    async_task(DIAL)
    assert executed_next(get_broker()) == heartbeat.PULSE


def test_a_pulse_leaves_nothing_in_the_queue(broker):
    broker.acknowledge("pulse")
    assert OrmQ.objects.count() == 0


def test_what_is_urgent_goes_first_and_the_rest_in_turn(broker, monkeypatch):
    monkeypatch.setattr(Conf, "WORKERS", 9)
    for path in (SUMMARISE, SETTLE, DIAL):
        async_task(path)
    assert [executed_next(broker) for _ in range(4)] == [DIAL, SUMMARISE, SETTLE, None]


def test_whoever_is_on_a_line_waits_behind_no_call_that_is_still_to_be_dialled(broker):
    for path in (DIAL, DIAL, ACT_ON_LINE, HEAR_TURN, STOP_RECORDING):
        async_task(path)
    assert [executed_next(broker) for _ in range(5)] == [HEAR_TURN, STOP_RECORDING, ACT_ON_LINE, DIAL, DIAL]


def test_an_urgent_job_is_found_behind_a_long_queue(broker):
    for _ in range(100):
        async_task(SUMMARISE)
    async_task(DIAL)
    assert executed_next(broker) == DIAL


def test_one_worker_stays_free_for_what_is_urgent(broker, tmp_path):
    for _ in range(2):
        async_task(SUMMARISE)
    assert [executed_next(broker) for _ in range(2)] == [SUMMARISE, None]
    async_task(DIAL)
    assert executed_next(broker) == DIAL
    Member(tmp_path).job_ended(OrmQ.objects.order_by("pk")[0].pk)
    assert executed_next(broker) == SUMMARISE


def test_a_single_worker_executes_everything(broker, monkeypatch):
    monkeypatch.setattr(Conf, "WORKERS", 1)
    async_task(SUMMARISE)
    assert executed_next(broker) == SUMMARISE


def test_a_job_is_given_to_one_of_two_nodes(broker):
    async_task(DIAL)
    other = get_broker()
    other.dequeue()
    assert [executed_next(broker), executed_next(other)] == [DIAL, None]


def test_a_queue_that_cannot_be_read_is_read_again_later(broker, no_database, monkeypatch, caplog):
    monkeypatch.setattr("realty.broker._AWAY_S", 0)
    assert broker.dequeue() is None
    assert [record.getMessage() for record in caplog.records] == ["the queue could not be read"]


def test_what_cannot_be_read_any_more_takes_no_lane_from_the_rest(broker):
    OrmQ.objects.create(key=broker.list_key, payload="signed with another key", lock=timezone.now())
    async_task(SETTLE)
    ((row, _),) = broker.dequeue()
    broker.fail(row)
    assert executed_next(broker) == SETTLE


@pytest.fixture
def hearing_broker(broker):
    """The same of a cluster that transcribes; nothing was fetched yet."""
    made = HearingBroker(list_key="transcription")
    made.dequeue()
    return made


def test_each_process_that_transcribes_has_one_job_and_none_waits_behind_it(hearing_broker, tmp_path):
    for _ in range(3):
        async_task(TRANSCRIBE, cluster="transcription")
    assert [executed_next(hearing_broker) for _ in range(3)] == [TRANSCRIBE, TRANSCRIBE, None]
    Member(tmp_path).job_ended(OrmQ.objects.order_by("pk")[0].pk)
    assert executed_next(hearing_broker) == TRANSCRIBE


def test_a_cluster_whose_processes_are_all_busy_pulses_no_more(hearing_broker, monkeypatch):
    for _ in range(2):
        async_task(TRANSCRIBE, cluster="transcription")
    taken = [hearing_broker.dequeue() for _ in range(2)]
    monkeypatch.setattr(hearing_broker, "_next_pulse", 0.0)
    assert hearing_broker.dequeue() is None
    heartbeat.slow_job_ends(taken[0][0][0])
    assert executed_next(hearing_broker) == heartbeat.PULSE


def test_no_cluster_takes_the_jobs_of_the_other(broker, hearing_broker):
    async_task(TRANSCRIBE, cluster="transcription")
    assert executed_next(broker) is None
    async_task(DIAL)
    assert [executed_next(hearing_broker), executed_next(hearing_broker)] == [TRANSCRIBE, None]
