"""`manage.py export_corrections`: what staff decided about heard values, in the form of the gold set."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from calls.operations.corrections import corrections

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Write each decided value as a line of JSON: id, asked, text, now, expect, why, was, engine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="only what was decided from this day on, such as 2026-03-01")
        parser.add_argument("--output", type=Path, help="the file to write; without it they are printed")

    def handle(self, *, since: str | None, output: Path | None, **_: Any) -> None:
        begin = _day(since) if since else None
        written = 0
        try:
            with output.open("w", encoding="utf-8") if output else nullcontext(self.stdout) as out:
                for case in corrections(since=begin):
                    out.write(json.dumps(case, ensure_ascii=False) + "\n")
                    written += 1
        except OSError as error:
            if output is None:
                raise
            raise CommandError(f"{output} cannot be written: {error.strerror}. Give another path.") from error
        if output:
            self.stdout.write(f"{written} {'correction is' if written == 1 else 'corrections are'} in {output}.")


def _day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since takes a day such as 2026-03-01, and {text!r} is none.") from None
    return day if day.tzinfo else timezone.make_aware(day)
