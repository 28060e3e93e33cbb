"""The chat's page, and the script that puts it on the brokerage's site.

No cookie is set or read. What authorises a message is the token in the address, which a foreign site does not know;
a browser adds nothing of its own to a forged request, so there is nothing that a CSRF token would protect.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from calls.chat import sessions
from calls.chat.forms import FirstMessageForm, MessageForm
from calls.chat.links import link_of, token_of
from calls.chat.sessions import Took
from calls.chat.words import words_in
from realty.rest.limits import Rate, address, wait_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from calls.models import ChatLink

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_STATUS = {Took.TAKEN: 200, Took.BEFORE: 200, Took.STALE: 409, Took.ENDED: 409}
_NOTES = {Took.STALE: "stale", Took.ENDED: "ended"}


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for one person: not kept, not indexed, framed by the brokerage's sites alone, and named to nobody."""

    @csrf_exempt
    @xframe_options_exempt  # the policy's frame-ancestors says more exactly who may
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Content-Security-Policy"] = _POLICY + " ".join(("'self'", *settings.WIDGET_ORIGINS))
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


@_guarded
def chat(request: HttpRequest, token: str) -> HttpResponse:
    """The conversation of one link; a message that is posted is answered in it."""
    link, now = link_of(token), timezone.now()
    if link is None:
        return _closed(request, "missing", status=404)
    if not link.is_open(now=now):
        return _closed(request, "gone", status=410, language=link.lead.language if link.lead else "")
    if request.method != "POST":
        return _page(request, link)
    if seconds := _too_fast({"link": str(link.pk), "address": address(request)}):
        return _refused(request, link, "wait", status=429, seconds=seconds)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _refused(request, link, _fault(form), status=400)
    turn = form.cleaned_data["turn"]
    took = sessions.hear(link, form.cleaned_data["message"], turn=turn, now=now)
    link.refresh_from_db()
    return _answer(request, link, took, turn=turn)


@_guarded
def new(request: HttpRequest) -> HttpResponse:
    """The chat of a visitor of the brokerage's site; nothing is kept of who writes nothing."""
    if not settings.WIDGET_ORIGINS:
        return _closed(request, "off", status=404)
    if request.method != "POST":
        return _page(request, None)
    if seconds := _too_fast({"new": address(request), "address": address(request)}):
        return _refused(request, None, "wait", status=429, seconds=seconds)
    form = FirstMessageForm(request.POST)
    if not form.is_valid():
        return _refused(request, None, _fault(form), status=400)
    link = sessions.start(str(form.cleaned_data["key"]), form.cleaned_data["message"], now=timezone.now())
    link.refresh_from_db()
    return _answer(request, link, Took.TAKEN, turn=1)


@xframe_options_exempt
@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """The script for the brokerage's site."""
    on = bool(settings.WIDGET_ORIGINS)
    script = render(
        request,
        "chat/widget.js",
        {"home": settings.PUBLIC_BASE_URL, "on": on},
        content_type="text/javascript; charset=utf-8",
    )
    script.headers["Cache-Control"] = "public, max-age=3600"
    script.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return script


def _too_fast(counted: dict[str, str]) -> int:
    """How many seconds to wait; 0 where nobody is too fast."""
    return max(wait_s(f"chat:{door}:{who}", Rate.parse(settings.CHAT_RATES[door])) for door, who in counted.items())


def _fault(form: MessageForm) -> str:
    codes = [error.code for error in form.errors.as_data().get("message", [])]
    return "too_long" if "max_length" in codes else "empty" if codes else "stale"


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _answer(request: HttpRequest, link: ChatLink, took: Took, *, turn: int) -> HttpResponse:
    """What became of a message; a page that was posted without a script is sent where it can be reloaded."""
    if _wants_json(request):
        talk = sessions.talk_of(link, now=timezone.now())
        words = words_in(talk.language)
        body = {
            "took": took,
            "lines": [[one.number, one.heard, one.said] for one in talk.lines if one.number >= turn],
            "turn": talk.turn,
            "ended": talk.ended,
            "lang": words["lang"],
            "note": words[_NOTES[took]] if took in _NOTES else "",
            "url": reverse("chat", args=[token_of(link)]),
        }
        return JsonResponse(body, status=_STATUS[took])
    if took in _NOTES:
        return _page(request, link, note=_NOTES[took], status=_STATUS[took])
    return HttpResponseRedirect(f"{_address(request, link)}#end", status=303)


def _refused(request: HttpRequest, link: ChatLink | None, note: str, *, status: int, seconds: int = 0) -> HttpResponse:
    if not _wants_json(request):
        response = _page(request, link, note=note, status=status, seconds=seconds)
    else:
        talk = sessions.talk_of(link, now=timezone.now())
        said = words_in(talk.language)[note].format(seconds=seconds)
        response = JsonResponse({"note": said, "turn": talk.turn, "ended": talk.ended}, status=status)
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _address(request: HttpRequest, link: ChatLink) -> str:
    site = _site(request)
    return reverse("chat", args=[token_of(link)]) + (f"?{urlencode({'site': site})}" if site else "")


def _site(request: HttpRequest) -> str:
    """The site that shows the page, where it is one that may."""
    named = request.GET.get("site", "")
    return named if named in settings.WIDGET_ORIGINS else ""


def _page(
    request: HttpRequest, link: ChatLink | None, *, note: str = "", status: int = 200, seconds: int = 0
) -> HttpResponse:
    talk = sessions.talk_of(link, now=timezone.now())
    words = words_in(talk.language)
    context = {
        "talk": talk,
        "words": words,
        "title": words["title"].format(brokerage=talk.brokerage),
        "note": words[note].format(seconds=seconds) if note else "",
        "draft": request.POST.get("message", "") if note else "",
        "key": "" if link else request.POST.get("key") or str(uuid4()),
        "site": _site(request),
        "longest": sessions.LONGEST_MESSAGE,
        "may_start_anew": bool(settings.WIDGET_ORIGINS) and link is not None and link.lead is None,
        "number": settings.PROVIDERS["twilio"]["from_number"],
    }
    return render(request, "chat/page.html", context, status=status)


def _closed(request: HttpRequest, why: str, *, status: int, language: str = "") -> HttpResponse:
    """A page that says what to do instead."""
    words = words_in(language)
    if _wants_json(request):
        return JsonResponse({"note": f"{words[why]}. {words[f'{why}_why']}", "ended": True}, status=status)
    number = settings.PROVIDERS["twilio"]["from_number"]
    context = {"words": words, "title": words[why], "why": words[f"{why}_why"], "number": number}
    return render(request, "chat/closed.html", context, status=status)
