"""Talk to the agent in the terminal, and see after each turn what it noted and from which words."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from voice import llm
from voice.dialogue import Script, begin, doubt, evidence, hang_up, step
from voice.dialogue.ending import ending
from voice.dialogue.script import LANGUAGES
from voice.events import Direction, Utterance
from voice.management.keyboard import read_line
from voice.understanding import prepare

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from voice.dialogue import State

_INDIA = ZoneInfo("Asia/Kolkata")
_NO_MODEL = (
    "No language model is set up. Set LLM_MODEL (and LLM_BASE_URL, unless Ollama runs on this machine), "
    "or GEMINI_API_KEY and GEMINI_MODEL; or talk with --provider rules."
)


class Command(BaseCommand):
    help = "Talk to the agent here. An empty line is silence, Ctrl-D hangs up."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--provider", choices=["rules", "llm"], default="rules", help="llm asks the models where rules are unsure"
        )
        parser.add_argument("--name", default="", help="the lead's name; empty when it is not known")
        parser.add_argument("--language", choices=sorted(LANGUAGES), default="en-IN")
        parser.add_argument("--knowledge", type=Path, help="a text file that a model may answer questions from")
        parser.add_argument("--inbound", action="store_true", help="you rang the agent")

    def handle(self, *, provider: str, knowledge: Path | None, **options: Any) -> None:
        self.ladder = llm.build(settings.LANGUAGE_MODELS if provider == "llm" else {})
        if provider == "llm" and not self.ladder.rungs:
            raise CommandError(_NO_MODEL)
        self.script = Script(language=options["language"])
        self.knowledge = _read(knowledge) if knowledge else ""
        prepare()  # a server has read its tables before the first call, too
        direction = Direction.INBOUND if options["inbound"] else Direction.OUTBOUND
        state, reply = begin(self.script, name=options["name"], direction=direction, at=datetime.now(_INDIA))
        self.stdout.write(f"Agent: {reply.text}")
        while not reply.ends_call:
            typed = read_line()
            if typed is None:
                state = hang_up(state)
                self.stdout.write("(the line drops)")
                break
            state, reply = self._turn(state, typed)
        outcome, reasons = ending(state, inventory=None)
        self.stdout.write("\n".join((f"\nEnded: {outcome}", *(f"  {reason}" for reason in reasons))))

    def _turn(self, state: State, typed: str) -> tuple[State, Any]:
        heard = Utterance(at=datetime.now(_INDIA), text=typed)
        began = time.perf_counter()
        unsure = doubt(state, heard) if self.ladder.rungs else None
        advised = unsure and llm.advise(
            self.ladder, unsure, knowledge=self.knowledge, brokerage=self.script.brokerage, budget_s=llm.LIVE_BUDGET_S
        )
        after, reply = step(state, heard, advice=advised.advice if advised else None, knowledge=self.knowledge)
        took_ms = (time.perf_counter() - began) * 1000
        for attempt in advised.attempts if advised else ():
            self.stdout.write(f"   asked {attempt.rung} ({attempt.model}): {attempt.fault or 'answered'}")
        for line in _noted(state, after):
            self.stdout.write(f"   {line}")
        self.stdout.write(f"   {took_ms:.1f} ms, by {advised.rung if advised else 'rules'}")
        self.stdout.write(f"Agent: {reply.text}")
        return after, reply


def _noted(before: State, after: State) -> list[str]:
    """What this turn changed: values with their words, what they replaced, and what a person should check."""
    now = after["turn"]
    lines = [
        f'{slot} = {json.dumps(one["value"], ensure_ascii=False)}  from "{one["words"]}"'
        for slot, one in evidence(after).items()
        if one["turn"] == now
    ]
    lines += [
        f"{one['slot']} was {json.dumps(one['value'], ensure_ascii=False)}; the caller took that back"
        for one in after["history"][len(before["history"]) :]
    ]
    lines += [f'{one["slot"]}: please check "{one["words"]}"' for one in after["review"][len(before["review"]) :]]
    return lines


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read as text: {error}") from None
