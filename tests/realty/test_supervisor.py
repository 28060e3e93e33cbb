"""Real children: started, restarted, stopped, and never left behind."""

import contextlib
import os
import signal
import subprocess
import sys

import psutil
import pytest

from realty.supervisor import MAX_QUICK_DEATHS, QUICK_S, GaveUpError, Program, Supervisor, restart_delay
from tests.realty.running import PATIENCE_S, ROOT, is_gone, until


def python(name, code, **env) -> Program:
    return Program(name, (sys.executable, "-c", code), env)


SLEEPER = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({!r}, 'w').close(); time.sleep(600)"


def end(pid: int) -> None:
    """Kill a child and wait until its parent could notice."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


@pytest.fixture
def supervise():
    made = []

    def start(*programs):
        made.append(Supervisor(programs))
        made[-1].poll(0.0)
        return made[-1]

    yield start
    for supervisor in made:
        supervisor.stop(grace_s=0)


def test_the_delay_doubles_with_every_quick_death():
    assert [restart_delay(deaths) for deaths in range(6)] == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0]


def test_two_children_run_until_they_are_stopped(supervise):
    supervisor = supervise(python("one", SLEEPER), python("two", SLEEPER))
    pids = supervisor.pids()
    assert (set(pids), [is_gone(pid) for pid in pids.values()]) == ({"one", "two"}, [False, False])
    supervisor.stop()
    assert (supervisor.pids(), [is_gone(pid) for pid in pids.values()]) == ({}, [True, True])


def test_a_child_has_our_environment_and_its_own(supervise, tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "1")
    code = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(os.environ['OURS'] + os.environ['ITS']); {SLEEPER}"
    supervise(python("one", code, ITS="2"))
    until(lambda: (tmp_path / "seen").exists() and (tmp_path / "seen").read_text() == "12")


def test_a_child_that_lived_long_is_started_again_at_once(supervise):
    supervisor = supervise(python("one", SLEEPER), python("two", SLEEPER))
    before = supervisor.pids()
    end(before["one"])
    supervisor.poll(QUICK_S)
    after = supervisor.pids()
    assert after["two"] == before["two"]
    assert after["one"] != before["one"]
    assert not is_gone(after["one"])


def test_a_child_that_died_quickly_has_to_wait(supervise):
    supervisor = supervise(python("one", SLEEPER))
    end(supervisor.pids()["one"])
    supervisor.poll(1.0)
    assert supervisor.pids() == {}
    supervisor.poll(1.4)
    assert supervisor.pids() == {}
    supervisor.poll(1.5)
    assert set(supervisor.pids()) == {"one"}


def test_a_child_that_keeps_dying_is_given_up_with_a_sentence(supervise):
    supervisor = supervise(python("web server", SLEEPER))
    clock = 0.0
    for _ in range(MAX_QUICK_DEATHS - 1):
        end(supervisor.pids()["web server"])
        supervisor.poll(clock + 1.0)
        clock += 60.0  # longer than any delay
        supervisor.poll(clock)
    end(supervisor.pids()["web server"])
    with pytest.raises(GaveUpError) as caught:
        supervisor.poll(clock + 1.0)
    assert str(caught.value) == (
        "The web server ended 4 times within seconds of its start (code -9). "
        "Its last lines above say why; repair that and start again."
    )


def test_a_child_that_does_not_listen_is_killed(supervise, tmp_path):
    ready = tmp_path / "ready"
    supervisor = supervise(python("one", DEAF.format(str(ready))))
    until(ready.exists)
    pid = supervisor.pids()["one"]
    supervisor.stop(grace_s=0.2)
    assert is_gone(pid)


def test_what_a_child_started_goes_with_it(supervise, tmp_path):
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid) + '.')\n"
        "time.sleep(600)"
    )
    supervisor = supervise(python("one", code))
    grandchild = int(until(lambda: note.exists() and note.read_text().endswith(".") and note.read_text())[:-1])
    end(supervisor.pids()["one"])
    supervisor.poll(QUICK_S)
    until(lambda: is_gone(grandchild))


ALONE = f"""
import time
from realty.supervisor import Program, StopSignals, Supervisor
stop = StopSignals()
supervisor = Supervisor([Program(n, ({sys.executable!r}, "-c", {SLEEPER!r})) for n in ("one", "two")])
for now in stop.ticks(0.1):
    supervisor.poll(now)
    print(*supervisor.pids().values(), flush=True)
supervisor.stop()
"""


@pytest.fixture
def alone():
    """A supervisor in a process of its own, and the ids of its two children."""
    process = subprocess.Popen([sys.executable, "-c", ALONE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    children = [int(pid) for pid in process.stdout.readline().split()]
    yield process, children
    process.kill()
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_supervisor_and_its_children(alone, number):
    process, children = alone
    process.send_signal(number)
    assert (process.wait(PATIENCE_S), [is_gone(child) for child in children]) == (0, [True, True])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_killed_supervisor_leaves_no_orphans(alone):
    process, children = alone
    process.kill()
    until(lambda: all(is_gone(child) for child in children))
