"""What the line's own news does to a call: status forward, and the record closed once."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from calls.chat import links
from calls.disposition import Disposition, dispose
from calls.lifecycle import CallStatus, advance
from calls.lines import provider as provider_named
from calls.models import Call, Channel, ChatLink, ChatReason, WebhookEvent
from calls.operations import handing_off, listening, recordings, wishes
from calls.operations.ending import after_end
from calls.operations.gate import local_time
from calls.operations.live_words import provider_transcript
from calls.operations.releasing import ask_after
from calls.operations.retrying import forget_retries
from calls.operations.reviewing import decided_by_staff, open_doubts
from calls.operations.summing_up import sum_up
from leads.conversations import Conversation, apply_conversation
from leads.entries import lead_with_phone
from leads.models import ActivityKind, FollowUpKind, Lead
from leads.operations import identify_caller, merge_stranger, note_claim, promise, record
from voice import dialogue
from voice.events import EndReason, EventKind

if TYPE_CHECKING:
    from voice.events import CallEvent


_SENTENCES = {
    Disposition.BUSY: "Called; the line was busy.",
    Disposition.NO_ANSWER: "Called; nobody answered.",
    Disposition.FAILED: "Called; the carrier could not connect it.",
    Disposition.NO_RESPONSE: "Called; nothing was said.",
}
_NOBODY = {"no_response", "voicemail", "not_there"}
_LEAD_LANGUAGE = {"hi-Latn": "hi-IN"}  # how their Hindi is written for the voice is no matter of the lead


def move(call: Call, event: CallEvent, *, now: datetime) -> None:
    """Take over what the event says of the line; late and repeated news change nothing. The caller saves `call`."""
    adopt(call, event.provider_call_id)
    if event.line is None:
        return
    before = CallStatus(call.status)
    after = advance(before, event.line)
    if event.duration_s is not None and call.duration_s is None:
        call.duration_s = event.duration_s
    take_cost(call, event.cost_micros)
    if after is not before:
        _enter(call, after, event, now=now)
    elif event.end_reason and call.end_reason == EndReason.LOST:
        _find_again(call, event.end_reason, now=now)
    call.ask_after = None if call.status == CallStatus.ENDED else now + ask_after()


def _find_again(call: Call, reason: EndReason, *, now: datetime) -> None:
    """The last word of a call that was given up came after all. The caller saves `call`."""
    call.end_reason, call.error = reason, ""
    if reason == EndReason.COMPLETED:
        forget_retries(call.lead, now=now)
    if not call.dialogue:
        call.disposition = dispose(reason, outcome="", qualified=False)
        call.save()
        after_end(call, now=now)


def take_cost(call: Call, micros: int | None) -> None:
    """Keep what the provider says that a call cost, in millionths of a US dollar; its word replaces an estimate."""
    if micros is not None:
        call.cost_micros, call.cost_is_estimate = micros, False


def _estimate_cost(call: Call) -> None:
    if call.cost_micros is None and call.duration_s is not None and call.channel == Channel.VOICE:
        minutes = math.ceil(call.duration_s / 60)
        call.cost_micros = round(minutes * provider_named(call.provider).cost_per_minute * 1_000_000)
        call.cost_is_estimate = True


def adopt(call: Call, provider_call_id: str) -> None:
    """Keep the provider's id where its response to our request never arrived."""
    if provider_call_id and not call.provider_call_id:
        call.provider_call_id = provider_call_id


def _enter(call: Call, status: CallStatus, event: CallEvent, *, now: datetime) -> None:
    call.status = status
    call.error = ""
    if status is CallStatus.IN_PROGRESS:
        call.answered_at = now
    elif status is CallStatus.ENDED:
        close(call, event.end_reason or EndReason.COMPLETED, now=now)


def close(call: Call, reason: EndReason, *, now: datetime) -> None:
    """End the record: who hung up midway has said what they said. The caller saves `call`."""
    call.status = CallStatus.ENDED
    call.end_reason = reason
    call.ended_at = now
    call.ask_after = None
    if call.dialogue and not call.dialogue["outcome"]:
        call.dialogue = dialogue.hang_up(call.dialogue)
        conclude(call, now=now)
    handing_off.line_closed(call, now=now)
    is_silent = not call.disposition
    if is_silent:
        call.disposition = dispose(reason, outcome="", qualified=False)
    _estimate_cost(call)
    call.save()
    recordings.expect(call, now=now)
    listening.forget_there(call, now=now)
    retry = after_end(call, now=now)
    known = _SENTENCES.get(Disposition(call.disposition)) if reason != EndReason.LOST else call.error
    sentence = known if is_silent else None
    if sentence:
        record(call.lead, ActivityKind.CALL, sentence + _next_try(retry), now=now, call=call.pk)
    if _apologised(call):
        _make_good(call, now=now)


def _next_try(retry: Call | None) -> str:
    """When the lead is tried again, on the lead's own clock."""
    if retry is None or retry.dial_after is None:
        return ""
    return f" The next try is on {local_time(retry.lead, now=retry.dial_after):%-d %B at %H:%M} (lead's time)."


def _apologised(call: Call) -> bool:
    """Whether something that the caller waited for failed, so that they heard the apology."""
    if not call.provider_call_id:
        return False
    events = WebhookEvent.objects.filter(provider=call.provider, provider_call_id=call.provider_call_id)
    waited_for = (EventKind.INBOUND, EventKind.ANSWERED, EventKind.HEARD, EventKind.TRANSFERRED, EventKind.ASSISTANT)
    return events.filter(applied_at=None, kind__in=waited_for).exists()


def _make_good(call: Call, *, now: datetime) -> None:
    """Keep what the apology promises: somebody calls back."""
    if call.lead.do_not_call:
        return
    # By a person: a machine that fails once more would ring and apologise for ever.
    note = "We had a technical problem during the call."
    promise(call.lead, FollowUpKind.CALLBACK, due_at=now, note=note, now=now, by_hand=True)
    record(call.lead, ActivityKind.FOLLOW_UP, "A technical problem cut the call; promised to call back.", now=now)


@transaction.atomic
def conclude(call: Call, *, now: datetime) -> None:
    """The conversation is over: take over what it told of the lead. The caller saves `call`."""
    state: dialogue.State = call.dialogue
    outcome = dialogue.outcome(state)
    heard = dialogue.evidence(state)
    if "phone" in heard:
        _identify(call, heard["phone"]["value"], now=now)
    promised, decided = dialogue.callback_at(state), decided_by_staff(call)
    told = Conversation(
        call_id=call.pk,
        outcome=outcome,
        heard={slot: one for slot, one in heard.items() if slot not in decided},
        slots=dialogue.slots(state),
        taken_back=frozenset(past["slot"] for past in state["history"]) - set(state["slots"]) - decided,
        callback_at=datetime.fromisoformat(promised) if promised else None,
        language=_LEAD_LANGUAGE.get(state["language"], state["language"]),
        last_words=_last_words(call),
        questions=tuple(one["words"] for one in state["open_questions"] if not one["answer"]),
        abusive=dialogue.was_abusive(state),
        began_at=call.asked_at or call.created_at,
    )
    verdict = apply_conversation(lead_id=call.lead_id, told=told, now=now)
    wishes.keep_on_today(call, now=now)
    if outcome not in _NOBODY:
        forget_retries(call.lead, now=now)
    call.disposition = dispose(EndReason.COMPLETED, outcome=outcome, qualified=verdict.status == "qualified")
    call.reasons = [{"code": one.code, "sentence": one.sentence, "met": one.met} for one in verdict.reasons]
    call.needs_review = bool(state["review"])
    open_doubts(call, now=now)
    sum_up(call)
    provider_transcript(call, now=now)
    if state.get("in_writing") and call.channel == Channel.VOICE:
        _promise_link(call, now=now)


def _promise_link(call: Call, *, now: datetime) -> None:
    """Text the lead the link that they were promised; where that cannot be, staff read that they must."""
    lead = Lead.objects.get(pk=call.lead_id)  # as the conversation has left it
    if not lead.do_not_call and not links.offer(lead, instead_of=call, reason=ChatReason.LEAD_ASKED, now=now):
        text = "Asked for a message instead of a call. Send the chat link by hand."
        record(lead, ActivityKind.NOTE, text, now=now)


def _identify(call: Call, phone: str, *, now: datetime) -> None:
    """A withheld caller told their number; where we know it, the call is that lead's."""
    stranger = call.lead
    if ChatLink.objects.filter(call=call, reason=ChatReason.WIDGET).exists() and lead_with_phone(phone):
        # Anybody can type anybody's number into a website.
        note_claim(lead_id=stranger.pk, phone=phone, now=now)
        return
    call.lead = identify_caller(lead_id=stranger.pk, phone=phone, now=now)
    if call.lead == stranger:
        return
    call.save(update_fields=["lead"])
    ChatLink.objects.filter(lead=stranger).update(lead=call.lead)
    if not stranger.calls.exists():
        merge_stranger(stranger_id=stranger.pk, lead_id=call.lead_id, now=now)


def _last_words(call: Call) -> str:
    last = call.turns.exclude(heard="").order_by("-number").values_list("heard", flat=True).first()
    return str(last or "")[:500]
