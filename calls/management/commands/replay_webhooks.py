"""Apply kept webhooks again after what stopped them was mended."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from calls import operations
from calls.models import WebhookEvent
from calls.queries import failed_events


class Command(BaseCommand):
    """Oldest first, each in its own transaction; one that fails again does not stop the others."""

    help = "Apply kept webhooks again: those that failed, or the ones named by id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="ids of webhook events")
        parser.add_argument("--failed", action="store_true", help="every event that was not applied")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not (options["failed"] or options["ids"]):
            raise CommandError("Say which: --failed for every failed event, or the ids of some.")
        now = timezone.now()
        events = failed_events(now=now)
        if options["ids"]:
            events = WebhookEvent.objects.filter(applied_at=None, pk__in=options["ids"])
        applied = failed = 0
        for event_id in events.order_by("received_at", "pk").values_list("pk", flat=True):
            try:
                applied += operations.replay(event_id, now=now)
            except Exception as error:  # noqa: BLE001 -- kept on the event and told here; the next one may work
                failed += 1
                self.stderr.write(f"Webhook event {event_id} failed again: {type(error).__name__}.")
        self.stdout.write(f"{applied} applied, {failed} failed.")
        if failed:
            raise CommandError("Some events failed again; each keeps its error in the admin under Webhook events.")
