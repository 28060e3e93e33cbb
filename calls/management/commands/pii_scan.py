"""Look for a person in all that is kept: the proof of an erasure."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from calls.operations import tracing
from leads.phones import normalise
from leads.spellings import Whose, pattern_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from django.core.management.base import CommandParser

    from calls.operations.tracing import Trace


class Command(BaseCommand):
    """Reads every text of every table, and the files below MEDIA_ROOT and VAR_DIR."""

    help = "Look for a phone number, an e-mail address or a name in all that is kept; exit code 1 where it is found."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to look for, and where else."""
        parser.add_argument("--phone", action="append", default=[], help="a number, in any spelling")
        parser.add_argument("--email", action="append", default=[])
        parser.add_argument("--name", action="append", default=[], help="a name, as a whole")
        parser.add_argument("--erased-proof", type=Path, help="a file that erase --proof wrote")
        parser.add_argument("--files", action="append", default=[], type=Path, help="one more folder, such as of logs")

    def handle(self, **options: Any) -> None:
        """Tell each place, and never what stands there."""
        whose = _whose(options)
        pattern = pattern_of(whose)
        if pattern is None:
            raise CommandError("Say what to look for: --phone, --email, --name or --erased-proof.")
        for folder in options["files"]:
            if not folder.is_dir():
                raise CommandError(f"{folder} is no folder. Give --files a folder, such as the one with the logs.")
        found, unread = 0, 0
        for trace in _traces(whose, pattern, options):
            found += trace.column != tracing.UNREADABLE
            unread += trace.column == tracing.UNREADABLE
            self.stdout.write(str(trace))
        if unread:
            self.stderr.write(f"{unread} files or folders cannot be read. Run this as a user who may read them.")
        if found:
            self.stderr.write(f"Found in {found} {'place' if found == 1 else 'places'}.")
        if found or unread:
            sys.exit(1)
        self.stdout.write("Found nowhere.")


def _traces(whose: Whose, pattern: re.Pattern[str], options: dict[str, Any]) -> Iterator[Trace]:
    for _, trace, _ in tracing.rows_with(whose):
        yield trace
    proof = options["erased_proof"]
    but = {*_database_files(), *([proof.resolve()] if proof else [])}
    folders = [Path(settings.MEDIA_ROOT), Path(settings.VAR_DIR), *options["files"]]
    yield from tracing.files_with(pattern, [one for one in folders if one.is_dir()], but=frozenset(but))


def _database_files() -> set[Path]:
    """SQLite's own files: their rows are read as rows, and what they freed is overwritten."""
    if connection.vendor != "sqlite":
        return set()
    base = str(connection.settings_dict["NAME"])
    return {Path(base + end).resolve() for end in ("", "-wal", "-shm", "-journal")}


def _whose(options: dict[str, Any]) -> Whose:
    known = _proof(options["erased_proof"])
    try:
        phones = [normalise(phone) for phone in options["phone"]]
    except ValueError as error:
        raise CommandError(str(error)) from None
    return Whose(
        phones=frozenset([*phones, *known.get("phones", [])]),
        emails=frozenset([*options["email"], *known.get("emails", [])]),
        names=frozenset([*options["name"], *known.get("names", [])]),
    )


def _proof(file: Path | None) -> dict[str, list[str]]:
    if file is None:
        return {}
    try:
        known: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {error}. Give a file that erase --proof wrote.") from None
    return known
