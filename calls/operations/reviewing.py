"""What the rules and a language model heard differently, until a person has looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from calls.models import Call
from leads.models import ActivityKind
from leads.operations import record

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User


@transaction.atomic
def mark_reviewed(*, call_id: int, by: User, now: datetime) -> bool:
    """A person has looked at what was heard differently; False when somebody had before."""
    if not Call.objects.filter(pk=call_id, needs_review=True).update(needs_review=False):
        return False
    lead = Call.objects.select_related("lead").get(pk=call_id).lead
    record(lead, ActivityKind.NOTE, "Checked what was heard in a call.", now=now, by=by, call=call_id)
    return True
