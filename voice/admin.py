"""The admin pages of voice agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display

from voice import dialogue
from voice.events import Direction
from voice.forms import VoiceAgentForm
from voice.models import VoiceAgent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


@admin.action(description="Let this one answer by default", permissions=["change"])
def make_default(_admin: VoiceAgentAdmin, request: HttpRequest, queryset: QuerySet[VoiceAgent]) -> None:
    """Exactly one agent takes the calls that name none."""
    chosen = list(queryset[:2])
    if len(chosen) != 1:
        messages.error(request, "Choose exactly one agent: only one can answer by default.")
        return
    with transaction.atomic():
        VoiceAgent.objects.filter(is_default=True).update(is_default=False)
        VoiceAgent.objects.filter(pk=chosen[0].pk).update(is_default=True)
    messages.success(request, f"{chosen[0]} now takes the calls that name no agent.")


@admin.register(VoiceAgent)
class VoiceAgentAdmin(ModelAdmin):
    """Who speaks, and what they ask; a call keeps the version that it began with."""

    form = VoiceAgentForm
    compressed_fields = False
    list_display = ["name", "brokerage", "language", "questions", "by_default", "version"]
    search_fields = ["name", "brokerage"]
    actions = [make_default]
    readonly_fields = ["preview"]
    fieldsets = [
        ("Who speaks", {"fields": [("name", "brokerage"), ("language", "voice"), "hindi_script"]}),
        ("First words", {"fields": ["greeting", "recording_notice", "preview"]}),
        ("Questions", {"fields": ["order", "required"]}),
        ("Answers to callers' questions", {"fields": ["knowledge"]}),
        ("Calls", {"fields": ["hears", "record", "on_machine", "voicemail_message", "time_limit_min"]}),
        ("Vapi", {"fields": ["vapi_brain", "vapi_voice", "vapi_assistant_id"], "classes": ["collapse"]}),
    ]

    class Media:
        js = ["realty/order.js"]

    def save_model(self, request: HttpRequest, obj: VoiceAgent, form: object, change: bool) -> None:
        """Keep it; whoever is recorded must be told."""
        super().save_model(request, obj, form, change)
        if obj.keeps_sound and not obj.recording_notice.strip():
            messages.warning(
                request,
                f"{obj.name} records callers, and tells so only where their country's calling policy requires it. "
                "Write a notice under First words, or do not record.",
            )
        if obj.hears == "whisper" and settings.DEFAULT_PROVIDER == "vapi":
            messages.warning(
                request,
                "Calls go out through Vapi, which hears callers itself; Whisper hears calls that come through Twilio.",
            )

    @display(description="Asks for")
    def questions(self, agent: VoiceAgent) -> str:
        """The questions in their order."""
        return ", ".join(slot.replace("_", " ") for slot in agent.order)

    @display(description="Answers", ordering="is_default", label={True: "success", False: ""})
    def by_default(self, agent: VoiceAgent) -> tuple[bool, str]:
        """Which calls it takes."""
        return agent.is_default, "by default" if agent.is_default else "when chosen"

    @display(description="How a call begins")
    def preview(self, agent: VoiceAgent) -> SafeString:
        """The first words of a call to an invented lead, as last saved."""
        _, reply = dialogue.begin(
            agent.script(),
            name="Priya Sharma",
            source="Website",
            direction=Direction.OUTBOUND,
            phone_known=True,
            known={},
            at=timezone.localtime(),
        )
        return render_to_string("voice/preview.html", {"said": reply.text, "saved": agent.pk})
