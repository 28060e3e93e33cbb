"""Calls over a misbehaving Twilio and Vapi while workers are killed: nobody twice, nobody forgotten, back by itself.

Starts the web server and two job nodes on an empty database of its own, and three rounds against local carriers that
keep a ledger: calls due at spread times (how late is the carrier asked), leads that arrive by the API alone and in a
burst (how long until the carrier is asked), and CALLS due calls over faulty carriers with KILLS SIGKILLs at random
moments among the nodes' processes. Ends with a table, and with code 1 where a promise was broken.
Usage: python bench/carrier.py [--database sqlite|postgres|both] [--calls 500] [--kills 50] [--seed 1] [--rounds ...]
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


from scripts.check import postgres  # noqa: E402 -- the folder above is only now on the path
from tests.carriers.plan import FRIENDLY, Callee, Plan  # noqa: E402
from tests.carriers.stage import TIMEOUT_S, Stage, staged, until  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.carriers.nodes import Kill

RESUMED_S, LATE_S, ALONE_S, BURST_S = 30.0, 0.5, 1.0, 5.0  # what is promised
PATIENCE_S = 900
_WHOLE = 7  # processes of a node: command, cluster, sentinel, two workers, two that carry jobs to and fro
PEOPLE = replace(FRIENDLY, step_s=1.0)  # they answer after five seconds of ringing, and speak once a second
_ENDS = {Callee.BUSY: {"busy"}, Callee.NO_ANSWER: {"no_answer"}, Callee.FAILED: {"failed"}}


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave nothing behind
    options = _options()
    if options.database == "both":
        here = [sys.executable, __file__, *(word for word in sys.argv[1:] if word not in {"--database", "both"})]
        codes = [subprocess.call([*here, "--database", name]) for name in ("sqlite", "postgres")]
        sys.exit(max(codes))
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgres()) if options.database == "postgres" else ""
        stage = stack.enter_context(staged(options, url))
        for name in options.rounds.split(","):
            print(f"\n{name}, {options.database}", flush=True)
            {"clock": _clock, "speed": _speed, "chaos": _chaos}[name](stage)
    sys.exit(1 if stage.table.broken else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="sqlite")
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", default="clock,speed,chaos")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    return parser.parse_args()


def _dialer(**changes: Any) -> None:
    """Calling is allowed at this hour, as often as the ladders say."""
    from calls.models import CallingHours, CallingPolicy, DialerSettings  # noqa: PLC0415 -- needs the settings

    CallingPolicy.objects.update(max_per_day=0, max_total=0, needs_consent=False, public_holidays=False)
    CallingHours.objects.update(opens="00:00", closes="23:59:59")
    dialer = DialerSettings.current()
    for name, value in {
        "max_lines": 0,
        "reserved_lines": 0,
        "people_ladder": "",
        "technical_ladder": "",
        "call_new_leads": False,
        **changes,
    }.items():
        setattr(dialer, name, value)
    dialer.save()


def _due_calls(number: int, *, first: int, over_s: float, wait_s: float = 0) -> dict[int, float]:
    """That many leads with a call each, due over so many seconds; when each call is due, in seconds since 1970."""
    from django.db import transaction  # noqa: PLC0415 -- needs the settings
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Call  # noqa: PLC0415
    from leads.models import Lead  # noqa: PLC0415

    began = timezone.now() + timedelta(seconds=wait_s)
    due = {}
    with transaction.atomic():
        for n in range(number):
            lead = Lead.objects.create(name=f"Lead {first + n}", phone=f"+9198{first + n:08d}", greeted=True)
            when = began + timedelta(seconds=over_s * n / number)
            provider = "vapi" if n % 2 else "twilio"
            due[Call.objects.create(lead=lead, provider=provider, dial_after=when).pk] = when.timestamp()
    return due


def _clock(stage: Stage) -> None:
    """How long after its time the carrier is asked for a call."""
    stage.behave(PEOPLE)
    _dialer()
    due = _due_calls(200, first=20_000_000, over_s=60, wait_s=3)
    until(lambda: len(stage.asked()) >= len(due), "not all calls were dialled", PATIENCE_S)
    late = [one.at - due[int(one.call)] for one in stage.asked()]
    stage.table.add("asked after its time, p50 / p95 / max (s)", _spread(late), holds=_p95(late) <= LATE_S)
    stage.table.add("asked before its time", sum(one < 0 for one in late), holds=min(late) >= 0)
    until(_all_closed, "calls stay open", PATIENCE_S)


def _speed(stage: Stage) -> None:
    """How long from a lead's arrival by the API to the request at the carrier."""
    stage.behave(PEOPLE)
    _dialer(call_new_leads=True, new_lead_sources=[])
    key = _api_key()
    alone = _arrivals(stage, key, range(30_000_000, 30_000_020), pause_s=1.0)
    stage.table.add("a lead alone to the carrier, p50 / p95 / max (s)", _spread(alone), holds=_p95(alone) <= ALONE_S)
    burst = _arrivals(stage, key, range(31_000_000, 31_000_200), pause_s=0)
    stage.table.add("a burst of 200 leads, p50 / p95 / max (s)", _spread(burst), holds=_p95(burst) <= BURST_S)
    until(_all_closed, "calls stay open", PATIENCE_S)


def _arrivals(stage: Stage, key: str, numbers: range, *, pause_s: float) -> list[float]:
    """Enter leads, from 16 clients at once where there is no pause; seconds from each until the carrier was asked."""
    from calls.models import Call  # noqa: PLC0415 -- needs the settings

    before = len(stage.asked())
    sent: dict[str, float] = {}
    left = iter(numbers)
    lock = threading.Lock()

    def client() -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Token {key}"
        while (number := _next(left, lock)) is not None:
            phone = f"+9198{number:08d}"
            sent[phone] = time.time()
            session.post(
                f"{stage.base}/api/v1/leads", json={"name": "New Lead", "phone": phone}, timeout=30
            ).raise_for_status()
            time.sleep(pause_s)

    clients = [threading.Thread(target=client) for _ in range(1 if pause_s else 16)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()

    until(lambda: len(stage.asked()) - before >= len(sent), "not all leads were called", PATIENCE_S)
    phones = {str(pk): str(phone) for pk, phone in Call.objects.values_list("pk", "lead__phone")}
    return [one.at - sent[phones[one.call]] for one in stage.asked() if phones[one.call] in sent]


def _chaos(stage: Stage) -> None:
    """Faulty carriers and killed processes."""
    options, table = stage.options, stage.table
    stage.behave(Plan(seed=options.seed, step_s=0.15, silent_s=TIMEOUT_S + 0.5))
    _dialer(max_lines=options.lines, people_ladder="2 s, 4 s", technical_ladder="1 s, 2 s, 4 s")
    due = _due_calls(options.calls, first=40_000_000, over_s=0)
    began = time.time()
    kills = _kill(stage, random.Random(options.seed))
    table.add("killed", ", ".join(f"{n} {what}" for what, n in Counter(kill.what for kill in kills).most_common()))
    closed = until(_all_closed, "", PATIENCE_S)
    for carrier in stage.carriers:
        carrier.wait(20)
    table.add("calls due / asked for / made by the carriers", f"{len(due)} / {len(stage.asked())} / {_made(stage)}")
    table.add(
        "faults met",
        ", ".join(f"{n} {fault}" for fault, n in Counter(one.fault for one in stage.asked()).most_common()),
    )
    table.add("seconds until all was closed", f"{time.time() - began:.0f}")
    failed = stage.twilio.failed_posts + stage.vapi.failed_posts
    refused = sum(n for what, n in failed.items() if what.split()[-1].startswith("4"))
    table.add("webhooks that failed", dict(failed) or 0, holds=not refused)
    most = max((n for carrier in stage.carriers for n in carrier.accepted().values()), default=0)
    table.add("carrier calls per attempt, most", most, holds=most <= 1)
    _judge(stage, due, closed=closed)
    _resumed(stage, kills)


def _made(stage: Stage) -> int:
    return sum(sum(carrier.accepted().values()) for carrier in stage.carriers)


def _kill(stage: Stage, lot: random.Random) -> list[Kill]:
    """Kill at random moments; a node that is still starting is spared three times of four."""
    kills: list[Kill] = []
    while len(kills) < stage.options.kills and _open_calls():
        time.sleep(lot.uniform(1.0, 6.0))
        node = lot.choice(stage.nodes)
        if len(node.family()) < _WHOLE and lot.random() < 0.75:
            continue
        if kill := node.kill_one(lot):
            kills.append(kill)
            print(f"  {kill.service}: {kill.what} killed, {_open_calls()} calls open", flush=True)
    return kills


def _judge(stage: Stage, due: dict[int, float], *, closed: bool) -> None:
    """Whether each call reached an end, the true one, and had the try that follows."""
    from calls.models import Call  # noqa: PLC0415 -- needs the settings

    calls = Call.objects.filter(pk__gte=min(due))
    open_calls = Counter(calls.exclude(status="ended").values_list("status", flat=True))
    stage.table.add("calls that stayed open", dict(open_calls) or 0, holds=closed)
    ended = list(calls.filter(status="ended").select_related("retry"))
    without = [call.pk for call in ended if _wants_retry(call) and not hasattr(call, "retry")]
    stage.table.add("ended unreached with tries left, and without one", without[:5] or 0, holds=not without)
    lost = [call.pk for call in ended if call.end_reason in {"lost", "rejected"} or call.disposition == "not_allowed"]
    stage.table.add("given up (lost, rejected, not allowed)", lost[:5] or 0, holds=not lost)
    truth = {line.call: line.callee for carrier in stage.carriers for line in list(carrier.lines.values())}
    wrong = [call.pk for call in ended if str(call.pk) in truth and not _is_true(call, truth[str(call.pk)])]
    stage.table.add("ended with another reason than the carrier's", wrong[:5] or 0, holds=not wrong)
    never = [call.pk for call in ended if str(call.pk) not in truth and call.end_reason != "canceled"]
    stage.table.add("ended without a call at the carrier", never[:5] or 0, holds=not never)
    stage.table.add(
        "endings", ", ".join(f"{n} {what}" for what, n in Counter(call.end_reason for call in ended).most_common())
    )


def _wants_retry(call: Any) -> bool:
    if call.disposition in {"busy", "no_answer", "voicemail"}:
        return bool(call.attempt <= 2)
    return bool(call.end_reason == "failed" and call.disposition == "failed" and call.failures < 3)


def _is_true(call: Any, callee: Callee) -> bool:
    return call.end_reason in _ENDS.get(callee, {"completed", "caller_hung_up", "agent_hung_up"})


def _resumed(stage: Stage, kills: list[Kill]) -> None:
    """How soon after each kill its node executed a job again, while there was something to do."""
    last = max((one.at for one in stage.asked()), default=0.0)
    waits, began = [], kills[0].at if kills else last
    for node in stage.nodes:
        jobs = [at for at in node.jobs() if at <= last]
        hits = [kill.at for kill in kills if kill.service == node.name]
        # A node that is hit again before it is back is asked from the last hit on.
        backs = {min((at for at in jobs if at > hit), default=0.0): hit for hit in hits}
        waits += [back - hit for back, hit in backs.items() if back]
    both = sorted(at for node in stage.nodes for at in node.jobs() if began <= at <= last)
    together = max((after - before for before, after in pairwise(both)), default=0.0)
    slowest = max(waits, default=0.0)
    stage.table.add("a killed node's next job, p50 / p95 / max (s)", _spread(waits), holds=slowest <= RESUMED_S)
    stage.table.add("longest time without a job on any node (s)", f"{together:.1f}", holds=together <= RESUMED_S)
    restarts = [f"{node.said('restarting the job cluster')}+{node.starts - 1}" for node in stage.nodes]
    stage.table.add("restarts by the watchdogs + by the service manager", ", ".join(restarts))
    time.sleep(25)
    orphans = sum(node.orphans() for node in stage.nodes)
    stage.table.add("processes left over by killed nodes", orphans, holds=orphans == 0)


def _open_calls() -> int:
    from calls.models import Call  # noqa: PLC0415 -- needs the settings

    return Call.objects.exclude(status="ended").count()


def _all_closed() -> bool:
    return _open_calls() == 0


def _api_key() -> str:
    from django.contrib.auth.models import User  # noqa: PLC0415 -- needs the settings
    from knox.models import AuthToken  # noqa: PLC0415

    return str(AuthToken.objects.create(User.objects.create_superuser("bench"))[1])


def _next(numbers: Iterator[int], lock: threading.Lock) -> int | None:
    with lock:
        return next(numbers, None)


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)] if values else 0.0


def _spread(values: list[float]) -> str:
    if not values:
        return "none"
    return f"{statistics.median(values):.2f} / {_p95(values):.2f} / {max(values):.2f}"


if __name__ == "__main__":
    main()
