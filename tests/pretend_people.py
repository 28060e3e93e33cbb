"""People on the pretend network, by what they are like, and calls to them that are heard to their end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from calls import operations
from leads.models import Lead
from voice import personas

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call


def number_of(persona: str) -> str:
    """A number that this persona answers."""
    return next(
        number for number in (f"+9198200{tail:05d}" for tail in range(100_000)) if personas.pick(number).name == persona
    )


def call_through(persona: str, now: datetime) -> Call:
    """Call a lead who is this persona, and wait for the end."""
    lead = Lead.objects.create(name="Meena Kulkarni", phone=number_of(persona))
    call = operations.request_call(lead_id=lead.pk, now=now, provider="pretend")
    assert operations.dial(call.pk, tries=0, now=now) == "placed"
    for _ in range(600):
        call.refresh_from_db()
        if not call.is_live:
            return call
        time.sleep(0.05)
    raise AssertionError(f"the call with {persona} never ended")
