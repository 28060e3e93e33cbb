"""What will become of a promise to ring back: whether the agent calls by itself, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calls.lines import provider
from calls.models import DialerSettings
from calls.operations.gate import gate_many
from calls.origin import Origin
from leads.models import FollowUpKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from calls.compliance import Decision
    from leads.models import FollowUp

_WILL = "The agent calls then by itself."
_PAUSED = "The agent calls then by itself, if calls are resumed by then."
_WONT = "The agent will not call. {}"
_BY_HAND = "The agent does not call by itself: that is switched off under Dialer settings."


def foretell(promises: Sequence[FollowUp], *, now: datetime) -> dict[int, str]:
    """A sentence for each promised callback whose time is still to come, by its id; none for any other promise."""
    coming = [
        one
        for one in promises
        if one.kind == FollowUpKind.CALLBACK and one.done_at is None and one.due_at and one.due_at > now
    ]
    if not coming:
        return {}
    if not DialerSettings.current().dial_callbacks:
        return {one.pk: _BY_HAND for one in coming}
    decisions = gate_many([one.lead for one in coming], provider(), now=now, origin=Origin.CALLBACK)
    return {one.pk: _sentence(decisions[one.lead_id]) for one in coming}


def _sentence(decision: Decision) -> str:
    if decision.code.endswith("paused"):
        return _PAUSED
    return _WILL if decision.allowed or decision.again_at else _WONT.format(decision.detail)
