"""What Vapi is asked for: a call, with an assistant of its own, the account's, or one made for it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.providers import vapi_assistant, vapi_callers

if TYPE_CHECKING:
    from voice.providers.base import AgentBrief, CallOrder
    from voice.providers.vapi_assistant import Door


def call_of(order: CallOrder, door: Door | None, *, phone_number_id: str, assistant_id: str) -> dict[str, object]:
    """The body of a request for a call; `assistant_id` is the account's, and `door` is needed where there is none."""
    reference = vapi_callers.reference(order.call_id)
    name = {"name": order.name[: vapi_assistant.LONGEST_NAME]} if order.name else {}
    own = {
        **overrides(order.call_id, name=order.name),
        "maxDurationSeconds": vapi_assistant.limited(order.time_limit_s),
    }
    return {
        "name": reference,
        "phoneNumberId": phone_number_id,
        # The call itself carries no metadata; what comes back in every webhook is the customer.
        "customer": {"number": order.to, **name, "externalId": reference},
        **speaker(order.agent, door, own, assistant_id=assistant_id),
    }


def overrides(call_id: int, *, name: str = "") -> dict[str, object]:
    """What differs from call to call."""
    return {
        "variableValues": {"lead_name": vapi_assistant.as_prompt(name)},
        "metadata": {"call_id": str(call_id)},
    }


def speaker(
    agent: AgentBrief | None, door: Door | None, own: dict[str, object], *, assistant_id: str
) -> dict[str, object]:
    """Who speaks, with `own` as what differs in this call."""
    if agent and agent.assistant_id:
        words = vapi_assistant.opening(agent) | vapi_assistant.machines(agent) | vapi_assistant.recorded(agent)
        return {"assistantId": agent.assistant_id, "assistantOverrides": {**own, **words}}
    if assistant_id or agent is None or door is None:
        # Made by hand in Vapi's dashboard, so its words are those that staff wrote there. It may not record unasked.
        unrecorded = vapi_assistant.recorded(agent) if agent and not agent.record else {}
        return {"assistantId": assistant_id, "assistantOverrides": {**own, **unrecorded}}
    return {"assistant": vapi_assistant.assistant_of(agent, door), "assistantOverrides": own}
