"""What Twilio's REST API says of calls, in our words. Facts: twilio.com/docs/voice/api/call-resource."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from voice.providers import twiml
from voice.providers.base import LineReport, ProviderError

if TYPE_CHECKING:
    from datetime import datetime


def sid_of(made: Any) -> str:
    """The id of what was just made."""
    if not made.sid:
        raise ValueError("an answer without an id")
    return str(made.sid)


def is_since(call: Any, since: datetime) -> bool:
    """Whether a call may have been asked for since then."""
    # A call that still waits at Twilio has no start time, so its creation decides; it may lack that, too.
    return call.date_created is None or call.date_created >= since


def report_of(call: Any) -> LineReport:
    """What became of a call.

    :raises ProviderError: when it is in a state that is new to us.
    """
    line = twiml.line_of(call.status)
    if line is None:
        raise ProviderError(
            "Twilio gave the call a state that is not known here.", code="unknown_state", retryable=True
        )
    duration = int(call.duration) if call.duration else None
    return LineReport(call.sid, line, twiml.end_reason_of(call.status), duration, cost_micros=_cost_micros(call))


def _cost_micros(call: Any) -> int | None:
    """Twilio charges, so its prices are negative; they are known some time after the end."""
    try:
        price = Decimal(str(call.price)) if call.price is not None and call.price_unit == "USD" else None
    except InvalidOperation:
        return None
    return max(0, int(-price * 1_000_000)) if price is not None and price.is_finite() else None
