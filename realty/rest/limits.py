"""Limits on failed attempts at the public doors: sign-in, API keys, webhook signatures.

Counts live in Django's cache, a folder that the web processes of one machine share. Two machines count apart, so
with several of them a limit is that many times as wide.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

_PERIODS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_TOO_MANY = "Too many failed attempts from here. Wait {seconds} seconds, then try again."


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    period_s: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Of "10/min", in the framework's own notation."""
        count, period = text.split("/")
        return cls(int(count), _PERIODS_S[period[0]])


class FailureLimit:
    """Answers 429 to an address that keeps failing, without touching those who do not.

    Sign-in is refused before the password is looked at. Keys and signatures are checked first, because a provider's
    or a colleague's good request may come from the same address as the bad ones.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count the failures of each door."""
        if request.method == "POST" and request.path.startswith("/admin/login"):
            return self._sign_in(request)
        response = self.get_response(request)
        door = _failed_door(request.path, response.status_code)
        if not door:
            return response
        rate = Rate.parse(settings.FAILURE_RATES[door])
        failures = _count(f"{door}:{address(request)}", rate)
        return _refusal(request, rate) if failures > rate.count else response

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        rate = Rate.parse(settings.FAILURE_RATES["login"])
        origin, username = address(request), request.POST.get("username", "")
        # One user's guesses, and a few guesses at each of many users.
        counters = {f"login:{origin}:{username}": rate.count, f"login:{origin}": rate.count * 5}
        if any(_failures(key, rate) >= most for key, most in counters.items()):
            logger.warning("sign-in refused: too many failures from one address")
            return _refusal(request, rate)
        response = self.get_response(request)
        if response.status_code == 200:  # Django shows the form again
            for key in counters:
                _count(key, rate)
        return response


def address(request: HttpRequest) -> str:
    """Where the request came from; of an IPv6 address the network, since one host has all of it."""
    found = BaseThrottle().get_ident(Request(request)) or ""
    try:
        parsed = ipaddress.ip_address(found)
    except ValueError:
        return found
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else found


def wait_s(name: str, rate: Rate) -> int:
    """Count one more of something; how many seconds to wait where that is one too many, 0 where it is not."""
    return rate.period_s - int(time.time()) % rate.period_s if _count(name, rate) > rate.count else 0


def _failed_door(path: str, status: int) -> str:
    if status == 401 and path.startswith("/api/"):
        return "key"
    return "webhook" if status == 403 and path.startswith("/webhooks/") else ""


def _key(name: str, rate: Rate) -> str:
    window = int(time.time()) // rate.period_s
    return "failures:" + hashlib.sha256(f"{name}:{window}".encode()).hexdigest()


def _failures(name: str, rate: Rate) -> int:
    return int(cache.get(_key(name, rate), 0))


def _count(name: str, rate: Rate) -> int:
    key = _key(name, rate)
    cache.add(key, 0, timeout=rate.period_s)
    try:
        return cache.incr(key)
    except ValueError:  # it expired between the two
        return 1


def _refusal(request: HttpRequest, rate: Rate) -> HttpResponse:
    seconds = rate.period_s - int(time.time()) % rate.period_s
    detail = _TOO_MANY.format(seconds=seconds)
    headers = {"Retry-After": str(seconds)}
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "throttled", "detail": detail}, status=429, headers=headers)
    return HttpResponse(detail, status=429, content_type="text/plain; charset=utf-8", headers=headers)
