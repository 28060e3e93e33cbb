"""`manage.py api_key create|list|revoke`: keys for programs that use the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

_LONGEST_DAYS = 3650


class Command(BaseCommand):
    help = "Make, list and revoke API keys. A key is shown once, when it is made."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a key for a user")
        create.add_argument("--user", required=True, help="whose permissions the key has")
        create.add_argument("--days", type=int, help="how long it is valid; for ever if left out")
        listing = actions.add_parser("list", help="show the keys there are, by how they begin")
        listing.add_argument("--user", help="of this user only")
        revoke = actions.add_parser("revoke", help="end a key at once")
        revoke.add_argument("beginning", help="how the key begins, as `list` shows it")

    def handle(self, *, action: str, **options: Any) -> None:
        run: dict[str, Callable[..., None]] = {"create": self._create, "list": self._list, "revoke": self._revoke}
        run[action](**options)

    def _create(self, *, user: str, days: int | None, **_: Any) -> None:
        if days is not None and not 1 <= days <= _LONGEST_DAYS:
            raise CommandError(
                f"--days {days} is not between 1 and {_LONGEST_DAYS}. Leave it out for a key without end."
            )
        _, key = AuthToken.objects.create(_user(user), expiry=timedelta(days=days) if days else None)
        self.stdout.write(key)
        self.stderr.write("Keep this key now: it is not shown again. Send it as `Authorization: Token KEY`.")

    def _list(self, *, user: str | None, **_: Any) -> None:
        keys = AuthToken.objects.select_related("user").order_by("user__username", "created")
        for key in keys.filter(user=_user(user)) if user else keys:
            until = f"until {key.expiry:%Y-%m-%d}" if key.expiry else "without end"
            self.stdout.write(f"{key.token_key}...  {key.user.username}  made {key.created:%Y-%m-%d}, {until}")

    def _revoke(self, *, beginning: str, **_: Any) -> None:
        found = list(AuthToken.objects.filter(token_key=beginning.rstrip(".")))
        if len(found) != 1:
            raise CommandError("No key begins so. Copy its beginning from `manage.py api_key list`.")
        found[0].delete()
        self.stdout.write("The key is revoked.")


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name}. Make one in the admin, or with `manage.py createsuperuser`.")
    if not user.is_active:
        raise CommandError(f"The user {name} is not active, so a key would not work. Activate them in the admin first.")
    return user
