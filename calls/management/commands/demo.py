"""`manage.py demo`: a brokerage to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from realty import demo

if TYPE_CHECKING:
    from argparse import ArgumentParser

_NOT_EMPTY = (
    "There are leads here that are not of the demo, so it was not added. `manage.py demo --force` adds it anyway."
)
_RINGS_PEOPLE = (
    "Calls go out over {provider}, and the demo's numbers may be somebody's, so it was not added. "
    "`manage.py demo --force` adds it anyway; do not call its leads."
)


class Command(BaseCommand):
    help = "Add a demo brokerage: 40 leads, 60 listings, 26 finished calls. A second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also where there are other leads or a real provider")

    def handle(self, *, force: bool, **_: Any) -> None:
        if settings.DEFAULT_PROVIDER != "pretend" and not force and not demo.is_loaded():
            raise CommandError(_RINGS_PEOPLE.format(provider=settings.DEFAULT_PROVIDER))
        try:
            added = demo.load(now=timezone.now(), force=force)
        except demo.NotEmptyError:
            raise CommandError(_NOT_EMPTY) from None
        if not added:
            self.stdout.write("The demo brokerage is there already.")
            return
        self.stdout.write("The demo brokerage is ready: 40 leads, 60 listings and 26 finished calls.")
