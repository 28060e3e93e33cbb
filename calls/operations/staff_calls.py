"""What staff talked about with a lead, in a call of their own or after a hand-off: read by rules, applied by nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calls.alignment import Aligned
from calls.comparing import Finding, recorded
from calls.lines import provider as provider_named
from calls.models import TransferState
from calls.operations.briefs import begin
from calls.operations.gate import local_time
from calls.places import places
from leads.queries import SLOTS
from voice import dialogue
from voice.dialogue.hearing import question_in
from voice.events import CallReport, Spoken
from voice.stt.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from calls.models import Call, Recording, Transcript
    from voice.dialogue import State

UPLOAD = "upload"
"""The provider of calls that staff made themselves, and uploaded."""

_NEEDS_A_VOICE = frozenset({"consent"})  # a yes of nobody knows whom agrees to nothing
_RUNG_S = 3.0  # nobody of ours speaks while staff are rung, and the clocks of two machines differ


@dataclass(frozen=True, slots=True)
class Talk:
    """What a lead told staff: the state as if our dialogue had heard it, and each value for a person to look at.

    `knows_voices` tells whether the lead's words are known from those of staff.
    """

    state: State
    findings: list[Finding]
    knows_voices: bool


def is_with_staff(call: Call) -> bool:
    """Whether staff talked with the lead themselves on our line, at the end of a call or from its beginning."""
    if call.provider == UPLOAD:
        return True
    # Where staff press no key, the call leaves us as they take it, and so does its recording.
    return call.transfer_state == TransferState.ACCEPTED and "accepted" in provider_named(call.provider).doors


def talks_from_s(call: Call, recording: Recording | None) -> float | None:
    """From which second of a recording on staff talk with the lead themselves; None where they never do."""
    if call.provider == UPLOAD:
        return 0.0
    began = (recording.started_at if recording else None) or call.answered_at
    if not is_with_staff(call) or call.transferred_at is None or began is None:
        return None
    return max(0.0, (call.transferred_at - began).total_seconds() - _RUNG_S)


def talked_at(call: Call) -> datetime:
    """When staff talked with the lead; a call of ours may have been asked for days before."""
    return call.transferred_at or call.created_at


def with_agent(call: Call, recording: Recording | None, lines: Iterable[Line]) -> list[Line]:
    """The lines of the conversation with the agent."""
    from_s = talks_from_s(call, recording)
    return [line for line in lines if from_s is None or line.start_s < from_s]


def with_staff(call: Call, transcript: Transcript | None) -> list[Line]:
    """The lines of the conversation with staff, those with words."""
    from_s = talks_from_s(call, transcript.recording if transcript else None)
    if transcript is None or from_s is None:
        return []
    told = [Line.from_json(one) for one in transcript.lines if one["text"] and one["start_s"] is not None]
    return [line for line in told if line.start_s >= from_s]


def hear_talk(call: Call, lines: list[Line], *, after: int, now: datetime) -> Talk:
    """Read a conversation with staff; its answers are numbered on from `after`, the turn that the agent had last."""
    opened, _ = begin(call, now=now)
    opened["slots"] = {}  # what was known before and is told again is heard, too
    spoken = tuple(Spoken(line.text, by_caller=is_callers(line.speaker, line.text)) for line in lines)
    at = local_time(call.lead, now=talked_at(call))
    state, exchanges = dialogue.retell(opened, CallReport(spoken), at=at, places=places())
    told = dialogue.evidence(state)
    knows_voices = all(line.speaker != "unknown" for line in lines)
    wanted = {slot: told[slot] for slot in SLOTS if slot in told and (knows_voices or slot not in _NEEDS_A_VOICE)}
    found = recorded(wanted, turns=_turns(lines), asked=[one.asked for one in exchanges])
    return Talk(state, [_numbered(one, after) for one in found], knows_voices)


def _numbered(finding: Finding, after: int) -> Finding:
    again = finding.again
    return replace(finding, again=replace(again, turn=again.turn + after)) if again else finding


def is_callers(speaker: str, text: str) -> bool:
    """Whether the lead said this; of two voices on one track, whoever asks our questions is staff."""
    return not question_in(text) if speaker == "unknown" else speaker == "caller"


def _turns(lines: list[Line]) -> dict[int, Aligned]:
    """The words of each answer, by the number that it has when the call is retold."""
    turns: dict[int, Aligned] = {}
    number, was_caller = 0, False
    for line in lines:
        is_caller = is_callers(line.speaker, line.text)
        if is_caller:
            number += not was_caller
            before = turns.get(number, Aligned(number))
            text = f"{before.text} {line.text}".strip()
            turns[number] = replace(before, text=text, words=(*before.words, *line.words))
        was_caller = is_caller
    return turns
