"""Talking with a voice agent in the browser: the microphone is heard by Whisper here, the browser says the answers."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from calls.display import chips, collected
from calls.models import LiveUtterance, TalkSession
from calls.operations import talking
from calls.operations.briefs import agent_for
from calls.operations.talking import Fault
from leads.display import requirement_line, words
from voice.models import VoiceAgent

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from leads.admin.base import StaffRequest

LANGUAGES = dict(VoiceAgent._meta.get_field("language").choices or ())
_PERSON = ("identity", "name", "callback_at")
_NOTES = {
    Fault.NO_WORKER: "No worker took it up: no worker is running, or all are busy. Start one with manage.py worker "
    "(manage.py up starts one too), then say it again. What you type is understood without a worker.",
    Fault.LATE: "Whisper takes too long on this machine just now. Say it again, or type it.",
}


def may_talk(request: HttpRequest) -> bool:
    """Whether this person may try agents out: whoever may see them."""
    return any(request.user.has_perm(f"voice.{verb}_voiceagent") for verb in ("view", "change"))


def _for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_talk(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _of_mine(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one's own conversation; one that was begun anew elsewhere is no more."""

    @_for_staff
    @require_POST
    @wraps(view)
    def found(request: StaffRequest, talk_id: int, **kwargs: Any) -> HttpResponse:
        try:
            talk = TalkSession.objects.select_related("agent").get(pk=talk_id, user=request.user)
            return view(request, talk, **kwargs)
        except TalkSession.DoesNotExist:  # perhaps since a moment ago
            return _note("This conversation is over: it was begun anew, or nothing was said for hours.", status=410)

    return found


@_for_staff
def page(request: StaffRequest) -> HttpResponse:
    """The page, before a conversation is begun."""
    agents = list(VoiceAgent.objects.all())
    chosen = next((one for one in agents if str(one.pk) == request.GET.get("agent")), agents[0] if agents else None)
    context = {
        **admin.site.each_context(request),
        "title": "Talk to an agent",
        "agents": agents,
        "chosen": chosen,
        "languages": LANGUAGES.items(),
        "longest_s": talking.LONGEST_ANSWER_S,
        "longest_text": talking.LONGEST_TEXT,
    }
    return render(request, "voice/talk.html", context)


@_for_staff
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """Begin a conversation; the one that this person had is forgotten."""
    asked = request.POST.get("agent", "")
    agent = agent_for(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None)
    language = request.POST.get("language", "")
    talk = talking.start(
        request.user,
        agent,
        language=language if language in LANGUAGES else agent.language,
        name=_text(request, "name", 60),
        now=timezone.now(),
    )
    return _shown(talk)


@_of_mine
def say(request: StaffRequest, talk: TalkSession) -> HttpResponse:
    """Take an answer: a typed one is answered at once, a spoken one is to be asked for until it is heard."""
    turn, now = request.POST.get("turn", ""), timezone.now()
    if turn != str(talk.dialogue["turn"] + 1):
        return _shown(talk)  # this page, or another one, was answered meanwhile
    audio = request.FILES.get("audio")
    if audio is None:
        talking.say(talk.pk, _text(request, "text", talking.LONGEST_TEXT), turn=int(turn), now=now)
        return _shown(talk)
    if not audio.size:
        return _note("The browser recorded no sound. Hold the button while you speak.", status=400)
    if (audio.size or 0) > talking.MOST_BYTES:
        longest = talking.LONGEST_ANSWER_S
        return _note(f"That was too long to be heard. Speak for at most {longest} seconds.", status=413)
    utterance = talking.record(talk, audio.read(), turn=int(turn), now=now)
    return JsonResponse({"heard": reverse("talk-heard", args=[talk.pk, utterance.pk])})


def _text(request: HttpRequest, name: str, most: int) -> str:
    """What was typed, of `most` characters; PostgreSQL stores no NUL."""
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


@_of_mine
def heard(request: StaffRequest, talk: TalkSession, utterance_id: int) -> HttpResponse:  # noqa: ARG001 -- as all views
    """Whether an answer is heard; the conversation with the reply, once it is."""
    utterance = LiveUtterance.objects.filter(pk=utterance_id, talk=talk).first()
    if utterance is None:
        return _note("This answer is not known here. Say it again.", status=404)
    result = talking.answer(utterance, now=timezone.now())
    if result is True:
        return _shown(talk)
    if result is False:
        return JsonResponse({"waiting": True, "begun": utterance.claimed_at is not None})
    return _note(_NOTES.get(result) or utterance.error, status=503)


def _note(sentence: str, *, status: int) -> JsonResponse:
    return JsonResponse({"note": sentence}, status=status)


def _shown(talk: TalkSession) -> JsonResponse:
    """The conversation as it stands, as a piece of page, and what the browser is to say."""
    talk.refresh_from_db()
    last, slots = talk.lines[-1], talk.dialogue["slots"]
    outcome, reasons = talking.came_to(talk)
    context = {
        "agent": talk.agent,
        "lines": [{**line, "chips": chips(line["understood"])} for line in talk.lines],
        "collected": collected({slot: one for slot, one in slots.items() if slot not in _PERSON}),
        "wants": requirement_line({slot: one["value"] for slot, one in slots.items()}),
        "outcome": words(outcome) if outcome else "",
        "reasons": reasons,
    }
    return JsonResponse(
        {
            "say_to": reverse("talk-say", args=[talk.pk]),
            "turn": talk.dialogue["turn"] + 1,
            "said": last["said"],
            "language": last["language"],
            "slow": last["slow"],
            "ended": bool(talk.dialogue["outcome"]),
            "html": render_to_string("voice/talk_lines.html", context),
        }
    )


urlpatterns = [
    path("", admin.site.admin_view(page), name="talk"),
    path("start/", admin.site.admin_view(start), name="talk-start"),
    path("<int:talk_id>/say/", admin.site.admin_view(say), name="talk-say"),
    path("<int:talk_id>/heard/<int:utterance_id>/", admin.site.admin_view(heard), name="talk-heard"),
]
