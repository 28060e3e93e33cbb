"""Remove a person everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from calls.operations import erasing
from leads.models import Lead

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from calls.operations.erasing import Preview
    from leads.spellings import Whose


class Command(BaseCommand):
    """Shows what goes and what stays, asks, and erases."""

    help = "Remove a lead everywhere: rows, files, history, jobs, stored webhooks. Shows a preview and asks first."

    def add_arguments(self, parser: CommandParser) -> None:
        """LEAD, --yes, --proof."""
        parser.add_argument("lead", help="the lead's id, or the phone number in E.164 form")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--proof",
            type=Path,
            help="write what was known of the person to this file, for pii_scan --erased-proof; delete it after",
        )

    def handle(self, *, lead: str, yes: bool, proof: Path | None, **_: object) -> None:
        """Preview, question, erasure."""
        found = Lead.objects.filter(phone=lead).first() if lead.startswith("+") else None
        found = found or (Lead.objects.filter(pk=lead).first() if lead.isdecimal() else None)
        if found is None:
            raise CommandError(f"There is no lead {lead}. Give the id that stands in the address of the lead's page.")
        foretold = erasing.preview(found)
        self._tell(foretold)
        if foretold.refusal:
            raise CommandError(foretold.refusal)
        if not yes and _answer(f"Type the lead's id, {found.pk}, to erase this person: ") != str(found.pk):
            raise CommandError("Nothing was erased.")
        if proof:
            _write(proof, foretold.whose)  # before: what cannot be written must not be found out after
        try:
            erasing.erase(found.pk, now=timezone.now())
        except (erasing.CannotEraseError, Lead.DoesNotExist) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(self.style.SUCCESS("Erased."))

    def _tell(self, foretold: Preview) -> None:
        self.stdout.write("This goes:")
        for label, count in foretold.goes.items():
            self.stdout.write(f"  {count} {label}")
        if foretold.at_providers:
            self.stdout.write(f"  {foretold.at_providers} recordings at providers")
        if foretold.changes:
            self.stdout.write("The person is taken out of these, which stay:")
        for label, count in foretold.changes.items():
            self.stdout.write(f"  {count} {label}")
        self.stdout.write("This stays:")
        for sentence in foretold.stays:
            self.stdout.write(f"  {sentence}")


def _answer(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _write(proof: Path, whose: Whose) -> None:
    """What the erasure takes away, and nothing that others go by, too; for this user's eyes only."""
    known = {"phones": sorted(whose.phones), "emails": sorted(whose.emails), "names": sorted(whose.names)}
    try:
        proof.touch(mode=0o600)
        proof.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{proof} cannot be written: {error.strerror}. Nothing was erased.") from None
