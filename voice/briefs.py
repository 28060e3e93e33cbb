"""A voice agent's settings as a provider is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice.providers.base import AgentBrief

if TYPE_CHECKING:
    from voice.models import VoiceAgent


def brief(agent: VoiceAgent, *, opening: str, voicemail_message: str) -> AgentBrief:
    """What a provider needs to know of an agent; the first words and those for a machine are already filled in."""
    return AgentBrief(
        script=agent.script(),
        opening=opening,
        record=agent.record,
        on_machine=agent.on_machine,
        voicemail_message=voicemail_message,
        assistant_id=agent.vapi_assistant_id,
        brain=agent.vapi_brain,
        provider_voice=agent.vapi_voice,
        knowledge=agent.knowledge,
        time_limit_s=agent.time_limit_min * 60,
    )
