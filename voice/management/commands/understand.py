"""Print what each utterance of a file means: one JSON object a line, without database, network or language model."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from voice.jsonl import BadLine, UnreadableFileError, open_lines, read_lines
from voice.understanding import prepare, understand

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable

_REQUIRED = {"text": str, "asked": str, "now": str}


class Command(BaseCommand):
    help = "Read utterances (one JSON object a line: id, asked, text, now) and print the slots that each one fills."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl", help='the utterances; "-" reads standard input')

    def handle(self, *_: Any, **options: Any) -> None:
        prepare()
        try:
            with open_lines(options["file"]) as lines:
                refused = self._understand(lines)
        except UnreadableFileError as error:
            raise CommandError(str(error)) from None
        if refused:
            raise SystemExit(1)

    def _understand(self, lines: Iterable[bytes]) -> int:
        """Answer every good line at once, refuse the others; returns how many were refused."""
        refused = 0
        for line in read_lines(lines, _REQUIRED):
            answer = line if isinstance(line, BadLine) else _answer(*line)
            if isinstance(answer, BadLine):
                refused += 1
                self.stderr.write(f"line {answer.number}: {answer.reason}.")
                continue
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            self.stdout.flush()
        return refused


def _answer(number: int, row: dict[str, Any]) -> dict[str, Any] | BadLine:
    try:
        now = datetime.fromisoformat(row["now"])
    except ValueError:
        return BadLine(number, '"now" is not an ISO 8601 time; write for example 2026-03-05T15:00:00+05:30')
    if now.utcoffset() is None:
        return BadLine(number, '"now" has no offset; write for example 2026-03-05T15:00:00+05:30')
    started = time.perf_counter()
    slots = understand(row["text"], asked=row["asked"], now=now).slots
    spent = (time.perf_counter() - started) * 1000
    return {"id": row.get("id"), "slots": slots, "ms": round(spent, 3)}
