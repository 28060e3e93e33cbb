"""Delete what is kept no longer, or only tell what would be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from calls.operations import purging
from calls.operations.shelf import StorageError

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """What each night does by itself, now and to its end."""

    help = "Delete what is kept no longer; the days stand in the admin under Retention."

    def add_arguments(self, parser: CommandParser) -> None:
        """--dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be deleted")

    def handle(self, *, dry_run: bool, **_: object) -> None:
        """Tell the rows of each kind."""
        now = timezone.now()
        counts = Counter(purging.foretell(now=now)) if dry_run else Counter[str]()
        if not dry_run:
            for name, count in purging.batches(now=now):
                counts[name] += count
        verb = "would be deleted" if dry_run else "deleted"
        for name, count in counts.items():
            if count:
                self.stdout.write(f"{name}: {count} {verb}")
        if not counts.total():
            self.stdout.write("Nothing is older than it may be.")
        if not dry_run:
            _tidy(now)


def _tidy(now: datetime) -> None:
    try:
        purging.tidy(now=now)
    except StorageError as error:
        raise CommandError(f"{error} Files that should be gone are looked for again each night.") from error
