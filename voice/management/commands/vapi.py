"""Makes Vapi's assistants what their agents say: `manage.py vapi sync`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from voice import dialogue
from voice.briefs import brief
from voice.dialogue.script import fill
from voice.events import Direction
from voice.models import VoiceAgent
from voice.providers.base import ProviderError
from voice.providers.vapi import Vapi
from voice.providers.vapi_assistant import LEAD_NAME, assistant_of
from voice.providers.vapi_sync import differences

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable

    from voice.providers.base import AgentBrief

_SOMEBODY = "Leadname"  # holds the place of a name while sentences are made, which drop braces


class Command(BaseCommand):
    help = "Keeps the assistants at Vapi as the voice agents say; shows what would change, and asks first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["sync"])
        parser.add_argument("--agent", type=int, metavar="ID", help="only this voice agent; all of them otherwise")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")

    def handle(self, **options: Any) -> None:
        account: dict[str, Any] = settings.PROVIDERS["vapi"]
        vapi = Vapi(public_base_url=settings.PUBLIC_BASE_URL, **account)
        try:
            for agent in _agents(options["agent"]):
                self._sync(vapi, agent, asks=not options["yes"], changes=not options["dry_run"])
        except ProviderError as error:
            raise CommandError(str(error)) from error

    def _sync(self, vapi: Vapi, agent: VoiceAgent, *, asks: bool, changes: bool) -> None:
        wanted = assistant_of(brief_of(agent), vapi.door())
        there = vapi.assistant(agent.vapi_assistant_id) if agent.vapi_assistant_id else None
        changed = differences(there or {}, wanted)
        if there is not None and not changed:
            self.stdout.write(f"{agent}: nothing to change.")
            return
        self.stdout.write(_headline(agent, is_there=there is not None))
        self.stdout.write("\n".join(changed))
        if not changes:
            return
        if asks and not self._agreed():
            self.stdout.write("Nothing was changed.")
            return
        assistant_id = vapi.save_assistant(agent.vapi_assistant_id if there is not None else "", wanted)
        # Not save(): the agent's words are the same, and calls go on with the version that they began with.
        VoiceAgent.objects.filter(pk=agent.pk).update(vapi_assistant_id=assistant_id)
        self.stdout.write(f"{agent}: {'changed' if there is not None else 'made'} at Vapi, {assistant_id}.")

    def _agreed(self) -> bool:
        try:
            return input("Change this at Vapi? [y/N] ").strip().casefold() in {"y", "yes"}
        except EOFError:
            raise CommandError("Nobody is there to agree. Run it again with --yes.") from None


def _agents(pk: int | None) -> Iterable[VoiceAgent]:
    agents = VoiceAgent.objects.order_by("pk")
    if pk is None:
        if not agents:
            raise CommandError("There is no voice agent yet. Make one in the admin, under Voice agents.")
        return agents
    agent = agents.filter(pk=pk).first()
    if agent is None:
        raise CommandError(f"There is no voice agent {pk}. Leave --agent out to sync all of them.")
    return [agent]


def _headline(agent: VoiceAgent, *, is_there: bool) -> str:
    if is_there:
        return f"{agent}: at Vapi {agent.vapi_assistant_id}, what is there -> what would be"
    if agent.vapi_assistant_id:
        return f"{agent}: its assistant is no longer at Vapi; a new one would be made"
    return f"{agent}: not at Vapi yet; an assistant would be made"


def brief_of(agent: VoiceAgent) -> AgentBrief:
    """What Vapi needs to know of an agent outside a call; {{lead_name}} stands where a call fills in a name."""
    script = agent.script()
    _, reply = dialogue.begin(script, name=_SOMEBODY, direction=Direction.OUTBOUND, at=timezone.now())
    holes = {"name": _SOMEBODY, "agent": agent.name, "brokerage": agent.brokerage}
    return brief(
        agent,
        opening=reply.text.replace(_SOMEBODY, LEAD_NAME),
        voicemail_message=fill(agent.voicemail_message, holes).replace(_SOMEBODY, LEAD_NAME),
    )
