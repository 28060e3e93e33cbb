"""What a recording proves of a lead: its words beside the live ones, each value's second, and what people must see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from calls.alignment import Aligned, LiveTurn, align
from calls.comparing import Finding, and_then, by_slot, compare, doubtful, slots_in
from calls.models import Call, Engine, ReviewState, Transcript, Turn, ValueReview
from calls.operations import consent, wishes
from calls.operations.gate import local_time
from calls.operations.reviewing import doubted
from calls.operations.staff_calls import Talk, hear_talk, is_with_staff, with_agent, with_staff
from calls.operations.summing_up import sum_up_again
from calls.places import places
from leads.models import Lead, Requirement
from leads.queries import SLOTS
from voice import dialogue
from voice.stt.lines import Line
from voice.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

_ALIGNED = ("heard_again", "better", "better_why", "start_s", "end_s", "said_start_s", "said_end_s", "words")


@dataclass(frozen=True, slots=True)
class Reading:
    """A call's values as a transcript has them, and `basis`, all that they were read from.

    `again` is the conversation with the agent as it was heard again, and `talk` the one with staff.
    """

    basis: list[Any]
    findings: list[Finding]
    aligned: list[Aligned] = field(default_factory=list)
    again: dialogue.State | None = None
    talk: Talk | None = None


@transaction.atomic
def take_in(call_id: int, *, now: datetime, reading: Reading | None = None) -> None:
    """Read a call's values again in its newest transcript: values get their seconds, doubtful ones a review.

    The lead keeps the values that it has until staff decide. A second run with the same transcript changes nothing;
    a new transcript takes the place of open reviews, and decided ones stay. A `reading` spares the work while the call
    is locked, unless what it was read from has changed.
    """
    call = Call.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(pk=call_id)
    transcript = _newest(call)
    if not call.dialogue and not is_with_staff(call):
        return
    turns = list(call.turns.order_by("number"))
    if reading is None or reading.basis != _basis(call, turns, transcript):
        reading = read(call, transcript, now=now)
    has_changed = _store(turns, reading.aligned)
    _settle(call, reading.findings, transcript.recording_id if transcript and reading.aligned else None, now=now)
    _heed(call, reading, now=now)
    if has_changed or is_with_staff(call):
        sum_up_again(call)


def read(call: Call, transcript: Transcript | None, *, now: datetime) -> Reading:
    """Read a call's values in a transcript, stored or not; writes nothing.

    Seconds of work where a call was long, so it is done before the call is locked: on SQLite nobody else writes then.
    """
    turns = list(call.turns.order_by("number"))
    basis = _basis(call, turns, transcript)
    lines = with_staff(call, transcript)
    talk = hear_talk(call, lines, after=max((turn.number for turn in turns), default=0), now=now) if lines else None
    talked = talk.findings if talk else []
    if not call.dialogue:
        return Reading(basis, talked, talk=talk)
    heard = transcript if transcript and transcript.engine == Engine.WHISPER and transcript.lines else None
    aligned = _aligned(call, turns, heard) if heard else []
    again = _heard_again(call, turns, {one.number: one.text for one in aligned}) if _has_words(aligned) else None
    return Reading(basis, and_then(_findings(call, turns, aligned, again), talked), aligned, again, talk)


def _basis(call: Call, turns: Sequence[Turn], transcript: Transcript | None) -> list[Any]:
    held = [[one.number, one.asked, one.heard, one.digits, one.said, one.confidence, one.at] for one in turns]
    read_in = [transcript.engine, transcript.recording_id, transcript.lines] if transcript else []
    return [call.dialogue, call.answered_at, call.transferred_at, held, read_in]


def _newest(call: Call) -> Transcript | None:
    """The best transcript; Whisper's latest where none is marked."""
    known = list(call.transcripts.order_by("pk"))
    best = [one for one in known if one.is_best] or [one for one in known if one.engine == Engine.WHISPER]
    return best[-1] if best else None


def _aligned(call: Call, turns: Sequence[Turn], transcript: Transcript) -> list[Aligned]:
    lines = with_agent(call, transcript.recording, map(Line.from_json, transcript.lines))
    by_number = {turn.number: turn for turn in turns}

    def read(number: int, text: str) -> Mapping[str, Any]:
        turn = by_number[number]
        at = local_time(call.lead, now=turn.at)
        return understand(text, asked=turn.asked, now=at, places=places()).slots

    began = (transcript.recording and transcript.recording.started_at) or call.answered_at
    return align([_live(turn, began) for turn in turns], lines, read=read)


def _live(turn: Turn, began: datetime | None) -> LiveTurn:
    at_s = (turn.at - began).total_seconds() if began else None
    return LiveTurn(turn.number, turn.heard, turn.said, turn.confidence, at_s, turn.digits)


def _store(turns: Sequence[Turn], aligned: Iterable[Aligned]) -> bool:
    """Put the recording's words beside the live ones; whether the better words of any turn are others than before."""
    there = {one.number: one for one in aligned}
    changed, reads_anew = [], False
    for turn in turns:
        values = _columns(there.get(turn.number, Aligned(turn.number)))
        if all(getattr(turn, name) == value for name, value in values.items()):
            continue
        before = turn.best_words
        for name, value in values.items():
            setattr(turn, name, value)
        reads_anew |= turn.best_words != before
        changed.append(turn)
    Turn.objects.bulk_update(changed, _ALIGNED)
    return reads_anew


def _columns(one: Aligned) -> dict[str, Any]:
    words = [word.as_json() for word in one.words]
    values = (one.text, one.better, one.why, one.start_s, one.end_s, one.said_start_s, one.said_end_s, words)
    return dict(zip(_ALIGNED, values, strict=True))


def _has_words(aligned: Iterable[Aligned]) -> bool:
    return any(one.words for one in aligned)


def _findings(
    call: Call, turns: Sequence[Turn], aligned: Sequence[Aligned], again: dialogue.State | None
) -> list[Finding]:
    """What became of each value of the requirement that this conversation told."""
    live = _wanted(call.dialogue)
    sure = {turn.number: turn.confidence for turn in turns}
    if again is None:
        return doubtful(live, sure)
    base = _heard_again(call, turns, {turn.number: turn.heard for turn in turns})
    by_number = {one.number: one for one in aligned}
    return compare(live, _wanted(base), _wanted(again), turns=by_number, sure=sure)


def _heard_again(call: Call, turns: Sequence[Turn], texts: Mapping[int, str]) -> dialogue.State:
    """The conversation with these words in its turns, by the rules alone; keys that were pressed stay pressed."""
    exchanges = [
        dialogue.Exchange(
            asked=turn.asked,
            heard=turn.heard if turn.digits else texts[turn.number],
            digits=turn.digits,
            at=local_time(call.lead, now=turn.at),
        )
        for turn in turns
        if turn.number
    ]
    return dialogue.hear_again(call.dialogue, exchanges, places=places())


def _heed(call: Call, reading: Reading, *, now: datetime) -> None:
    """Act on what the recording alone has of the caller's wishes for themselves."""
    was_heard = call.dialogue and _wants_silence(call.dialogue)
    if reading.again and _wants_silence(reading.again) and not was_heard:
        wishes.missed_in_recording(call, now=now)
    if reading.talk and _wants_silence(reading.talk.state):
        wishes.told_to_staff(call, now=now)
    for state in (reading.again, reading.talk.state if reading.talk and reading.talk.knows_voices else None):
        if state:
            consent.note_refusal(call, state, now=now)
    call.save(update_fields=["recording_consent", "recording_consent_at", "recording_words"])


def _wants_silence(state: dialogue.State) -> bool:
    return dialogue.outcome(state) == dialogue.Outcome.DO_NOT_CALL


def _wanted(state: dialogue.State) -> dict[str, dialogue.SlotValue]:
    """What a conversation told of the requirement."""
    told = dialogue.evidence(state)
    return {slot: told[slot] for slot in SLOTS if slot in told}


def _settle(call: Call, findings: Iterable[Finding], recording_id: int | None, *, now: datetime) -> None:
    """Give values their seconds, and open the reviews that are wanted; values that others changed are left alone."""
    Lead.objects.select_for_update().get(pk=call.lead_id)
    requirement, _ = Requirement.objects.get_or_create(lead_id=call.lead_id)
    evidence, open_still = dict(requirement.evidence), []
    for one in findings:
        if one.live and _is_of(call, one, requirement):
            evidence |= _placed(call, one, requirement, recording_id)
        elif one.live or not _is_news(call, one, requirement):
            continue
        if one.reason:
            _review(call, one, now=now)
            open_still.append(one.slot)
    if evidence != requirement.evidence:
        Requirement.objects.filter(pk=requirement.pk).update(evidence=evidence)  # no value changes
    call.value_reviews.filter(state=ReviewState.OPEN).exclude(slot__in={*open_still, *doubted(call)}).delete()


def _is_of(call: Call, one: Finding, requirement: Requirement) -> bool:
    """Whether the lead's value is the one that this conversation told, with its words still beside it."""
    for slot, told in by_slot(one.slot, one.live.value).items() if one.live else ():
        proof = requirement.evidence.get(slot)
        if told is None and (proof is None or proof["call"] != call.pk):
            continue  # the other end of a range, which this conversation left alone
        if told is None or not proof or proof["call"] != call.pk or getattr(requirement, slot) != told:
            return False
    return True


def _is_news(call: Call, one: Finding, requirement: Requirement) -> bool:
    """Whether a value that only the recording has is worth a look: nobody said or wrote anything later.

    Where no agent spoke nobody knows whether what stands there was written before or after the call.
    """
    known = call.dialogue.get("slots", {}) if call.dialogue else {}
    told = by_slot(one.slot, one.again.value) if one.again else {}
    stored = {slot: getattr(requirement, slot) for slot in told}
    if all(stored[slot] == told[slot] for slot in told if told[slot] is not None):
        return False
    for slot, now_is in stored.items():
        proof = requirement.evidence.get(slot)
        if proof and proof["call"] > call.pk:
            return False
        before = known.get(slot, {}).get("value")
        is_written = now_is not in (None, "", []) and not proof and now_is != before
        if is_written and call.dialogue:
            return False  # staff wrote it since
    return True


def _placed(call: Call, one: Finding, requirement: Requirement, recording_id: int | None) -> dict[str, Any]:
    """The evidence of a value, with the second at which the recording has its words."""
    if one.live is None:
        return {}
    place = one.again if one.again and one.again.value == one.live.value else one.live
    known = {slot: requirement.evidence[slot] for slot in slots_in(one.slot) if slot in requirement.evidence}
    return {
        slot: {
            **{name: proof[name] for name in ("call", "turn", "words")},
            "source": "live",
            "recording": recording_id if place.start_s is not None else None,
            "start_s": place.start_s,
            "end_s": place.end_s,
            "confidence": place.confidence,
        }
        for slot, proof in known.items()
        # The other end of a range may have been told in another turn, or in another call.
        if proof.get("source") != "staff" and (proof["call"], proof["turn"]) == (call.pk, one.live.turn)
    }


def _review(call: Call, one: Finding, *, now: datetime) -> None:
    """Open a review, or bring an open one up to date; a decided one stands."""
    told = one.live or one.again
    values = {
        "reason": one.reason,
        "turn": call.turns.filter(number=told.turn).first() if told else None,
        "live": one.live.as_json() if one.live else {},
        "again": one.again.as_json() if one.again else {},
    }
    review = call.value_reviews.filter(slot=one.slot).first()
    if review is None:
        ValueReview.objects.create(call=call, slot=one.slot, created_at=now, **values)
    elif review.state == ReviewState.OPEN and any(getattr(review, name) != value for name, value in values.items()):
        ValueReview.objects.filter(pk=review.pk, state=ReviewState.OPEN).update(**values)
