"""What a call's page asks for beside itself: the conversation as it stands, and the call's cancelling."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zlib import crc32

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from calls import display, queries
from calls.admin.player import evidence_of, hearing_of, player_of, values_of
from calls.comparing import by_slot
from calls.disposition import Disposition
from calls.hearing_display import place
from calls.lifecycle import CallStatus
from calls.models import DECIDED, Call, Channel, LiveHearing, RecordingConsent
from calls.operations import cancel_call, mark_reviewed
from calls.operations.staff_calls import UPLOAD
from calls.origin import Origin
from leads.admin.views import refusal, waiting_of
from leads.display import requirement_line
from voice.events import Direction, EndReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest

    from calls.models import Turn
    from leads.admin.base import StaffRequest

_JUDGED = (Disposition.QUALIFIED, Disposition.NOT_QUALIFIED)
_AT_ONCE = timedelta(seconds=1)  # a call that was to be dialled later than this waited on purpose
_PERSON = ("identity", "name", "intent", "callback_at")


def live(request: HttpRequest, call_id: int, **_: Any) -> HttpResponse:
    """The conversation as a piece of page; 204 where the reader has seen it as it is."""
    if not (request.user.has_perm("calls.view_call") or request.user.has_perm("calls.change_call")):
        raise PermissionDenied
    call = queries.with_conversation(call_id)
    if call is None:
        raise Http404("There is no such call; it may have been deleted.")
    panels = panels_of(call, request)
    if request.GET.get("seen") == panels["seen"]:
        return HttpResponse(status=204)
    return render(request, "calls/conversation.html", panels)


def cancel(request: HttpRequest, call_id: int, **_: Any) -> HttpResponseRedirect:
    """Take a queued call back, on POST only; a call that is under way is told to be."""
    if not request.user.has_perm("calls.change_call"):
        raise PermissionDenied
    if request.method == "POST" and queries.with_conversation(call_id):
        if cancel_call(call_id=call_id, now=timezone.now()):
            messages.success(request, "The call was taken back before it was dialled.")
        else:
            messages.warning(request, "It is too late to take this call back: it is no longer waiting.")
    if request.POST.get("from") == "lead" and (call := Call.objects.filter(pk=call_id).first()):
        return HttpResponseRedirect(reverse("admin:leads_lead_change", args=[call.lead_id]))
    return HttpResponseRedirect(reverse("admin:calls_call_change", args=[call_id]))


def panels_of(call: Call, request: HttpRequest) -> dict[str, Any]:
    """All that a call's page shows: where the line is, who said what, what was understood, and why it came to that."""
    now, waiting = timezone.now(), waiting_of(call, now=timezone.now())
    unheard = queries.unheard(call)
    is_forgotten = _is_forgotten(call)
    told = [] if is_forgotten else call.turns.all()
    turns = [{**_turn(call, one), "unheard": unheard.get(one.number)} for one in told]
    asked = call.dialogue.get("asked", "")
    slots = {} if is_forgotten else _known(call)
    sound = player_of(call, request)
    return {
        "call": call,
        "seen": _seen(call, len(turns), waiting.get("held", ""), sound),
        "waiting": waiting,
        "sentence": display.OUR_OWN if call.provider == UPLOAD else display.STATUS_SENTENCES[CallStatus(call.status)],
        "status_colour": display.STATUS_COLOURS[CallStatus(call.status)],
        "end_sentence": display.END_SENTENCES[EndReason(call.end_reason)] if call.end_reason else "",
        "disposition": display.DISPOSITION_LABELS[Disposition(call.disposition)] if call.disposition else "",
        "disposition_colour": display.DISPOSITION_COLOURS[Disposition(call.disposition)] if call.disposition else "",
        "turns": turns,
        "is_forgotten": is_forgotten,
        "hearing_error": next((one.error for one in unheard.values() if one.error), ""),
        "wants": requirement_line({slot: one["value"] for slot, one in slots.items()}),
        "summary_by": display.RUNGS.get(call.summary_rung, ""),
        "differences": [] if call.is_live else display.differences(call.dialogue.get("review", [])),
        "may_review": call.needs_review and request.user.has_perm("calls.change_call"),
        "models_asked": queries.consultations_of(call),
        "reasons": call.reasons if call.disposition in _JUDGED else [],
        "collected": display.collected({slot: one for slot, one in slots.items() if slot not in _PERSON}),
        "asked": display.QUESTIONS.get(asked, "") if call.is_live else "",
        **_line_facts(call),
        **sound,
        "may_cancel": call.status == CallStatus.QUEUED and request.user.has_perm("calls.change_call"),
        "may_see_lead": request.user.has_perm("leads.view_lead") or request.user.has_perm("leads.change_lead"),
        **(_again(call, waiting, now=now) if request.user.has_perm("calls.add_call") else {}),
    }


def _known(call: Call) -> dict[str, Mapping[str, Any]]:
    """What a call told, slot to its value and words; what staff decided goes before what was heard live."""
    known, proofs = dict(call.dialogue.get("slots", {})), evidence_of(call)
    for review in call.value_reviews.all():
        for slot, value in by_slot(review.slot, review.final).items() if review.state in DECIDED else ():
            known.pop(slot, None)
            if value is not None:
                known[slot] = {"value": value, "words": proofs.get(slot, {}).get("words", "")}
    return known


def _seen(call: Call, turns: int, held: str, sound: dict[str, Any]) -> str:
    """What tells two states of the page apart."""
    line = (call.status, call.disposition, turns, call.failures, call.ask_after, call.summary_rung)
    wait = (call.dial_after, bool(call.asked_at), bool(call.placed_at), held)
    staff = (call.transfer_state, call.answered_by, bool(call.voicemail_left_at), call.live_hearing)
    heard = (sound["player_version"], sound["whose"], *(sentence for _, sentence in sound["recordings"]))
    return f"{crc32(repr((*line, *wait, *staff, *heard)).encode()):08x}"


def _is_forgotten(call: Call) -> bool:
    """Whether the days are over that words are kept; of the turns only their times are left."""
    turns = call.turns.all()
    return bool(turns) and not call.dialogue and not any(one.said or one.heard or one.digits for one in turns)


def _line_facts(call: Call) -> dict[str, Any]:
    """Who answered, whom the caller was put through to, what was left, kept and paid."""
    user = call.transfer_to
    is_ours = call.channel == Channel.VOICE and call.direction == Direction.OUTBOUND
    return {
        "hand_off": display.hand_off(call.transfer_state, user.get_full_name() or user.get_username() if user else ""),
        "answered_by": display.ANSWERED_BY.get(call.answered_by, ""),
        "heard_by": _heard_by(call),
        "cost": display.cost(call.cost_micros, is_estimate=call.cost_is_estimate),
        "because": display.because(call.origin, call.ladder) if is_ours else "",
        "speed": display.speed(call.speed, since=_since(call)) if is_ours else "",
        "next_try": Call.objects.filter(retry_of=call).first(),
    }


def _heard_by(call: Call) -> str:
    """Who hears the caller; empty where it was the provider from the beginning. Whoever refuses is not recorded again.

    A refusal that only the recording told of came too late for that.
    """
    refused_at = call.recording_consent_at if call.recording_consent == RecordingConsent.REFUSED else None
    is_live = refused_at and (call.ended_at is None or refused_at <= call.ended_at)
    if call.live_hearing == LiveHearing.WHISPER and is_live:
        return "The provider's recogniser, since the caller did not want to be recorded"
    return call.get_live_hearing_display() if call.live_hearing else ""


def _since(call: Call) -> str:
    """From when the time is counted that a call took to the provider."""
    if call.dial_after and call.dial_after - call.created_at > _AT_ONCE:
        return "its time had come"
    return "the lead arrived" if call.origin == Origin.NEW_LEAD else "it was asked for"


def _turn(call: Call, turn: Turn) -> dict[str, Any]:
    """One exchange as the page shows it, with its places in the recording."""
    return {
        "turn": turn,
        "values": values_of(call, turn),
        "helper": _helper(turn),
        "hearing": hearing_of(turn),
        "heard_at": place(turn.start_s, turn.end_s),
        "said_at": place(turn.said_start_s, turn.said_end_s),
    }


def _helper(turn: Turn) -> str:
    """Who helped to understand a turn, where the rules alone did not."""
    return "" if turn.rung == "rules" else display.RUNGS.get(turn.rung, turn.rung)


def review(request: StaffRequest, call_id: int, **_: Any) -> HttpResponseRedirect:
    """Note that a person has looked at what was heard in two ways, on POST only."""
    if not request.user.has_perm("calls.change_call"):
        raise PermissionDenied
    if request.method == "POST" and queries.with_conversation(call_id):
        if mark_reviewed(call_id=call_id, by=request.user, now=timezone.now()):
            messages.success(request, "Noted: you have checked what was heard.")
        else:
            messages.info(request, "Somebody had checked it before.")
    return HttpResponseRedirect(reverse("admin:calls_call_change", args=[call_id]))


def _again(call: Call, waiting: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """What the button needs that calls the same lead again, or now instead of later."""
    if call.is_live and not waiting.get("later"):
        return {}
    live_call = None if waiting else queries.live_call_of(call.lead)
    return {
        "may_call": not live_call,
        "live_call": live_call,
        "refusal": refusal(call.lead, now=now),
        "request_key": str(uuid4()),
    }
