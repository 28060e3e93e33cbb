"""Who is on the line, and which of our calls it is, as Vapi's messages carry it."""

from __future__ import annotations

import re
from typing import Any

from voice.providers.vapi_reports import as_object, as_text

_REFERENCE = re.compile(r"^call-(\d{1,15})$", re.ASCII)


def reference(call_id: int) -> str:
    """Our call's id as Vapi carries it, in `customer.externalId`."""
    return f"call-{call_id}"


def caller_in(message: dict[str, Any]) -> dict[str, Any]:
    """Who is on the line, as fields of an event."""
    call, customer = as_object(message.get("call")), _customer(message)
    return {
        "call_id": our_call_id(customer) or _in_metadata(message),
        "caller": as_text(customer.get("number")),
        "called": as_text(as_object(message.get("phoneNumber")).get("number")),
        "rang_us": call.get("type") == "inboundPhoneCall",
    }


def _customer(message: dict[str, Any]) -> dict[str, Any]:
    return as_object(message.get("customer")) or as_object(as_object(message.get("call")).get("customer"))


def our_call_id(customer: dict[str, Any]) -> int | None:
    """Our own call's id, where this customer carries it."""
    match = _REFERENCE.match(as_text(customer.get("externalId")))
    return int(match[1]) if match else None


def _in_metadata(message: dict[str, Any]) -> int | None:
    """The same where it travelled as metadata: of the call, or of a request to a model."""
    overrides = as_object(as_object(message.get("call")).get("assistantOverrides"))
    holders = (as_object(overrides.get("metadata")), as_object(message.get("metadata")))
    given = next((found for one in holders if (found := one.get("call_id"))), "")
    return our_call_id({"externalId": f"call-{given}"})


def kept_customer(message: dict[str, Any]) -> dict[str, object]:
    """Who is on the line, as stored; the number only where we may not know them yet."""
    call, customer = as_object(message.get("call")), _customer(message)
    ours = our_call_id(customer) or _in_metadata(message)
    found: dict[str, object] = {"externalId": reference(ours)} if ours else {}
    if call.get("type") == "inboundPhoneCall" and "number" in customer:
        found["number"] = customer["number"]
    return found
