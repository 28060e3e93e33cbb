"""Values that a person should look at: opened by conversations, overtaken by later ones, and decided once, by staff."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Coalesce

from calls.comparing import RANGES, Reading, doubtful, name_of, slots_in
from calls.models import Call, ReviewReason, ReviewState, ValueReview
from calls.operations.summing_up import restate
from leads.display import NOT_KNOWN, SLOT_LABELS, merged
from leads.models import ActivityKind, Lead, Requirement
from leads.operations import judge, judge_again, record
from leads.queries import SLOTS, empty_value, requirement_of, slots_of
from voice import dialogue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

CHOICES = {
    "live": ReviewState.ACCEPTED,
    "again": ReviewState.ACCEPTED,
    "other": ReviewState.CORRECTED,
    "clear": ReviewState.CLEARED,
}
"""What staff may decide: the live value, the recording's, another one, or none."""


class DecisionError(Exception):
    """A decision that was not taken; the sentence tells why.

    `code` is gone, decided, changed, no_value or not_a_value.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@transaction.atomic
def decide(review_id: int, *, choice: str, by: User, now: datetime, value: Any = None, seen: str = "") -> ValueReview:
    """Take a person's word for a value: on the lead, in its evidence, for the verdict and on the timeline.

    `choice` is one of CHOICES; with "other" `value` is what the slot holds, for a range both ends by their slots.
    `seen` is the `version_of` the review that they looked at. Of two people who decide at once one wins, and the other
    is told; what was to be looked at of earlier calls is overtaken.

    :raises DecisionError: and nothing is written.
    """
    review = _locked(review_id, seen)
    call = review.call
    lead = Lead.objects.select_for_update().get(pk=call.lead_id)
    requirement, _ = Requirement.objects.get_or_create(lead=lead)
    before, was_judged, standing = slots_of(requirement), judge(requirement), lead.status
    final = _final(review, choice, value, requirement)
    state = CHOICES[choice] if _stored(review.slot, final) is not None else ReviewState.CLEARED
    _win(review, state, final, by=by, now=now)
    _write(requirement, final, _told(review, choice), _proof(review, choice, by=by))
    lead.save(update_fields=["updated_at"])  # a form that was opened before must not write over it
    judge_again(lead, requirement, before=was_judged, now=now, by=by)
    record(lead, ActivityKind.NOTE, _sentence(review, before, final), now=now, by=by, review=review.pk)
    restate(call, is_turned=lead.status != standing)
    _settle_call(call)
    return review


def version_of(review: ValueReview) -> str:
    """What tells a review from the same one after a new transcript."""
    heard = [[told.get("value"), told.get("words")] for told in (review.live, review.again)]
    return hashlib.sha256(json.dumps(heard, sort_keys=True).encode()).hexdigest()[:16]


def _locked(review_id: int, seen: str) -> ValueReview:
    """The review as it stands now, its call locked, so that no new transcript changes it any more."""
    # A lead's page that is saved holds the lead, and may add a review, for which its call must not be locked as a key.
    call = Call.objects.select_for_update(of=("self",), no_key=True).filter(value_reviews=review_id).first()
    review = ValueReview.objects.select_related("turn").filter(pk=review_id).first()
    if call is None or review is None:
        raise DecisionError("gone", "This needs no look any more: a new transcript settled it. Nothing was changed.")
    if seen and review.state == ReviewState.OPEN and seen != version_of(review):
        raise DecisionError(
            "changed", "A new transcript heard this differently meanwhile. Look again. Nothing was changed."
        )
    review.call = call
    return review


def _final(review: ValueReview, choice: str, value: Any, requirement: Requirement) -> dict[str, Any]:
    """What the slots will hold; None where nothing is known."""
    slots = slots_in(review.slot)
    if choice == "clear":
        return dict.fromkeys(slots)
    if choice == "other":
        return _checked(review.slot, value)
    told = getattr(review, choice)
    if "value" not in told or told["value"] is None:
        raise DecisionError(
            "no_value", "Nothing was heard there that could be taken. Choose another value, or clear it."
        )
    if len(slots) == 1:
        return {review.slot: told["value"]}
    return {slot: told["value"].get(slot, _other_end(review, choice, slot, requirement)) for slot in slots}


def _told(review: ValueReview, choice: str) -> Collection[str]:
    """The slots that a choice speaks of: one hearing may tell one end of a range alone."""
    if choice in {"live", "again"} and review.slot in RANGES:
        return frozenset(getattr(review, choice)["value"])
    return slots_in(review.slot)


def _checked(name: str, value: Any) -> dict[str, Any]:
    """Another value by its slots, where it has the form of one; what it says is checked by the requirement."""
    if (
        name == "locations"
        and value is not None
        and not (isinstance(value, list) and all(isinstance(one, dict) and one.get("city") for one in value))
    ):
        raise DecisionError("not_a_value", "Each place needs its city, such as Wakad (Pune) or Mumbai.")
    if len(slots_in(name)) == 1:
        return {name: value}
    if not isinstance(value, dict):
        raise DecisionError("not_a_value", "A range needs its two ends; leave one empty where it is open.")
    return {slot: value.get(slot) for slot in slots_in(name)}


def _other_end(review: ValueReview, choice: str, slot: str, requirement: Requirement) -> Any:
    """The end of a range that the chosen words leave open: it stays, unless the words that are given up had set it."""
    proof = requirement.evidence.get(slot) or {}
    if choice == "again" and proof.get("call") == review.call_id:
        return None
    return _plain(getattr(requirement, slot))


def _win(review: ValueReview, state: ReviewState, final: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Decide a review that is open still; whoever comes second learns what was decided."""
    values = {"state": state, "final": _stored(review.slot, final), "decided_by": by, "decided_at": now}
    if ValueReview.objects.filter(pk=review.pk, state=ReviewState.OPEN).update(**values):
        for name, value in values.items():
            setattr(review, name, value)
        _overtake_earlier(review, now=now)
        return
    review.refresh_from_db(fields=["state", "final", "decided_by"])  # who writes on the lead does not hold the call
    if review.state == ReviewState.OVERTAKEN:
        raise DecisionError("decided", "A later call has told this anew. Nothing was changed.")
    who = f" by {review.decided_by}" if review.decided_by else ""
    was = in_words(review.slot, review.final)
    raise DecisionError(
        "decided", f"This was decided before{who}: {review.get_state_display().lower()}, {was}. Nothing was changed."
    )


def _overtake_earlier(review: ValueReview, *, now: datetime) -> None:
    """What waits of calls before this one is over, now that this one has settled it."""
    began = Coalesce("call__answered_at", "call__created_at")
    others = _open_elsewhere(review.call, {review.slot}).alias(began=began)
    others.filter(began__lte=review.call.answered_at or review.call.created_at).update(**_overtaken(now))


def _open_elsewhere(call: Call, names: Collection[str]) -> QuerySet[ValueReview]:
    """What waits under these names of other calls with the same lead."""
    waiting = ValueReview.objects.filter(call__lead_id=call.lead_id, state=ReviewState.OPEN, slot__in=names)
    return waiting.exclude(call=call)


def _overtaken(now: datetime) -> dict[str, Any]:
    return {"state": ReviewState.OVERTAKEN, "decided_at": now}


def _write(requirement: Requirement, final: Mapping[str, Any], told: Collection[str], proof: dict[str, Any]) -> None:
    """Put the decided values on the lead, with the words and the second that they were decided by."""
    for slot, value in final.items():
        if slot not in told and value is not None:
            continue  # the other end of a range stays, with its own words
        setattr(requirement, slot, empty_value(slot) if value is None else value)
        requirement.evidence.pop(slot, None)
        if value is not None:
            requirement.evidence[slot] = proof
    try:
        requirement.full_clean(exclude=["lead"])
    except ValidationError as error:
        raise DecisionError("not_a_value", " ".join(error.messages)) from None
    requirement.save()


def _proof(review: ValueReview, choice: str, *, by: User) -> dict[str, Any]:
    """The evidence of a decided value: the chosen words, or those that staff put right."""
    told = (review.again or review.live) if choice != "live" else review.live
    recording = review.call.transcripts.filter(is_best=True).values_list("recording_id", flat=True).first()
    return {
        "call": review.call_id,
        "turn": told.get("turn"),
        "words": told.get("words", ""),
        "source": "staff",
        "by": by.pk,
        "recording": recording if told.get("start_s") is not None else None,
        "start_s": told.get("start_s"),
        "end_s": told.get("end_s"),
        "confidence": told.get("confidence"),
    }


def _sentence(review: ValueReview, before: Mapping[str, Any], final: Mapping[str, Any]) -> str:
    was = in_words(review.slot, {slot: _plain(before[slot]) for slot in slots_in(review.slot)}, of_slots=True)
    now_is = in_words(review.slot, dict(final), of_slots=True)
    label = SLOT_LABELS[review.slot]
    if was == now_is:
        return f"Checked what was heard. {label}: {now_is}."
    return f"Checked what was heard. {label}: {now_is}; it was {was}."


def in_words(name: str, value: Any, *, of_slots: bool = False) -> str:
    """A reviewed value in the words of staff. With `of_slots` it is slot to value, otherwise as reviews hold it."""
    slots = value if of_slots or name not in slots_in(name) else {name: value}
    return next(iter(merged(slots or {}).values()), NOT_KNOWN)


def _stored(name: str, final: Mapping[str, Any]) -> Any:
    """Slot to value as a review holds it: a range as it is, null for nothing."""
    known = {slot: plain for slot, value in final.items() if (plain := _plain(value)) is not None}
    return known.get(name) if name in final else known or None


def _plain(value: Any) -> Any:
    """A stored value as JSON holds it; None for nothing."""
    if value in ("", []):
        return None
    return float(value) if type(value).__name__ == "Decimal" else value


def doubted(call: Call) -> set[str]:
    """What rules and model read differently in a call; it waits for a person, whatever a recording tells of it."""
    return {name_of(one["slot"]) for one in (call.dialogue or {}).get("review", []) if one["slot"] in SLOTS}


def now_known(review: ValueReview) -> str:
    """What the lead has now, in words; empty where that is the live value, or nothing."""
    stored = slots_of(requirement_of(review.call.lead))
    now_is = in_words(review.slot, {slot: _plain(stored.get(slot)) for slot in slots_in(review.slot)}, of_slots=True)
    was = in_words(review.slot, review.live["value"]) if review.live.get("value") is not None else NOT_KNOWN
    return "" if now_is in {NOT_KNOWN, was} else now_is


def _settle_call(call: Call) -> None:
    """The mark goes with the last value that rules and model read differently, where each of them is a value."""
    left = call.value_reviews.filter(slot__in=doubted(call), state=ReviewState.OPEN)
    others = [one for one in (call.dialogue or {}).get("review", []) if one["slot"] not in SLOTS]
    if call.needs_review and not others and not left.exists():
        Call.objects.filter(pk=call.pk).update(needs_review=False)


def _settle_calls(call_ids: list[int]) -> None:
    for call in Call.objects.filter(pk__in=call_ids, needs_review=True):
        _settle_call(call)


@transaction.atomic
def mark_reviewed(*, call_id: int, by: User, now: datetime) -> bool:
    """A person has looked at what was heard differently, and leaves it as it is; False when somebody had before."""
    if not Call.objects.filter(pk=call_id, needs_review=True).update(needs_review=False):
        return False
    call = Call.objects.get(pk=call_id)
    lead = Lead.objects.select_for_update().get(pk=call.lead_id)  # before reviews, as a call that ends does
    stored = slots_of(Requirement.objects.filter(lead=lead).first())
    for review in call.value_reviews.filter(slot__in=doubted(call), state=ReviewState.OPEN):
        final = _stored(review.slot, {slot: stored.get(slot) for slot in slots_in(review.slot)})
        values = {"state": ReviewState.ACCEPTED, "final": final, "decided_by": by, "decided_at": now}
        ValueReview.objects.filter(pk=review.pk, state=ReviewState.OPEN).update(**values)
    record(lead, ActivityKind.NOTE, "Checked what was heard in a call.", now=now, by=by, call=call_id)
    return True


def decided_by_staff(call: Call) -> set[str]:
    """The slots that a person has settled since the call told of them; its last words may come later.

    The lead is locked, so that nobody settles another before the caller's transaction ends.
    """
    Lead.objects.select_for_update().get(pk=call.lead_id)
    names = call.value_reviews.exclude(decided_by=None).values_list("slot", flat=True)
    return {slot for name in names for slot in slots_in(name)}


def open_doubts(call: Call, *, now: datetime) -> None:
    """A conversation is over: what rules and model read differently, or was badly heard, waits for a person.

    Doubts of earlier calls about what this one told, or took back, are over. A recording that is transcribed later
    clears up what was badly heard. A second run adds nothing. The caller's transaction holds the call.
    """
    state: dialogue.State = call.dialogue
    heard = {slot: one for slot, one in dialogue.evidence(state).items() if slot in SLOTS}
    told = {name_of(slot) for slot in (*heard, *(past["slot"] for past in state["history"]))}
    _open_elsewhere(call, told).update(**_overtaken(now))
    doubts: dict[str, list[dialogue.Review]] = {}
    for one in state["review"]:
        if one["slot"] in SLOTS:
            doubts.setdefault(name_of(one["slot"]), []).append(one)
    for name, parts in doubts.items():
        read = {"live": _read_by(name, parts, "rule"), "again": _read_by(name, parts, "model")}
        _open(call, name, ReviewReason.RULES_AND_MODEL, parts[-1]["turn"], read, now=now)
    for found in doubtful(heard, dict(call.turns.values_list("number", "confidence"))):
        if found.reason and (live := found.live):
            _open(call, found.slot, ReviewReason(found.reason), live.turn, {"live": live.as_json()}, now=now)


def _open(call: Call, name: str, reason: ReviewReason, turn: int, read: Mapping[str, Any], *, now: datetime) -> None:
    """One more value to look at, unless there is one of this name."""
    values = {"reason": reason, "turn": call.turns.filter(number=turn).first(), "created_at": now, **read}
    ValueReview.objects.get_or_create(call=call, slot=name, defaults=values)


def _read_by(name: str, parts: list[dialogue.Review], who: Literal["rule", "model"]) -> dict[str, Any]:
    """What one of two readers made of the words; {} for nothing."""
    read = {one["slot"]: one[who] for one in parts if one[who] is not None}
    if not read:
        return {}
    return Reading(read.get(name, read), parts[-1]["words"], parts[-1]["turn"]).as_json()


@transaction.atomic
def note_corrections(requirement: Requirement, changed: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Keep what staff changed by hand in values that a call had told; their old words prove them no longer.

    It decides what waited to be looked at there; but a doubt about one end of a range outlasts a change of the other.

    `changed` is slot to the value before; `requirement` holds the new ones, and is saved by the caller.
    """
    for name in dict.fromkeys(name_of(slot) for slot in changed):
        proofs = {slot: requirement.evidence.get(slot) or {} for slot in slots_in(name)}
        proof = next((one for one in proofs.values() if one.get("call")), None)
        for slot in changed.keys() & proofs.keys():
            requirement.evidence.pop(slot, None)
        slots = slots_in(name)
        was = _stored(name, {slot: changed.get(slot, getattr(requirement, slot)) for slot in slots})
        final = _stored(name, {slot: getattr(requirement, slot) for slot in slots})
        decided = {
            "state": ReviewState.CLEARED if final is None else ReviewState.CORRECTED,
            "final": final,
            "decided_by": by,
            "decided_at": now,
        }
        waiting = ValueReview.objects.filter(call__lead_id=requirement.lead_id, slot=name, state=ReviewState.OPEN)
        stays = [one for one in waiting if changed.keys().isdisjoint(_doubted_in(one))]
        settled = waiting.exclude(pk__in=[one.pk for one in stays])
        # Not yet: the lead is locked, and calls are locked before leads.
        transaction.on_commit(partial(_settle_calls, list(settled.values_list("call_id", flat=True))))
        settled.update(**decided)
        call = Call.objects.filter(pk=proof["call"], lead_id=requirement.lead_id).first() if proof else None
        if call is None or proof is None or call.pk in {one.call_id for one in stays}:
            continue
        live = {key: proof.get(key) for key in ("words", "turn", "start_s", "end_s", "confidence")} | {"value": was}
        turn = call.turns.filter(number=proof["turn"]).first()
        fresh = {"reason": ReviewReason.BY_HAND, "turn": turn, "live": live, "created_at": now}
        ValueReview.objects.update_or_create(call=call, slot=name, defaults=decided, create_defaults=fresh | decided)


def _doubted_in(review: ValueReview) -> set[str]:
    """The slots of a review on which its hearings differ, or all that they tell where they do not."""
    live, again = ((told.get("value") if told else None) for told in (review.live, review.again))
    if review.slot not in RANGES:
        return {review.slot}
    told = {*(live or {}), *(again or {})} or set(slots_in(review.slot))
    return {slot for slot in told if live and again and live.get(slot) != again.get(slot)} or told
