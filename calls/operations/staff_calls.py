"""What a call that staff made themselves, and uploaded, tells of a lead: read by our rules, applied by nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from calls.alignment import Aligned
from calls.comparing import Finding, recorded
from calls.operations.briefs import begin
from calls.operations.gate import local_time
from calls.places import places
from leads.queries import SLOTS
from voice import dialogue
from voice.dialogue.hearing import question_in
from voice.events import CallReport, Spoken
from voice.stt.lines import Line

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call, Transcript

UPLOAD = "upload"
"""The provider of calls that staff made themselves, and uploaded."""

_NEEDS_A_VOICE = frozenset({"consent"})  # a yes of nobody knows whom agrees to nothing


def findings_of_upload(call: Call, transcript: Transcript, *, now: datetime) -> list[Finding]:
    """Each value that the words of a staff's own call tell, for a person to look at."""
    lines = [Line.from_json(one) for one in transcript.lines]
    opened, _ = begin(call, now=now)
    spoken = tuple(Spoken(line.text, by_caller=is_callers(line.speaker, line.text)) for line in lines if line.text)
    at = local_time(call.lead, now=call.created_at)
    state, exchanges = dialogue.retell(opened, CallReport(spoken), at=at, places=places())
    told = dialogue.evidence(state)
    knows_voices = all(line.speaker != "unknown" for line in lines)
    wanted = {slot: told[slot] for slot in SLOTS if slot in told and (knows_voices or slot not in _NEEDS_A_VOICE)}
    return recorded(wanted, turns=_turns(lines), asked=[one.asked for one in exchanges])


def is_callers(speaker: str, text: str) -> bool:
    """Whether the lead said this; of two voices on one track, whoever asks our questions is staff."""
    return not question_in(text) if speaker == "unknown" else speaker == "caller"


def _turns(lines: list[Line]) -> dict[int, Aligned]:
    """The words of each answer, by the number that it has when the call is retold."""
    turns: dict[int, Aligned] = {}
    number, was_caller = 0, False
    for line in lines:
        if not line.text:
            continue
        is_caller = is_callers(line.speaker, line.text)
        if is_caller:
            number += not was_caller
            before = turns.get(number, Aligned(number))
            text = f"{before.text} {line.text}".strip()
            turns[number] = replace(before, text=text, words=(*before.words, *line.words))
        was_caller = is_caller
    return turns
