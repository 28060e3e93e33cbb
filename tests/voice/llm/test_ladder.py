"""The ladder: which rung answers, what it cost, and never longer than the budget."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.llm_server import UNFIT, LlmServer
from tests.voice.llm.conftest import ANSWER
from voice.llm import build
from voice.llm.base import Attempt, Completion, Fault, RungError
from voice.llm.ladder import Answer, Ladder

VALUE = {"plain": "up to 65 lakh", "quote": "पैंसठ लाख तक"}


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self):
        return self.now


@dataclass
class Scripted:
    """A rung that takes `takes_s` of a clock's time, then answers or fails as told."""

    name: str
    clock: Clock
    does: list = field(default_factory=list)
    takes_s: float = 0.5
    timeout_s: float = 3.5
    model: str = "m"
    given: list = field(default_factory=list)

    def complete(self, prompt, timeout_s):
        self.given.append(timeout_s)
        self.clock.now += min(self.takes_s, timeout_s)
        if self.takes_s > timeout_s:
            raise RungError(Fault.TIMEOUT)
        done = self.does.pop(0) if self.does else ANSWER
        if isinstance(done, RungError):
            raise done
        if isinstance(done, Completion):
            return done
        return Completion(done, 5, 3)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rungs(clock):
    return Scripted("primary", clock), Scripted("gemini", clock)


def ask(ladder, prompt, budget_s=8.0, read=lambda found: found, **more):
    return ladder.ask(prompt, budget_s=budget_s, read=read, **more)


def attempt(rung, fault="", latency_ms=500, tokens=(0, 0)):
    return Attempt(rung, "m", "test", "0123456789ab", fault, latency_ms, *tokens)


def test_an_empty_ladder_leaves_it_to_the_rules(prompt):
    assert ask(Ladder(), prompt) == Answer(None, "rules")


def test_the_first_rung_that_answers_is_the_last_one_asked(clock, rungs, prompt):
    assert ask(Ladder(rungs, clock), prompt) == Answer(VALUE, "primary", (attempt("primary", tokens=(5, 3)),))
    assert rungs[1].given == []


def test_after_a_fault_the_next_rung_is_asked_and_both_are_recorded(clock, rungs, prompt):
    rungs[0].does = [RungError(Fault.RETIRED)]
    assert ask(Ladder(rungs, clock), prompt) == Answer(
        VALUE, "gemini", (attempt("primary", "retired"), attempt("gemini", tokens=(5, 3)))
    )


def test_an_answer_that_does_not_fit_costs_tokens_and_counts_as_a_fault(clock, rungs, prompt):
    rungs[0].does, rungs[1].does = ['{"plain": 1}'], ["no"]
    assert ask(Ladder(rungs, clock), prompt) == Answer(
        None, "rules", (attempt("primary", "garbage", tokens=(5, 3)), attempt("gemini", "garbage", tokens=(5, 3)))
    )


def test_an_answer_that_broke_off_is_refused_even_where_it_reads_well_and_its_tokens_are_kept(clock, rungs, prompt):
    rungs[0].does = [Completion(ANSWER, 5, 400, is_whole=False)]
    assert ask(Ladder(rungs[:1], clock), prompt) == Answer(
        None, "rules", (attempt("primary", "cut_off", tokens=(5, 400)),)
    )


def test_an_answer_that_its_reader_refuses_is_garbage(clock, rungs, prompt):
    def refuse(_):
        raise ValueError

    assert ask(Ladder(rungs, clock), prompt, read=refuse).rung == "rules"


def test_each_rung_gets_its_timeout_or_what_is_left(clock, rungs, prompt):
    rungs[0].takes_s = rungs[1].takes_s = 60
    answer = ask(Ladder(rungs, clock), prompt, budget_s=5)
    assert (rungs[0].given, rungs[1].given, clock.now) == ([3.5], [1.5], 1005)
    assert [one.fault for one in answer.attempts] == ["timeout", "timeout"]


def test_a_rung_without_time_is_not_tried_and_not_blamed(clock, rungs, prompt):
    rungs[0].takes_s = 60
    ladder = Ladder(rungs, clock)
    for _ in range(3):
        answer = ask(ladder, prompt, budget_s=3.7)
        assert answer.attempts[1] == attempt("gemini", "no_time", 0)
    assert rungs[1].given == []
    assert ask(ladder, prompt).rung == "gemini"


def test_a_timeout_can_be_longer_where_nobody_waits(clock, rungs, prompt):
    rungs[0].takes_s = 15
    assert ask(Ladder(rungs, clock), prompt, budget_s=40, timeout_s=20).rung == "primary"


def test_a_rung_that_failed_three_times_is_passed_over_then_tried_once(clock, rungs, prompt):
    rungs[0].does = [RungError(Fault.REFUSED)] * 4
    ladder = Ladder(rungs, clock)
    for _ in range(3):
        assert ask(ladder, prompt).attempts[0].fault == "refused"
    assert ask(ladder, prompt).attempts == (attempt("primary", "breaker_open", 0), attempt("gemini", tokens=(5, 3)))
    clock.now += 30
    assert [ask(ladder, prompt).attempts[0].fault for _ in range(2)] == ["refused", "breaker_open"]
    clock.now += 30
    assert [ask(ladder, prompt).rung for _ in range(2)] == ["primary", "primary"]


def test_a_rung_that_asks_for_a_pause_gets_it(clock, rungs, prompt):
    rungs[0].does = [RungError(Fault.RATE_LIMITED, retry_after_s=7)]
    ladder = Ladder(rungs, clock)
    assert [ask(ladder, prompt).attempts[0].fault for _ in range(2)] == ["rate_limited", "breaker_open"]
    clock.now += 7
    assert ask(ladder, prompt).rung == "primary"


def options(primary, gemini, timeout_s=3.5):
    return {
        "primary": {"base_url": f"{primary}/v1", "model": "small", "api_key": "", "timeout_s": timeout_s},
        "gemini": {"base_url": gemini, "model": "some", "api_key": "key", "timeout_s": timeout_s},
    }


@pytest.mark.parametrize(
    ("lacking", "left"),
    [
        ([], ["primary", "gemini"]),
        ([("primary", "model")], ["gemini"]),
        ([("gemini", "api_key")], ["primary"]),
        ([("gemini", "model")], ["primary"]),
        ([("primary", "model"), ("gemini", "api_key")], []),
    ],
)
def test_without_a_model_or_a_key_there_is_no_rung(lacking, left):
    given = options("http://x", "http://y")
    for rung, key in lacking:
        given[rung][key] = ""
    assert [rung.name for rung in build(given).rungs] == left
    assert build({}).rungs == ()


@pytest.mark.parametrize(("way", "fault"), UNFIT.items())
def test_an_answer_that_does_not_fit_moves_on_to_the_next_rung(server, prompt, way, fault):
    server.faults = [way]
    answer = ask(build(options(server.url, server.url, 20)), prompt, budget_s=40)
    assert (answer.value, answer.rung, [one.fault for one in answer.attempts]) == (VALUE, "gemini", [fault, ""])


@pytest.mark.parametrize("way", ["fenced", "sloppy"])
def test_an_answer_that_can_be_mended_is_taken(server, prompt, way):
    server.faults = [way]
    assert ask(build(options(server.url, server.url, 20)), prompt, budget_s=20).rung == "primary"


def test_two_servers_that_never_answer_cost_the_budget_and_not_more(server, prompt):
    server.faults = ["silent", "drip_headers"]
    answer = ask(build(options(server.url, server.url, 0.6)), prompt, budget_s=1)
    assert (answer.rung, [one.fault for one in answer.attempts]) == ("rules", ["timeout", "timeout"])
    assert not server.let_go.is_set()


def test_many_callers_at_once_each_get_their_own_answer(prompt):
    def reverse(request):
        return f'{{"plain": "{request.text[::-1]}", "quote": ""}}'

    with LlmServer(answer=reverse) as server:
        ladder = build(options(server.url, server.url, 20))
        questions = [f"question {number}" for number in range(40)]
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(
                lambda asked: ladder.ask(_asking(prompt, asked), budget_s=20, read=lambda found: found["plain"]),
                questions,
            )
            assert [(one.value, one.rung) for one in answers] == [(asked[::-1], "primary") for asked in questions]


def _asking(prompt, text):
    return type(prompt)(prompt.name, prompt.version, prompt.system, text, prompt.schema)
