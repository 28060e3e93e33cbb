"""Act out whole dialogues from a file of JSON lines, and print how each one ends."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from voice.dialogue.rehearsal import REQUIRED, Dialogue, DialogueError, rehearse
from voice.jsonl import BadLine, UnreadableFileError, open_lines, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Act out the dialogues of a JSON lines file; prints one JSON object a dialogue."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="one dialogue a line: id, lead, now, answers, default, inventory")

    def handle(self, *, file: str, **_: Any) -> None:
        try:
            with open_lines(file) as lines:
                refused = self._rehearse(lines)
        except UnreadableFileError as error:
            raise CommandError(str(error)) from None
        if refused:
            raise SystemExit(1)

    def _rehearse(self, lines: Iterable[bytes]) -> int:
        """Act out every good line at once, refuse the others; returns how many were refused."""
        refused = 0
        for item in _dialogues(lines):
            if isinstance(item, BadLine):
                refused += 1
                self.stderr.write(f"line {item.number}: {item.reason}.")
                continue
            self.stdout.write(json.dumps(rehearse(item, clock=time.perf_counter), ensure_ascii=False))
            self.stdout.flush()
        return refused


def _dialogues(lines: Iterable[bytes]) -> Iterator[Dialogue | BadLine]:
    for item in read_lines(lines, REQUIRED):
        if isinstance(item, BadLine):
            yield item
            continue
        number, line = item
        try:
            yield Dialogue.from_json(line)
        except DialogueError as error:
            yield BadLine(number, str(error))
