"""A job cluster that can execute nothing any more is started again; one that can is left alone."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from realty import heartbeat
from realty.supervisor import Program, Supervisor
from realty.watchdog import GRACE_S, LATE_S, START_S, USUAL, Patience, Watchdog
from tests.realty.running import ROOT, environment, is_gone, manage, until

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


class Node:
    """A supervisor of one sleeping program, its watchdog, and the signs that the program would give."""

    def __init__(self, folder: Path, patience: Patience = USUAL) -> None:
        self.folder = folder
        self.supervisor = Supervisor([Program("job cluster", SLEEPER)])
        self.watchdog = Watchdog(self.supervisor, "job cluster", folder, patience)
        self.beats = 0

    def tick(self, now: float) -> int:
        """The id of the program's process after one look, which is another one where it was restarted."""
        self.supervisor.poll(now)
        self.watchdog.tick(now)
        self.supervisor.poll(now)
        self.watchdog.tick(now)
        return self.supervisor.pids()["job cluster"]

    def beat(self) -> None:
        self.beats += 1
        (self.folder / "beat").touch()
        os.utime(self.folder / "beat", ns=(self.beats, self.beats))


@pytest.fixture
def node(tmp_path):
    made = Node(tmp_path)
    yield made
    made.supervisor.stop(grace_s=0)


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def freeze(pid: int) -> None:
    """Have a process listen to nothing but SIGKILL from now on."""
    os.kill(pid, signal.SIGSTOP)
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)


def reasons(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if "restarting the" in record.getMessage()]


def test_a_cluster_that_beats_is_left_alone(node, caplog):
    first = node.tick(0.0)
    for second in range(1, 200, 5):
        node.beat()
        assert node.tick(float(second)) == first
    assert reasons(caplog) == []


def test_a_cluster_that_stopped_beating_is_started_again(node, caplog):
    first = node.tick(0.0)
    node.beat()
    assert node.tick(5.0) == first
    assert node.tick(5.0 + LATE_S - 0.1) == first
    assert node.tick(5.0 + LATE_S) != first
    assert reasons(caplog) == ["restarting the job cluster: it has executed nothing for too long"]


def test_a_cluster_may_take_long_to_start(node):
    first = node.tick(0.0)
    assert node.tick(START_S - 0.1) == first
    assert node.tick(START_S) != first


def test_a_cluster_that_lost_a_process_to_violence_is_started_again_at_once(node, caplog):
    first = node.tick(0.0)
    lost = dead_pid()
    (node.folder / str(lost)).touch()
    (node.folder / str(os.getpid())).touch()
    assert node.tick(1.0) != first
    assert reasons(caplog) == [
        f"restarting the job cluster: its process {lost} was killed, and may have taken a lock with it"
    ]
    assert list(node.folder.iterdir()) == []


def test_a_job_that_still_runs_gets_some_time_to_end(node):
    first = node.tick(0.0)
    (node.folder / str(dead_pid())).touch()
    (node.folder / f"{os.getpid()}.busy").touch()
    freeze(first)
    assert node.tick(1.0) == first
    assert node.tick(1.0 + GRACE_S - 0.1) == first
    assert node.tick(1.0 + GRACE_S) != first


def test_a_job_that_ended_is_not_waited_for(node):
    first = node.tick(0.0)
    (node.folder / str(dead_pid())).touch()
    busy = node.folder / f"{os.getpid()}.busy"
    busy.touch()
    freeze(first)
    assert node.tick(1.0) == first
    busy.unlink()
    assert node.tick(1.5) != first


@pytest.fixture
def patient_node(tmp_path):
    made = Node(tmp_path, Patience(late_s=100.0, start_s=200.0, grace_s=300.0, lets_die=True))
    yield made
    made.supervisor.stop(grace_s=0)


def test_who_dies_at_work_of_a_patient_cluster_is_forgotten_with_its_job(patient_node, caplog):
    first = patient_node.tick(0.0)
    lost = dead_pid()
    for name, content in ((str(lost), ""), (f"{lost}.busy", "7"), ("slow-7", ""), ("slow-8", "")):
        (patient_node.folder / name).write_text(content)
    assert patient_node.tick(1.0) == first
    assert [path.name for path in patient_node.folder.iterdir()] == ["slow-8"]
    assert reasons(caplog) == []


def test_who_dies_idle_may_have_a_lock_of_a_patient_cluster_too(patient_node):
    first = patient_node.tick(0.0)
    (patient_node.folder / str(dead_pid())).touch()
    assert patient_node.tick(1.0) != first


def test_a_patient_cluster_gets_its_own_times(patient_node):
    first = patient_node.tick(0.0)
    assert patient_node.tick(199.9) == first
    patient_node.beat()
    assert patient_node.tick(200.0) == first
    assert patient_node.tick(299.9) == first
    assert patient_node.tick(300.0) != first


def test_a_cluster_that_is_to_end_tells_its_jobs_so(tmp_path, monkeypatch):
    monkeypatch.setenv(heartbeat.FOLDER, str(tmp_path))
    assert heartbeat.goes_on()
    heartbeat.ask_to_end(tmp_path)
    assert not heartbeat.goes_on()
    heartbeat.clear(tmp_path)
    assert heartbeat.goes_on()


def test_a_process_that_waits_to_be_buried_does_not_run():
    process = subprocess.Popen([sys.executable, "-c", ""])
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
    assert (heartbeat.is_running(process.pid), heartbeat.is_running(os.getpid())) == (False, True)
    process.wait()


@contextlib.contextmanager
def worker(var_dir: Path):
    """`manage.py worker` on a database of its own."""
    assert manage(var_dir, "migrate", "-v0").returncode == 0
    output = (var_dir / "output").open("wb")
    command = [sys.executable, "manage.py", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(var_dir), stdout=output, stderr=output)
    try:
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        output.close()


def executes(var_dir: Path, name: str) -> None:
    """Enqueue a job that makes a folder, and wait for it."""
    job = f"from django_q.tasks import async_task; async_task('os.mkdir', {str(var_dir / name)!r})"
    assert manage(var_dir, "shell", "-c", job).returncode == 0
    until((var_dir / name).exists, patience_s=45)


def job_workers(process: subprocess.Popen) -> list[psutil.Process]:
    """The processes that execute jobs; the cluster starts them before the two that carry jobs to and fro."""
    cluster = psutil.Process(process.pid).children()[0]
    members = cluster.children()[0].children()
    return sorted(members, key=lambda member: (member.create_time(), member.pid))[:2]


def test_a_node_whose_idle_workers_were_killed_executes_jobs_again_by_itself(installed):
    installed.mkdir()
    with worker(installed) as process:
        executes(installed, "before")
        killed = job_workers(process)
        for one in killed:
            one.kill()
        executes(installed, "after")
        assert [is_gone(one.pid) for one in killed] == [True, True]
        assert "was killed, and may have taken a lock with it" in (installed / "output").read_text()
