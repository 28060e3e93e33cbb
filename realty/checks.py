"""System checks of the whole project; `manage.py check` runs them, and every start does."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
from django.core.checks import Warning as CheckWarning
from django.utils.module_loading import import_string

from calls import queue
from realty import env
from voice.llm.ladder import LEAST_S, LIVE_BUDGET_S
from voice.stt.weights import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.checks import CheckMessage

_E164 = re.compile(r"\+[1-9]\d{7,14}")


@register
def check_twilio(**_: Any) -> list[CheckMessage]:
    """E001 to E003, W001: what is said of Twilio is complete, and Twilio can reach us."""
    return list(_twilio_faults(settings.PROVIDERS["twilio"], is_default=settings.DEFAULT_PROVIDER == "twilio"))


def _twilio_faults(twilio: dict[str, Any], *, is_default: bool) -> Iterator[CheckMessage]:
    wanted = {
        "TWILIO_ACCOUNT_SID": twilio["account_sid"],
        "TWILIO_AUTH_TOKEN": twilio["auth_tokens"],
        "TWILIO_FROM_NUMBER": twilio["from_number"],
    }
    missing = [name for name, value in wanted.items() if not value]
    # A token alone is complete: it lets inbound calls in, and nothing is dialled.
    if missing and twilio["account_sid"]:
        yield Error(
            f"TWILIO_ACCOUNT_SID is set, but {_listed(missing)} not.",
            hint=f"Set {' and '.join(missing)} from Twilio's console, or take TWILIO_ACCOUNT_SID away.",
            id="realty.E001",
        )
    elif missing and is_default:
        yield Error(
            f"DEFAULT_PROVIDER is twilio, but {_listed(missing)} not set.",
            hint=f"Set {' and '.join(missing)} from Twilio's console, or set DEFAULT_PROVIDER=pretend.",
            id="realty.E002",
        )
    if twilio["from_number"] and not _E164.fullmatch(twilio["from_number"]):
        yield Error(
            "TWILIO_FROM_NUMBER is not a number with its country code.",
            hint="Write it with a plus and without blanks, such as TWILIO_FROM_NUMBER=+14155550100.",
            id="realty.E003",
        )
    if is_default and not settings.PUBLIC_BASE_URL.startswith("https://"):
        yield CheckWarning(
            f"PUBLIC_BASE_URL is {settings.PUBLIC_BASE_URL}: Twilio would send what is said in the clear, or nowhere.",
            hint="Set PUBLIC_BASE_URL to the https address that the world reaches this server by.",
            id="realty.W001",
        )


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


@register
def check_language_models(**_: Any) -> list[CheckMessage]:
    """E005 to E007, W002, W003: each language model that something is said of can be asked."""
    faults = (
        _lack("LLM_MODEL", ("LLM_BASE_URL", "LLM_API_KEY"), "the name of a model that its server lists", "E005"),
        _lack("GEMINI_MODEL", ("GEMINI_API_KEY",), "the name of a Gemini model", "E006"),
        _lack("GEMINI_API_KEY", ("GEMINI_MODEL", "GEMINI_BASE_URL"), "the key from Google AI Studio", "E007"),
        _address_fault(settings.LANGUAGE_MODELS["primary"]),
        _time_fault(settings.LANGUAGE_MODELS),
    )
    return [fault for fault in faults if fault]


def _lack(needed: str, given: tuple[str, ...], what: str, number: str) -> CheckMessage | None:
    names = [name for name in given if env.text(name)]
    if not names or env.text(needed):
        return None
    return Error(
        f"{_listed(names)} set, but {needed} is not.",
        hint=f"Set {needed} to {what}, or take {' and '.join(names)} away.",
        id=f"realty.{number}",
    )


def _address_fault(primary: dict[str, Any]) -> CheckMessage | None:
    if not primary["model"] or urlsplit(primary["base_url"]).path:
        return None
    return CheckWarning(
        f"LLM_BASE_URL is {primary['base_url']}, where most servers know no chat completions.",
        hint=f"Write it with the path that they are under, mostly LLM_BASE_URL={primary['base_url']}/v1.",
        id="realty.W002",
    )


def _time_fault(models: dict[str, dict[str, Any]]) -> CheckMessage | None:
    timeout_s = models["primary"]["timeout_s"]
    if not (models["primary"]["model"] and models["gemini"]["api_key"]) or timeout_s < LIVE_BUDGET_S - LEAST_S:
        return None
    return CheckWarning(
        f"LLM_TIMEOUT_S is {timeout_s:g}: a first model that hangs leaves Gemini no time.",
        hint=f"A turn has {LIVE_BUDGET_S:g} seconds for all models together; set, for instance, LLM_TIMEOUT_S=3.5.",
        id="realty.W003",
    )


@register
def check_recordings(**_: Any) -> list[CheckMessage]:
    """W004, W005: recordings can be heard and, where no bucket takes them, kept; without either, calls go on."""
    faults: list[CheckMessage] = []
    if why := fault_of(settings.WHISPER_MODEL):
        hint = "Set WHISPER_MODEL to base, which is downloaded once, or to a folder with a CTranslate2 Whisper model."
        faults.append(CheckWarning(f"{why}: no recording can be transcribed.", hint=hint, id="realty.W004"))
    is_local = "FileSystemStorage" in settings.STORAGES["default"]["BACKEND"]
    if is_local and (place := _unwritable(Path(settings.MEDIA_ROOT))):
        hint = "Make it a folder that you may write in, or set MEDIA_ROOT to one."
        faults.append(
            CheckWarning(f"Nothing can be written to {place}: no recording can be kept.", hint, id="realty.W005")
        )
    return faults


def _unwritable(folder: Path) -> Path | None:
    """The folder, or the first of those above it that can be seen, where nothing can be made in it."""
    there = next(one for one in (folder, *folder.parents) if os.access(one, os.F_OK))
    return None if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else there


@register
def check_jobs(**_: Any) -> list[CheckMessage]:
    """E004: every job that can be queued is a function that exists."""
    return [
        Error(
            f"The job {path} is queued by name, but there is no such function.",
            hint="Correct its path in calls/queue.py, or write the function.",
            id="realty.E004",
        )
        for path in queue.PATHS
        if not _is_function(path)
    ]


def _is_function(path: str) -> bool:
    try:
        return callable(import_string(path))
    except ImportError:
        return False


@register
def check_clusters(**_: Any) -> list[CheckMessage]:
    """E008: no job of a cluster is handed out a second time while the first may still run."""
    ours: dict[str, Any] = settings.Q_CLUSTER
    clusters = {ours["name"]: ours} | {name: {**ours, **alone} for name, alone in ours["ALT_CLUSTERS"].items()}
    return [
        Error(
            f"The cluster {name} hands a job out again after {one['retry']} s, while it may run for {longest:g} s.",
            hint="Raise its retry, or lower its timeout, in Q_CLUSTER of realty/settings.py.",
            id="realty.E008",
        )
        for name, one in clusters.items()
        if one["retry"] <= (longest := (one["queue_limit"] / one["workers"] + 1) * one["timeout"])
    ]
