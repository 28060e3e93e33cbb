"""`manage.py prepare`: the database, the static files, the demo brokerage and the first admin."""

import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from realty import preparation


class Command(BaseCommand):
    help = "Prepare the database, the static files, the demo brokerage and the first admin. Safe to repeat."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            preparation.require_disk(settings.VAR_DIR)
            preparation.require_database()
        except preparation.NotReadyError as error:
            sys.exit(str(error))
        if preparation.apply_migrations():
            self.stdout.write("The database is up to date.")
        if preparation.collect_static():
            self.stdout.write("The static files are in place.")
        if preparation.first_admin():
            self.stdout.write(f"The user {preparation.ADMIN_NAME} has a password in {preparation.password_file()}.")
        try:
            call_command("demo", stdout=self.stdout)
        except CommandError as refusal:  # somebody works here in earnest
            self.stdout.write(str(refusal))
