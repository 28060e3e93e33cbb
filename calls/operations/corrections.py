"""What staff decided about heard values, as cases that the rules can be measured by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calls.corrections import case_of, told_by
from calls.models import DECIDED, ReviewState, Turn, ValueReview
from calls.operations.gate import local_time
from calls.operations.staff_calls import talked_at
from calls.places import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


def corrections(*, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """The cases of all decided reviews, the oldest decision first; those decided since `since`, if it is given."""
    decided = ValueReview.objects.filter(state__in=DECIDED).select_related("call__lead", "turn")
    if since:
        decided = decided.filter(decided_at__gte=since)
    for review in decided.order_by("decided_at", "pk").iterator():
        if case := _case(review):
            yield case


def _case(review: ValueReview) -> dict[str, Any] | None:
    lead = review.call.lead
    told = told_by(review.slot, review.live, review.again, review.final)
    turn = _turn(review, told.reading.get("turn"))
    return case_of(
        told,
        number=review.pk,
        slot=review.slot,
        asked=turn.asked if turn else told.reading.get("asked", ""),
        at=local_time(lead, now=turn.at if turn else talked_at(review.call)),
        was=review.live.get("value"),
        final=review.final,
        because=f"{review.get_state_display()} by staff. {review.get_reason_display()}.",
        is_heard=review.state == ReviewState.ACCEPTED,
        person=lead.name,
        places=places(),
    )


def _turn(review: ValueReview, number: int | None) -> Turn | None:
    """The turn of the words, which the two hearings may have in two of them."""
    if review.turn and review.turn.number == number:
        return review.turn
    return review.call.turns.filter(number=number).first() if number is not None else None
