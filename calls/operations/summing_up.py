"""What staff read first of a call: points by rule at once, better ones by a language model when there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from calls.comparing import by_slot
from calls.display import DISPOSITION_LABELS, OUR_OWN
from calls.disposition import Disposition
from calls.lines import language_models
from calls.models import DECIDED, Call, ReviewReason
from calls.operations.consulting import note
from calls.operations.gate import local_time
from calls.operations.staff_calls import UPLOAD, is_callers, with_staff
from calls.queue import SUMMARISE, enqueue
from calls.recap import NEXT, Point, next_step, recap
from leads.queries import open_promises
from voice import dialogue
from voice.llm import RULES
from voice.llm import summarise as ask_for_summary

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from voice.llm import Summarised
    from voice.llm.summaries import Line

_BUDGET_S = 12.0  # nobody waits, but jobs that dial share these workers
_SOON = timedelta(minutes=1)  # what is due by then is due at once
_TELLING = 2  # answers; a call with fewer words has nothing that the rules' points do not say
_BY_RULES = {"", RULES}


def sum_up(call: Call) -> None:
    """Put the rules' points on the call, and have a model asked for better ones once that is committed.

    The caller saves `call`.
    """
    call.summary, call.summary_rung = _points(call), RULES
    if language_models().rungs and sum(who == "caller" for _, who, _ in _spoken(call)) >= _TELLING:
        enqueue(SUMMARISE, call_id=call.pk)


def _points(call: Call) -> list[Point]:
    """The points that need no model."""
    came_to = OUR_OWN if call.provider == UPLOAD else f"{DISPOSITION_LABELS[Disposition(call.disposition)]}."
    questions = call.dialogue.get("open_questions", [])
    return recap(slots=_wanted(call), came_to=came_to, questions=questions, next_step=_next_step(call))


def _wanted(call: Call) -> dict[str, Any]:
    """What is wanted by what was said in the call, slot to value; what staff decided goes before what was heard."""
    slots = dialogue.slots(call.dialogue) if call.dialogue else {}
    for one in call.value_reviews.all():
        if one.state in DECIDED:
            slots |= by_slot(one.slot, one.final)
        elif one.reason == ReviewReason.STAFF_CALL and not one.live:
            slots |= by_slot(one.slot, one.again.get("value"))
    return slots


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


def restate(call: Call, *, is_turned: bool) -> None:
    """Let the points tell what is wanted, and what comes next, by what staff have decided.

    A model's own points stay; its next step goes where the decision has turned the lead's standing.
    """
    points = _points(call)
    if call.summary_rung not in _BY_RULES:
        ours = [one for one in points if not one["quote"] and (is_turned or not one["text"].startswith(NEXT))]
        theirs = [one for one in call.summary if one["quote"] or (not is_turned and one["text"].startswith(NEXT))]
        points = ours + theirs
    if points != call.summary:
        Call.objects.filter(pk=call.pk).update(summary=points)


def sum_up_again(call: Call) -> None:
    """The same for a call whose words are known better by now; without models, points that a model wrote stay."""
    if not language_models().rungs and call.summary_rung not in _BY_RULES:
        return
    sum_up(call)
    call.save(update_fields=["summary", "summary_rung"])


def summarise(call_id: int, *, now: datetime) -> str:
    """Ask the language models for the points of a finished call; who wrote them. A second run changes nothing."""
    call = Call.objects.filter(pk=call_id, summary_rung=RULES).first()
    if call is None:
        return "done"
    spoken = _spoken(call)
    summed = ask_for_summary(language_models(), spoken, budget_s=_BUDGET_S)
    note(call, summed.attempts, turn=None, now=now)
    return _put(call.pk, summed, spoken) if summed.points else RULES


@transaction.atomic
def _put(call_id: int, summed: Summarised, spoken: list[Line]) -> str:
    """Put a model's points on the call as it stands now, unless more or other words are known since.

    Another job asks for those.
    """
    call = Call.objects.select_for_update(of=("self",)).filter(pk=call_id, summary_rung=RULES).first()
    if call is None or _spoken(call) != spoken:
        return "done"
    turns = set(call.turns.values_list("number", flat=True))  # to point at
    points = [
        Point(text=text, quote=quote, turn=turn if turn in turns else None) for text, quote, turn in summed.points
    ]
    kept = [one for one in call.summary if not one["quote"]]  # what is wanted, and what it came to, is ours to say
    if summed.next_step:
        kept = [one for one in kept if not one["text"].startswith(NEXT)]
        points.append(Point(text=NEXT + summed.next_step, quote="", turn=None))
    call.summary, call.summary_rung = kept + points, summed.rung
    call.save(update_fields=["summary", "summary_rung"])
    return summed.rung


def _spoken(call: Call) -> list[Line]:
    """All that was said, each as (turn, who, text); what was said to staff goes line by line, numbered on."""
    turns = list(call.turns.order_by("number"))
    told = [line for one in turns for line in _exchange(one.number, one.best_words, one.said)]
    lines = with_staff(call, call.transcripts.filter(is_best=True).first())
    last = turns[-1].number if turns else 0
    for number, line in enumerate(lines, last + 1):
        told.append((number, "caller" if is_callers(line.speaker, line.text) else "agent", line.text))
    return [line for line in told if line[2]]


def _exchange(number: int, heard: str, said: str) -> list[Line]:
    """The caller first, for the agent answers."""
    return [(number, "caller", heard), (number, "agent", said)]
