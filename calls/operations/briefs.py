"""Who speaks in a call, with which first words, and what a provider is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calls.lines import provider
from calls.models import Channel
from calls.operations.gate import hours_for, local_time
from calls.policies import policy_of
from leads.phones import region_of
from leads.queries import requirement_of, slots_of
from voice import dialogue
from voice.briefs import brief
from voice.dialogue.script import DEFAULT_RECORDING_NOTICE
from voice.events import Direction
from voice.models import VoiceAgent

if TYPE_CHECKING:
    from datetime import datetime

    from calls.models import Call
    from leads.models import Lead
    from voice.events import Reply
    from voice.providers.base import AgentBrief


def agent_for(agent_id: int | None = None) -> VoiceAgent:
    """The agent asked for, or the default one; the first call of an installation makes one."""
    if agent_id and (agent := VoiceAgent.objects.filter(pk=agent_id).first()):
        return agent
    default = VoiceAgent.objects.filter(is_default=True).first() or VoiceAgent.objects.first()
    return default or VoiceAgent.objects.get_or_create(is_default=True)[0]


def begin(call: Call, *, now: datetime) -> tuple[dialogue.State, Reply]:
    """The dialogue of a call before its first word; notes on `call` the agent's version that it began with."""
    agent = call.agent or agent_for()
    call.agent_version = agent.version
    lead = call.lead
    known = {slot: value for slot, value in slots_of(requirement_of(lead)).items() if value not in (None, "", [])}
    script = agent.script()
    if call.channel == Channel.CHAT:
        script = replace(script, written=True, recording_notice="")
    elif agent.keeps_sound and not script.recording_notice.strip() and _must_be_told(lead):
        script = replace(script, recording_notice=DEFAULT_RECORDING_NOTICE)
    return dialogue.begin(
        script,
        name=lead.name,
        source=lead.get_source_display(),
        direction=Direction(call.direction),
        phone_known=bool(lead.phone),
        known={slot: _plain(value) for slot, value in known.items() if slot != "consent"},
        at=local_time(lead, now=now),
        hours=hours_for(lead, now=now),
    )


def _must_be_told(lead: Lead) -> bool:
    """Whether the lead's country wants whoever is recorded to be told so."""
    return policy_of(region_of(str(lead.phone or ""))).recording_notice_required


def _plain(value: object) -> Any:
    """A decimal as the number that the dialogue's JSON holds."""
    return float(str(value)) if type(value).__name__ == "Decimal" else value


def voicemail_message(call: Call) -> str:
    """What to leave on this lead's answering machine, its holes filled; empty where nothing is to be left."""
    agent = call.agent or agent_for()
    if agent.on_machine != "leave_message":
        return ""
    return dialogue.message(agent.script(), agent.voicemail_message, name=call.lead.name)


def brief_of(call: Call, *, now: datetime) -> AgentBrief:
    """What the provider needs to know of the agent of a call."""
    agent = call.agent or agent_for()
    opening = begin(call, now=now)[1].text if provider(call.provider).greets else ""
    return brief(agent, opening=opening, voicemail_message=voicemail_message(call))
