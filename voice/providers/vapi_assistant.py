"""An agent as an assistant of Vapi's. Facts: docs.vapi.ai/api-reference/assistants/create."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voice.providers import vapi_tools
from voice.providers.vapi_prompt import system_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voice.providers.base import AgentBrief

LONGEST_NAME = 40  # characters; a longer name is refused
LEAD_NAME = "{{lead_name}}"

SERVER_MESSAGES = (
    "status-update",
    "end-of-call-report",
    "tool-calls",
    "transfer-destination-request",
    "transfer-update",
    'transcript[transcriptType="final"]',
    "hang",
    "call.artifact.upload",
)
_VOICES = {"en-IN": "azure/en-IN-NeerjaNeural", "hi-IN": "azure/hi-IN-SwaraNeural"}
# Callers mix their languages, whichever the agent begins in; only this model follows them between the two.
_TRANSCRIBER = {"provider": "deepgram", "model": "nova-3", "language": "multi"}
_LONGEST_VOICEMAIL = 1000
_DURATION_S = (10, 43_200)  # what Vapi takes


@dataclass(frozen=True, slots=True)
class Door:
    """Where and how Vapi reaches us. `headers` prove it, or else the credential that Vapi keeps under this id.

    `model` is the one that thinks for agents that do so at Vapi, as provider/model. `is_controlled` tells that orders
    to live calls must be proven, too.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    credential_id: str = ""
    llm_headers: Mapping[str, str] = field(default_factory=dict)
    model: str = "openai/gpt-4.1-mini"
    is_controlled: bool = False


def assistant_of(brief: AgentBrief, door: Door) -> dict[str, object]:
    """The whole assistant; the same brief gives the same one."""
    server = _server(door)
    return {
        "name": f"{brief.script.agent_name}, {brief.script.brokerage}"[:LONGEST_NAME],
        **opening(brief),
        "firstMessageMode": "assistant-speaks-first",
        "model": _model(brief, door, server),
        "voice": _voice(brief),
        "transcriber": dict(_TRANSCRIBER),
        "server": server,
        "serverMessages": list(SERVER_MESSAGES),
        "analysisPlan": {
            "summaryPlan": {"enabled": True},
            "structuredDataPlan": {"enabled": True, "schema": STRUCTURED_DATA},
            "successEvaluationPlan": {"enabled": False},
        },
        **recorded(brief),
        **machines(brief),
        "maxDurationSeconds": limited(brief.time_limit_s),
        # Nobody here listens in, and whoever holds these addresses could.
        "monitorPlan": {
            "listenEnabled": False,
            "controlEnabled": True,
            "controlAuthenticationEnabled": door.is_controlled,
        },
    }


def opening(brief: AgentBrief) -> dict[str, object]:
    """The first words of a call: greeting, recording notice and first question."""
    return {"firstMessage": brief.opening} if brief.opening else {}


def recorded(brief: AgentBrief) -> dict[str, object]:
    """Whether the call is recorded; told each time, for a saved assistant goes on as it was saved."""
    return {"artifactPlan": {"recordingEnabled": brief.record, "transcriptPlan": {"enabled": True}}}


def machines(brief: AgentBrief) -> dict[str, object]:
    """What becomes of an answering machine; without words to leave, Vapi hangs up.

    That there are none is told, too: an assistant would go on leaving those that it was given before.
    """
    if brief.on_machine == "ignore":
        return {"voicemailDetection": "off"}
    leaves = brief.on_machine == "leave_message" and brief.voicemail_message
    return {
        "voicemailDetection": {"provider": "vapi"},
        "voicemailMessage": brief.voicemail_message[:_LONGEST_VOICEMAIL] if leaves else "",
    }


def limited(seconds: int) -> int:
    """A time limit that Vapi takes."""
    low, high = _DURATION_S
    return min(max(seconds, low), high)


def _server(door: Door) -> dict[str, object]:
    proof: dict[str, object] = {"headers": dict(door.headers)}
    if door.credential_id:
        proof = {"credentialId": door.credential_id}
    return {
        "url": f"{door.base_url}/webhooks/vapi/call",
        "timeoutSeconds": 20,
        **proof,
        "backoffPlan": {"type": "exponential", "maxRetries": 5, "baseDelaySeconds": 1},
    }


def _model(brief: AgentBrief, door: Door, server: Mapping[str, object]) -> dict[str, object]:
    if brief.brain == "own":
        return {
            "provider": "custom-llm",
            "url": f"{door.base_url}/webhooks/vapi/llm",
            "model": "realtyassistant",
            "headers": dict(door.llm_headers),
            "metadataSendMode": "variable",
            "timeoutSeconds": 20,
            "tools": vapi_tools.endings(),
        }
    provider, _, model = door.model.partition("/")
    return {
        "provider": provider,
        "model": model,
        "temperature": 0.3,
        "messages": [{"role": "system", "content": system_prompt(brief)}],
        "tools": vapi_tools.definitions(server),
    }


def _voice(brief: AgentBrief) -> dict[str, object]:
    chosen = brief.provider_voice or _VOICES.get(brief.script.language, _VOICES["en-IN"])
    provider, _, voice = chosen.rpartition("/")
    return {"provider": provider or "azure", "voiceId": voice}


def as_prompt(name: str) -> str:
    """A name that can be nothing but a name, for it becomes part of the assistant's instructions."""
    return " ".join(re.sub(r"[^\w\s.'-]", " ", name).split())[:LONGEST_NAME]


STRUCTURED_DATA: dict[str, object] = {
    "type": "object",
    "properties": {
        "locations": {"type": "array", "items": {"type": "string"}, "description": "Cities and localities wanted."},
        "category": {"type": "string", "enum": ["residential", "commercial"]},
        "property_type": {
            "type": "string",
            "enum": [
                "apartment",
                "villa",
                "builder_floor",
                "plot",
                "studio",
                "penthouse",
                "farmhouse",
                "office",
                "shop",
                "showroom",
                "warehouse",
                "commercial_land",
            ],
        },
        "bedrooms_min": {"type": "number"},
        "bedrooms_max": {"type": "number"},
        "budget_min": {"type": "integer", "description": "Whole rupees."},
        "budget_max": {"type": "integer", "description": "Whole rupees."},
        "purpose": {"type": "string", "enum": ["buy", "rent", "invest"]},
        "timeline_months": {"type": "integer"},
        "consent": {"type": "boolean", "description": "Agreed to a call by a sales representative."},
        "callback": {"type": "string", "description": "When they asked to be called back, in their own words."},
    },
}
