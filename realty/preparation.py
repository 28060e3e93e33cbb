"""What must be in order before the web server and the worker start; each step is quick when nothing is to do."""

from __future__ import annotations

import errno
import hashlib
import secrets
import shutil
import socket
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from realty import env

ADMIN_NAME = "admin"
LEAST_FREE_MB = 200
LAST_PORT = 65_535


class NotReadyError(Exception):
    """Something outside the program stands in the way; the message is a sentence with the cure."""


def require_disk(folder: Path, least_mb: int = LEAST_FREE_MB) -> None:
    """Raise NotReadyError when nothing can be written in `folder`, or its disk is nearly full."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix="probe."):
            pass
    except OSError as error:
        raise NotReadyError(env.no_folder(folder, error)) from None
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < least_mb:
        raise NotReadyError(
            f"Only {free_mb} MB are free on the disk of {folder}. "
            f"Free at least {least_mb} MB there, or set VAR_DIR to a folder on a larger disk."
        )


def require_port(host: str, port: int) -> None:
    """Raise NotReadyError when nothing can listen at this address."""
    if not 0 < port <= LAST_PORT:
        raise NotReadyError(f"{port} is no port: those go from 1 to {LAST_PORT}. Run `manage.py up --port 8000`.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise NotReadyError(
            f"{host}:{port} is no address of this machine. Run `manage.py up --host 127.0.0.1`."
        ) from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise NotReadyError(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Stop what uses it or run `manage.py up --port {port + 1}`."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system. Run `manage.py up --port 8000`."
    return f"{host} is no address of this machine. Run `manage.py up --host 127.0.0.1`."


def require_database() -> None:
    """Raise NotReadyError when the database does not answer."""
    try:
        connection.ensure_connection()
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        raise NotReadyError(f"The database does not answer ({reason}). Start it, or correct DATABASE_URL.") from None


def apply_migrations() -> bool:
    """Bring the database's tables up to date; False when they already were."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def collect_static() -> bool:
    """Copy style sheets, scripts and pictures to STATIC_ROOT; False when none of them changed since last time."""
    stamp = Path(settings.VAR_DIR) / "static.stamp"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    digest = _static_digest()
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest)
    return True


def _static_digest() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            digest.update(f"{name}\0{storage.size(name)}\0{storage.get_modified_time(name)}\n".encode())
    return digest.hexdigest()


def first_admin() -> bool:
    """Create the user `admin` with a generated password, kept in `password_file()`; False when an admin exists."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return False
    password = secrets.token_urlsafe(12)
    file = password_file()
    file.touch(mode=0o600)
    file.write_text(password + "\n")
    users.objects.create_superuser(username=ADMIN_NAME, email="", password=password)
    return True


def login_hint() -> str:
    """A line that tells how to log in; the password is in it as long as nobody changed it."""
    user = get_user_model().objects.filter(username=ADMIN_NAME, is_superuser=True).first()
    if user is None:
        return "Log in with your own name; `manage.py createsuperuser` makes a new one."
    file = password_file()
    password = file.read_text().strip() if file.exists() else ""
    if password and user.check_password(password):
        return f"Log in as {ADMIN_NAME} with the password {password}"
    return f"Log in as {ADMIN_NAME} with your password; `manage.py changepassword {ADMIN_NAME}` sets a new one."


def password_file() -> Path:
    """Where the generated password of the first admin is kept, readable by its owner alone."""
    return Path(settings.VAR_DIR) / "admin_password"
