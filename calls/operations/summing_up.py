"""What staff read first of a call: points by rule at once, better ones by a language model when there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from calls.comparing import RANGES, slots_in
from calls.display import DISPOSITION_LABELS
from calls.disposition import Disposition
from calls.lines import language_models
from calls.models import DECIDED, Call
from calls.operations.consulting import note
from calls.operations.gate import local_time
from calls.queue import SUMMARISE, enqueue
from calls.recap import NEXT, Point, next_step, recap
from leads.display import requirement_line
from leads.queries import open_promises
from voice import dialogue
from voice.llm import summarise as ask_for_summary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from voice.llm import Summarised

_BUDGET_S = 12.0  # nobody waits, but jobs that dial share these workers
_SOON = timedelta(minutes=1)  # what is due by then is due at once
_TELLING = 2  # answers; a call with fewer words has nothing that the rules' points do not say


def sum_up(call: Call, came_to: str) -> None:
    """Put the rules' points on the call, and have a model asked for better ones once that is committed.

    The caller saves `call`.
    """
    state: dialogue.State = call.dialogue
    call.summary = recap(
        slots={**dialogue.slots(state), **_decided(call)},
        came_to=came_to,
        questions=state["open_questions"],
        next_step=_next_step(call),
    )
    call.summary_rung = "rules"
    if language_models().rungs and call.turns.exclude(heard="", heard_again="").count() >= _TELLING:
        enqueue(SUMMARISE, call_id=call.pk)


def _decided(call: Call) -> dict[str, Any]:
    """What staff decided of this call's values, slot to value."""
    return {
        slot: (one.final or {}).get(slot) if one.slot in RANGES else one.final
        for one in call.value_reviews.filter(state__in=DECIDED)
        for slot in slots_in(one.slot)
    }


def _next_step(call: Call) -> str:
    """What is promised, with its time on the lead's clock where that was still to come when they spoke last."""
    spoke = call.turns.order_by("-number").values_list("at", flat=True).first() or call.created_at
    zone = local_time(call.lead, now=spoke).tzinfo
    told = [
        (
            one.kind,
            f"on {one.due_at.astimezone(zone):%-d %B at %H:%M}" if one.due_at and one.due_at > spoke + _SOON else "",
        )
        for one in open_promises(call.lead)
    ]
    return next_step(told, call.disposition)


def restate(call: Call, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Let the points tell what is wanted now, where they told what was wanted before; slot to value each."""
    was, now_is = requirement_line(before), requirement_line(after)
    points = [{**one, "text": now_is} if one["text"] == was and not one["quote"] else one for one in call.summary]
    points = [one for one in points if one["text"]]
    if now_is and not was:
        points.insert(0, Point(text=now_is, quote="", turn=None))
    if points != call.summary:
        Call.objects.filter(pk=call.pk).update(summary=points)


def sum_up_again(call: Call) -> None:
    """The same for a call whose words are known better by now; without models, points that a model wrote stay."""
    if not language_models().rungs and call.summary_rung != "rules":
        return
    sum_up(call, f"{DISPOSITION_LABELS[Disposition(call.disposition)]}.")
    call.save(update_fields=["summary", "summary_rung"])


def summarise(call_id: int, *, now: datetime) -> str:
    """Ask the language models for the points of a finished call; who wrote them. A second run changes nothing."""
    call = Call.objects.filter(pk=call_id, summary_rung="rules").first()
    if call is None:
        return "done"
    turns = call.turns.order_by("number")
    transcript = [line for turn in turns for line in _lines(turn.number, turn.best_words, turn.said)]
    summed = ask_for_summary(language_models(), transcript, budget_s=_BUDGET_S)
    note(call, summed.attempts, turn=None, now=now)
    return _put(call, summed) if summed.points else "rules"


@transaction.atomic
def _put(asked: Call, summed: Summarised) -> str:
    """Put a model's points on the call as it stands now, unless more was heard since, for which another job asks."""
    call = Call.objects.select_for_update(of=("self",)).filter(pk=asked.pk, summary_rung="rules").first()
    if call is None or call.dialogue["turn"] != asked.dialogue["turn"]:
        return "done"
    points = [Point(text=text, quote=quote, turn=turn) for text, quote, turn in summed.points]
    kept = [one for one in call.summary if not one["quote"]]  # what is wanted, and what it came to, is ours to say
    if summed.next_step:
        kept = [one for one in kept if not one["text"].startswith(NEXT)]
        points.append(Point(text=NEXT + summed.next_step, quote="", turn=None))
    call.summary, call.summary_rung = kept + points, summed.rung
    call.save(update_fields=["summary", "summary_rung"])
    return summed.rung


def _lines(number: int, heard: str, said: str) -> list[tuple[int, str, str]]:
    """One exchange as (turn, who, text): the caller first, for the agent answers."""
    both = ((number, "caller", heard), (number, "agent", said))
    return [line for line in both if line[2]]
