"""Typed readers of environment variables that stop the start on a malformed value, naming its cure."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from datetime import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")
_DATABASES = ("sqlite://", "postgres://", "postgresql://")


def read_dotenv(path: Path) -> None:
    """Take what `.env` says; what the process already has in its environment wins."""
    if path.is_file():
        environ.Env.read_env(path, overwrite=False)


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; `default` when it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """True or False; anything that is neither stops the start."""
    value = text(name).lower()
    if not value:
        return default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(
        f"{name} is {value!r}, which is neither true nor false. Write {name}=true or {name}=false."
    )


def number(name: str, default: float, *, least: float = 0, most: float = float("inf")) -> float:
    """A number from `least` to `most`, in the unit that the variable's name ends in."""
    value = text(name)
    if not value:
        return default
    try:
        parsed = float(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is not a number. Write, for instance, {name}={default:g}."
        ) from None
    if not least <= parsed < float("inf"):
        raise ImproperlyConfigured(
            f"{name} is {value}, but must be at least {least:g}. Write, for instance, {name}={default:g}."
        )
    if parsed > most:
        raise ImproperlyConfigured(
            f"{name} is {value}, but must be at most {most:g}. Write, for instance, {name}={default:g}."
        )
    return parsed


def words(name: str) -> list[str]:
    """A list written with commas; blanks and empty items are dropped."""
    return [item.strip() for item in text(name).split(",") if item.strip()]


def erasure_keys(name: str, secret_key: str) -> list[str]:
    """The keys listed, and after them the one made of the secret key, under which numbers are kept while none is."""
    return [*words(name), hmac.digest(secret_key.encode(), b"erased numbers", "sha256").hex()]


def choice(name: str, options: Collection[str], default: str) -> str:
    """One of `options`."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write one of: {', '.join(sorted(options))}.")
    return value


def zone(name: str, default: str) -> str:
    """The name of a time zone, such as Asia/Kolkata."""
    value = text(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is no time zone. Write, for instance, {name}={default}."
        )
    return value


def clock(name: str, default: str) -> time:
    """A time of day, such as 03:00, without a zone of its own."""
    value = text(name, default)
    try:
        parsed = time.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo:
        raise ImproperlyConfigured(f"{name} is {value!r}, which is no time of day. Write, for instance, 03:00.")
    return parsed


def base_url(name: str, default: str) -> str:
    """An absolute http(s) address without a trailing slash."""
    value = text(name, default)
    if not _is_base_url(value):
        raise ImproperlyConfigured(f"{name} is {value!r}. Write an address such as {name}=https://crm.example.com")
    return value.rstrip("/")


def origins(name: str) -> list[str]:
    """Addresses of sites, written with commas, each a scheme and a host: they go into a header as they are."""
    found = words(name)
    for one in found:
        if not _is_base_url(one) or not _ORIGIN.fullmatch(one):
            raise ImproperlyConfigured(f"{name} has {one!r}. Write sites such as {name}=https://www.example.com")
    return [one.rstrip("/") for one in found]


def _is_base_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and "?" not in value
            and "#" not in value
        )
    except ValueError:  # a port that is no number, a bracket too few
        return False


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's settings for the database at a URL such as postgres://user:password@host:5432/name.

    `default` is the file of an SQLite database. It never becomes a URL, in which # and ? would cut its path short.
    """
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    try:
        # Anything else would be put into a warning by the library, password and all.
        config = environ.Env.db_url_config(value) if value.startswith(_DATABASES) else {}
    except (ValueError, KeyError):
        config = {}
    if not config.get("NAME"):
        # The value may hold a password, so it is not repeated.
        raise ImproperlyConfigured(
            f"{name} is not an address of SQLite or PostgreSQL. "
            "Write postgres://user:password@host:5432/name or sqlite:////path/to/file."
        )
    return dict(config)


def make_folder(folder: Path) -> None:
    """Make VAR_DIR, for its owner alone: phone numbers are in it. One that exists keeps the rights it has."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(no_folder(folder, error)) from None


def no_folder(folder: Path, error: OSError) -> str:
    """The sentence for a VAR_DIR that cannot be used."""
    return (
        f"Nothing can be kept in {folder} ({error.strerror}). "
        "Make it a folder that you may write in, or set VAR_DIR to one."
    )


def secret_key(name: str, file: Path) -> str:
    """The variable, or a key made once and kept in `file`, readable by its owner alone."""
    value = text(name)
    if value:
        return value
    make_folder(file.parent)
    try:
        return _kept_key(file)
    except OSError as error:
        raise ImproperlyConfigured(no_folder(file.parent, error)) from None


def _kept_key(file: Path) -> str:
    if not file.exists():
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        # A link fails where another process was first; then its key stands.
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text().strip()
