"""Conversations while both language models misbehave in every order: does each end, in time, and with nothing invented?

Scripted callers mix answers that the rules read with answers that they do not. Each turn goes the way of a live call,
doubt -> advise -> step, against two servers of its own on loopback that do, turn by turn, what the script of faults
says. Budgets are the live ones times --scale. Usage: python bench/llm_chaos.py [--conversations 300] [--seed 1]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.llm_server import GEMINI_FAULTS, HANGING, PRIMARY_FAULTS, UNFIT, LlmServer  # noqa: E402 -- the path comes first
from voice import dialogue  # noqa: E402 -- the path comes first
from voice.dialogue.rehearsal import Caller, Dialogue  # noqa: E402 -- the path comes first
from voice.events import Direction, Utterance  # noqa: E402 -- the path comes first
from voice.llm import RULES, Ladder, advise  # noqa: E402 -- the path comes first
from voice.llm.gemini import Gemini  # noqa: E402 -- the path comes first
from voice.llm.openai_compatible import OpenAiCompatible  # noqa: E402 -- the path comes first
from voice.understanding import prepare, understand  # noqa: E402 -- the path comes first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.llm_server import Request
    from voice.dialogue import Doubt, State
    from voice.llm.base import Completion, Prompt

BUDGET_S, TIMEOUT_S = 8.0, 3.5  # of a live turn, and of one rung in it
SLACK_S = 0.25  # for reading the answer and the step itself
NOW = datetime.fromisoformat("2026-03-10T15:00:00+05:30")
KNOWLEDGE = """Every flat has covered parking for one car. The maintenance is 3 rupees per square foot.
Possession is in December 2027. The builder is Kolte Homes."""

# Said first; the rules cannot read it, or it is a question.
ODD = {
    "location": ["that vakkar side only", "near where the metro line ends", "udhar hi jahan mera office hai"],
    "category": ["something of my own only"],
    "property_type": ["something with a garden in front", "the kind with a terrace on top", "jo sabse upar hota hai"],
    "bedrooms": ["space for me and both my kids", "enough for a joint family"],
    "budget": ["whatever the bank will give me", "jitna bhai ne diya tha utna hi", "as per the market rate only"],
    "consent": ["let me think about that part", "my wife decides these things"],
}
QUESTIONS = {
    "is there covered parking for two cars": ("Every flat has parking.", "Every flat has covered parking for one car."),
    "what is the maintenance charge per month": ("It is 3 rupees per square foot.", "The maintenance is 3 rupees"),
    "do you have a swimming pool there": ("", ""),
    "when is the possession": ("In December 2027.", "Possession is in December 2027."),
}
PLAIN = {
    "identity": ["yes speaking"],
    "location": ["Baner in Pune", "Kothrud Pune"],
    "category": ["residential"],
    "property_type": ["a flat", "apartment"],
    "bedrooms": ["2 BHK", "three bedrooms"],
    "budget": ["up to seventy lakhs", "80 to 90 lakh"],
    "consent": ["yes please call me", "no thank you"],
}
KINDS = {"category", "property_type", "purpose"}  # what a model may rephrase any words to; read back to the caller
MEANT = {"that vakkar side only": ("location", "vakkar", "Wakad, Pune")}

GOOD = ("fine", "lies", "fenced", "whole")
FAULTS = ("silent", "drip_headers", "drip_body", "refused", "401", "404", "410", "429", "500", "prose", "misfit",
          "half", "empty", "endless", "huge_line", "midway", "html", "redirect", "cut_off")  # fmt: skip
NAMES = {
    "primary": {**PRIMARY_FAULTS, **HANGING, **UNFIT, "refused": "refused"},
    "gemini": {**GEMINI_FAULTS, **HANGING, **UNFIT, "refused": "refused", "whole": ""},
}


@dataclass
class Line:
    """A rung whose server is there, or not, as the turn's script says."""

    real: OpenAiCompatible | Gemini
    dead: OpenAiCompatible | Gemini
    is_dead: bool = False

    @property
    def name(self) -> str:
        """As in records."""
        return self.real.name

    @property
    def model(self) -> str:
        """Of the real one."""
        return self.real.model

    @property
    def timeout_s(self) -> float:
        """Of the real one."""
        return self.real.timeout_s

    def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """From the server, or from an address where nobody listens."""
        return (self.dead if self.is_dead else self.real).complete(prompt, timeout_s)


@dataclass
class Expected:
    """What the ladder should do, told a second time and simpler: three faults in a row, or a 429, end a rung's part."""

    faults: Counter[str] = field(default_factory=Counter)
    is_open: set[str] = field(default_factory=set)

    def turn(self, ways: dict[str, str]) -> tuple[str, list[str]]:
        """The rung that answers, and what is recorded of each."""
        recorded = []
        for rung, way in ways.items():
            fault = "breaker_open" if rung in self.is_open else str(NAMES[rung].get(way, ""))
            recorded.append(fault)
            if not fault:
                self.faults[rung] = 0
                return rung, recorded
            self.faults[rung] += 1
            if self.faults[rung] >= 3 or way == "429":
                self.is_open.add(rung)
        return RULES, recorded


class Script:
    """Deals what the two servers do: each ordered pair once before any comes again."""

    def __init__(self, seed: int) -> None:
        self.ways = (*GOOD, *FAULTS)
        self.pairs = list(itertools.product(self.ways, self.ways))
        self.random = random.Random(seed)
        self.random.shuffle(self.pairs)
        self.total = len(self.pairs)
        self.lock = threading.Lock()

    def deal(self, *, both_asked: bool) -> dict[str, str]:
        """What the two servers do in a turn; an order counts where neither is left alone by its breaker."""
        with self.lock:
            if both_asked and self.pairs:
                first, second = self.pairs.pop()
            else:
                first, second = self.random.choice(self.ways), self.random.choice(self.ways)
        return {"primary": first, "gemini": second}


@dataclass
class Result:
    """What a conversation showed; seconds."""

    outcome: str = ""
    asked: int = 0
    slowest_s: float = 0
    ways: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    rungs: Counter[str] = field(default_factory=Counter)
    misread: int = 0


def main() -> None:
    options = _options()
    prepare()
    _warm_up()
    script, began = Script(options.seed), time.monotonic()
    callers = [_caller(options.seed, number) for number in range(options.conversations)]
    lines = _Lines(options.scale)
    with lines, ThreadPoolExecutor(options.at_once) as pool:
        results = list(pool.map(lambda caller: _converse(caller, script, lines, options.scale), callers))
    _print(results, script, options.scale, time.monotonic() - began)
    finished = all(one.outcome for one in results) and not script.pairs
    in_time = max(one.slowest_s for one in results) <= BUDGET_S * options.scale + SLACK_S
    sys.exit(0 if finished and in_time and not any(one.wrong or one.invented for one in results) else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1, help="of the live budgets; 0.3 is quicker")
    parser.add_argument("--at-once", type=int, default=16)
    return parser.parse_args()


class _Lines:
    """A pair of servers a thread."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.own = threading.local()
        self.stack = ExitStack()
        self.lock = threading.Lock()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.dead = f"http://127.0.0.1:{taken.getsockname()[1]}"

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def servers(self) -> dict[str, LlmServer]:
        if not hasattr(self.own, "servers"):
            answers = {"lies": _lies}
            made = {rung: LlmServer(_truth, answers=answers, retry_after="30") for rung in ("primary", "gemini")}
            with self.lock:
                for server in made.values():
                    self.stack.enter_context(server)
            self.own.servers = made
        return dict(self.own.servers)

    def ladder(self) -> Ladder:
        primary, gemini = (server.url for server in self.servers().values())
        timeout_s = TIMEOUT_S * self.scale
        return Ladder(
            (
                Line(
                    OpenAiCompatible(primary, "chaos", timeout_s=timeout_s),
                    OpenAiCompatible(self.dead, "chaos", timeout_s=timeout_s),
                ),
                Line(
                    Gemini("key", "chaos", gemini, timeout_s=timeout_s),
                    Gemini("key", "chaos", self.dead, timeout_s=timeout_s),
                ),
            )
        )


def _converse(caller: Caller, script: Script, lines: _Lines, scale: float) -> Result:
    result, expected, ladder = Result(), Expected(), lines.ladder()
    state, reply = dialogue.begin(dialogue.Script(), name="Meena", direction=Direction.OUTBOUND, at=NOW)
    while not reply.ends_call:
        heard = Utterance(at=NOW, text=caller.answer(reply.asked))
        began, advice = time.monotonic(), None
        doubt = dialogue.doubt(state, heard)
        if doubt:
            ways = script.deal(both_asked=not expected.is_open)
            advice = _asked(doubt, ladder, lines.servers(), ways, expected, result, scale)
        state, reply = dialogue.step(state, heard, advice=advice, knowledge=KNOWLEDGE)
        result.slowest_s = max(result.slowest_s, time.monotonic() - began)
    result.outcome = state["outcome"]
    result.invented = list(_invented(state, caller.dialogue))
    result.misread = sum(slot in KINDS for slot, _ in _unsaid(state, caller.dialogue))
    return result


def _asked(
    doubt: Doubt,
    ladder: Ladder,
    servers: dict[str, LlmServer],
    ways: dict[str, str],
    expected: Expected,
    result: Result,
    scale: float,
) -> dialogue.Advice | None:
    for rung, line in zip(ladder.rungs, servers, strict=True):
        way = ways[line]
        vars(rung)["is_dead"] = way == "refused"
        # A server that rejects is asked twice, once without a schema.
        servers[line].faults = ["fine" if line == "gemini" and way == "whole" else way] * 2
    advised = advise(ladder, doubt, knowledge=KNOWLEDGE, brokerage="Sunrise Realty", budget_s=BUDGET_S * scale)
    should = expected.turn(ways)
    did = advised.rung, [one.fault for one in advised.attempts]
    result.asked += 1
    result.rungs[advised.rung] += 1
    if did != should:
        result.wrong.append(f"{ways}: {did} instead of {should}")
    for one in advised.attempts:
        if one.fault != "breaker_open":
            result.ways[one.rung, ways[one.rung], one.fault] += 1
    return advised.advice


def _unsaid(state: State, said: Dialogue) -> Iterator[tuple[str, str]]:
    """Slot and sentence for each value that is not among what the caller's answers mean."""
    meant = _meant(said)
    for slot, one in state["slots"].items():
        if one["turn"] and json.dumps(one["value"]) not in meant.get(slot, set()):
            yield slot, f"{slot}={one['value']} from {one['words']!r}"


def _invented(state: State, said: Dialogue) -> Iterator[str]:
    """Figures, places, answers and ends that nobody gave, and values without words of the caller's."""
    texts = " | ".join(text for all_said in said.answers.values() for text in all_said)
    for slot, sentence in _unsaid(state, said):
        if slot not in KINDS or state["slots"][slot]["words"] not in texts:
            yield sentence
    known = " ".join(KNOWLEDGE.split())
    for question in state["open_questions"]:
        if question["answer"] and question["answer"] not in known:
            yield f"answer {question['answer']!r}"
    if state["outcome"] != dialogue.Outcome.COMPLETED:
        yield f"outcome {state['outcome']}"


def _meant(said: Dialogue) -> dict[str, set[str]]:
    """Slot -> what it may become, in JSON: read from each answer alone, and from what the odd ones mean."""
    texts = [(asked, text) for asked, all_said in said.answers.items() for text in all_said]
    texts += [(MEANT[text][0], MEANT[text][2]) for _, text in texts if text in MEANT]
    meant: dict[str, set[str]] = {}
    for asked, text in texts:
        for one in understand(text, asked=asked, now=NOW).found:
            meant.setdefault(one.slot, set()).add(json.dumps(one.value))
    return meant


def _caller(seed: int, number: int) -> Caller:
    """One or two things that no rule reads, then the answer, question by question."""
    chance = random.Random(f"{seed} {number}")
    answers = {}
    for asked, plain in PLAIN.items():
        odd = chance.sample(ODD[asked], 1) if asked in ODD else []
        questions = chance.sample(sorted(QUESTIONS), 1) if odd and chance.random() < 0.4 else []
        answers[asked] = [*questions, *odd, chance.choice(plain)]
    return Caller(Dialogue(f"{number}", "Meena", "", NOW, answers, "yes", None))


def _said(request: Request) -> str:
    return str(json.loads(request.text.rpartition("instructions): ")[2]))


def _truth(request: Request) -> str:
    text = _said(request)
    asked, quote, plain = MEANT.get(text, ("", "", ""))
    answer, answer_quote = QUESTIONS.get(text, ("", ""))
    suggestions = [{"question": asked, "quote": quote, "plain": plain}] if asked else []
    return _advice(suggestions, answer=answer, answer_quote=answer_quote)


def _lies(request: Request) -> str:
    """In good form: figures, places, an intent and an answer that nobody gave, some with quotes that were said."""
    text = _said(request)
    part = " ".join(text.split()[:3])
    lies = [("budget", text, "up to 95 lakh"), ("location", part, "Hinjewadi, Pune"), ("bedrooms", "four bhk", "4 BHK"),
            ("property_type", part, "villa"), ("purpose", part, "to rent"), ("timeline", text, "in 3 months"),
            ("category", text, "commercial")]  # fmt: skip
    return _advice(
        [dict(zip(("question", "quote", "plain"), lie, strict=True)) for lie in lies],
        intent="not_interested",
        intent_quote="not interested",
        answer="The price is 45 lakh only.",
        answer_quote="Possession is in December 2027.",
    )


def _advice(suggestions: list[dict[str, str]], **more: str) -> str:
    empty = {"intent": "", "intent_quote": "", "answer": "", "answer_quote": ""}
    return json.dumps({"suggestions": suggestions} | empty | more)


def _warm_up() -> None:
    """Gemini's library takes a second to import, which a live budget has and a scaled one has not."""
    with LlmServer('{"a": 1}') as server:
        from voice.llm.base import Prompt  # noqa: PLC0415 -- needed here alone

        Gemini("key", "chaos", server.url).complete(Prompt("warm", "", "a", "b", {"type": "object"}), 60)


def _print(results: list[Result], script: Script, scale: float, took_s: float) -> None:
    ways = sum((one.ways for one in results), Counter[tuple[str, str, str]]())
    asked = sum(one.asked for one in results)
    wrong = list(itertools.chain.from_iterable(one.wrong for one in results))
    invented = list(itertools.chain.from_iterable(one.invented for one in results))
    print(f"{'rung':8} {'what its server did':20} {'recorded as':14} times")
    for (rung, way, fault), times in sorted(ways.items()):
        print(f"{rung:8} {way:20} {fault or 'answered':14} {times}")
    print()
    print(f"conversations finished    {sum(bool(one.outcome) for one in results)} of {len(results)}")
    print(f"pairs of behaviours       {script.total - len(script.pairs)} of {script.total}")
    budget = f"{BUDGET_S * scale:.2f} s ({BUDGET_S:g} s live, scaled by {scale:g})"
    print(f"slowest turn              {max(one.slowest_s for one in results):.2f} s, budget {budget}")
    rungs = sum((one.rungs for one in results), Counter[str]())
    print(f"right rung recorded       {asked - len(wrong)} of {asked} ({dict(sorted(rungs.items()))})")
    print(f"values invented           {len(invented)}")
    print(f"kinds taken from lies      {sum(one.misread for one in results)} (quoted, and agreed to by the caller)")
    print(f"took                      {took_s:.0f} s")
    for line in [*wrong[:10], *invented[:10]]:
        print("  " + line)


if __name__ == "__main__":
    main()
