"""Hold one conversation in the terminal, with a pretend person or with you, and show what the agent made of it."""

from __future__ import annotations

import json
import random
import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from leads.phones import normalise
from voice.dialogue import Script, begin, evidence, hang_up, step
from voice.dialogue.ending import ending
from voice.events import Direction, Utterance
from voice.management.keyboard import read_line
from voice.personas import PERSONAS, Callee

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import CommandParser

    from voice.dialogue import State

_INDIA = ZoneInfo("Asia/Kolkata")
_LINES = {"busy": "The line is busy.", "no_answer": "Nobody picks up."}


class Command(BaseCommand):
    help = "Simulate one call without server or database. Try --interactive to answer it yourself."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the lead's name; empty when it is not known")
        parser.add_argument("--phone", required=True, help="the lead's number, in any usual way of writing it")
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--persona", default="cooperative", help=f"who answers: {', '.join(PERSONAS)}")
        who.add_argument(
            "--interactive", action="store_true", help="you answer; an empty line is silence, Ctrl-D hangs up"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
        parser.add_argument("--seed", type=int, help="a number; the same one gives the same conversation")

    def handle(self, *, name: str, phone: str, persona: str, seed: int | None, **options: Any) -> None:
        try:
            number = normalise(phone)
        except ValueError as error:
            raise CommandError(str(error)) from None
        if persona not in PERSONAS:
            raise CommandError(f'There is no persona "{persona}". Choose from {", ".join(PERSONAS)}.')
        # Whoever answers by hand still needs to read the questions while the document goes to standard output.
        show = self.stderr if options["json"] and options["interactive"] else self.stdout
        quiet = options["json"] and not options["interactive"]
        callee = Callee(PERSONAS[persona], name, random.randrange(2**32) if seed is None else seed)
        answer = (lambda _: read_line()) if options["interactive"] else callee.answer
        line = "answers" if options["interactive"] else callee.persona.line
        tell: Callable[[str], object] = (lambda _: None) if quiet else (lambda text: show.write(text, ending="\n"))
        summary = _call(name, number, line=line, answer=answer, tell=tell)
        summary["session_id"] = str(_session_id(seed, name, number, persona))
        self.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2) if options["json"] else _readable(summary))


def _call(
    name: str, phone: str, *, line: str, answer: Callable[[str], str | None], tell: Callable[[str], object]
) -> dict[str, Any]:
    """One call from dialling to its summary; durations in seconds."""
    started = time.monotonic()
    summary: dict[str, Any] = {"session_id": "", "lead": {"name": name, "phone": phone}}
    tell(f"Calling {name or 'somebody'} on {phone}")
    if line in _LINES:
        tell(_LINES[line])
        return summary | {
            "collected_data": {},
            "status": line,
            "reasons": [_LINES[line]],
            "conversation_turns": 0,
            "duration_seconds": 0.0,
            "transcript": [],
        }
    state, transcript = _talk(name, answer, tell)
    status, reasons = ending(state, inventory=None)
    return summary | {
        "collected_data": {
            slot: {"value": one["value"], "words": one["words"], "turn": one["turn"]}
            for slot, one in evidence(state).items()
        },
        "status": status,
        "reasons": list(reasons),
        "conversation_turns": sum(said["who"] == "agent" for said in transcript),
        "duration_seconds": round(time.monotonic() - started, 3),
        "transcript": transcript,
    }


def _talk(
    name: str, answer: Callable[[str], str | None], tell: Callable[[str], object]
) -> tuple[State, list[dict[str, str]]]:
    transcript: list[dict[str, str]] = []

    def note(who: str, text: str) -> None:
        transcript.append({"who": who, "text": text})
        tell(f"{who.title():>6}: {text or '(silence)'}")

    state, reply = begin(Script(), name=name, direction=Direction.OUTBOUND, at=datetime.now(_INDIA))
    while not reply.ends_call:
        note("agent", reply.text)
        heard = answer(reply.text)
        if heard is None:
            tell("The line drops.")
            return hang_up(state), transcript
        note("caller", heard)
        state, reply = step(state, Utterance(at=datetime.now(_INDIA), text=heard))
    if reply.text:
        note("agent", reply.text)
    return state, transcript


def _session_id(seed: int | None, name: str, phone: str, persona: str) -> uuid.UUID:
    if seed is None:
        return uuid.uuid4()
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} {name} {phone} {persona}")


def _readable(summary: dict[str, Any]) -> str:
    lines = [
        "",
        f"Session   {summary['session_id']}",
        f"Lead      {summary['lead']['name'] or 'name not known'}, {summary['lead']['phone']}",
        f"Status    {summary['status']}",
        f"Turns     {summary['conversation_turns']}",
        f"Duration  {summary['duration_seconds']} s",
        "Reasons",
        *(f"  {reason}" for reason in summary["reasons"]),
    ]
    if summary["collected_data"]:
        lines.append("Collected")
        lines += [
            f'  {slot:<14} {json.dumps(one["value"], ensure_ascii=False)}  from "{one["words"]}" in turn {one["turn"]}'
            for slot, one in summary["collected_data"].items()
        ]
    return "\n".join(lines)
