"""A conversation that the provider led itself, told when it was over: taken over as if it had been ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calls.models import Turn
from calls.operations import consent, line, overhearing
from calls.operations.briefs import begin
from calls.operations.gate import local_time
from calls.places import places
from voice.dialogue import retell

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from voice.events import CallReport


def take_over(call: Call, report: CallReport, *, now: datetime) -> None:
    """Keep the turns of a report and judge the lead by them; a second run changes nothing.

    A call that ended before its report came keeps its end, and learns what was said. The caller locks and saves `call`.
    """
    if call.dialogue:
        return
    if not report.spoken:
        report = replace(report, spoken=overhearing.overheard(call))  # a report may hold no words, by law or by loss
    if not (report.spoken or report.machine):
        return
    opened, _ = begin(call, now=now)
    state, turns = retell(opened, report, at=local_time(call.lead, now=now), places=places())
    call.dialogue = state
    if any(turn.said for turn in turns):
        consent.note_notice(call, state, now=now)
    consent.note_refusal(call, state, now=now)
    call.answered_at = call.answered_at or next((turn.at for turn in turns if turn.at), None)
    overhearing.forget(call)
    Turn.objects.bulk_create(
        Turn(
            call=call,
            number=number,
            asked=turn.asked,
            heard=turn.heard,
            understood=turn.understood,
            said=turn.said,
            at=turn.at or now,
        )
        for number, turn in enumerate(turns)
    )
    line.conclude(call, now=now)
