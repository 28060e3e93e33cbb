"""The agents that staff write scripts for."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from voice.dialogue import Script, problems
from voice.dialogue.script import text_problems

_DEFAULT = Script()
_LONGEST_CALL_MIN = 240  # Twilio's own limit

LONGEST_KNOWLEDGE = 6000
"""Characters of knowledge; a small model reads some 1,500 words within a caller's patience."""


def default_order() -> list[str]:
    """The order of questions of a new agent."""
    return list(_DEFAULT.order)


def default_required() -> list[str]:
    """The slots that a new agent must fill."""
    return list(_DEFAULT.required)


class VoiceAgent(models.Model):
    """Who speaks, in which voice, and what they ask; a call keeps the script that it began with."""

    name = models.CharField(
        "persona", max_length=60, default="Asha", help_text="The name that the agent gives for itself."
    )
    brokerage = models.CharField("brokerage name", max_length=120, default="Sunrise Realty")
    language = models.CharField(max_length=8, choices=[("en-IN", "English"), ("hi-IN", "Hindi")], default="en-IN")
    voice = models.CharField(
        "provider voice",
        max_length=60,
        blank=True,
        validators=[
            RegexValidator(r"^[A-Za-z0-9._-]*$", "Write the provider's name of the voice, such as Polly.Kajal-Neural.")
        ],
        help_text="The provider's name of a voice, such as Polly.Kajal-Neural; empty for its default.",
    )
    greeting = models.TextField(default=_DEFAULT.greeting, help_text="May hold {name}, {agent} and {brokerage}.")
    recording_notice = models.TextField(
        blank=True,
        default=_DEFAULT.recording_notice,
        help_text="Spoken first of all in calls that are recorded; empty for none, save where a country requires one.",
    )
    hindi_script = models.CharField(
        max_length=4,
        choices=[("Deva", "Devanagari"), ("Latn", "Latin letters")],
        default="Deva",
        help_text="The letters that the voice reads Hindi in; most Indian voices want Devanagari.",
    )
    knowledge = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(LONGEST_KNOWLEDGE)],
        help_text="What the agent may tell callers who ask: prices, possession dates, loans, office hours. Only a "
        "language model reads it, and must quote it; without a model a colleague's answer is promised instead.",
    )
    order = models.JSONField("order of questions", default=default_order)
    required = models.JSONField("required answers", default=default_required, blank=True)
    hears = models.CharField(
        "who hears the caller",
        max_length=8,
        choices=[("provider", "The provider's recogniser"), ("whisper", "Whisper, on this server")],
        default="provider",
        help_text="Whisper takes a second or two a turn, in calls through Twilio alone: Vapi hears callers itself, and "
        "a chat is read. Each answer is recorded until it is heard; when Whisper is late, the provider's recogniser "
        "takes over for the rest of the call.",
    )
    record = models.BooleanField("record calls", default=True, help_text="Keep the recording notice while this is on.")
    on_machine = models.CharField(
        "answering machines",
        max_length=13,
        choices=[
            ("ignore", "Are not looked for"),
            ("hang_up", "Hang up"),
            ("leave_message", "Leave the message"),
        ],
        default="hang_up",
    )
    voicemail_message = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(1000)],
        help_text="Said once, after the beep. May hold {name}, {agent} and {brokerage}.",
    )
    time_limit_min = models.PositiveSmallIntegerField("longest call (minutes)", default=15)
    vapi_assistant_id = models.CharField(
        "Vapi assistant", max_length=64, blank=True, help_text="Filled in by manage.py vapi sync."
    )
    vapi_brain = models.CharField(
        "who thinks in Vapi calls",
        max_length=4,
        choices=[("own", "RealtyAssistant"), ("vapi", "Vapi's language model")],
        default="own",
    )
    vapi_voice = models.CharField(
        "Vapi voice", max_length=80, blank=True, help_text="Provider and voice, such as azure/en-IN-NeerjaNeural."
    )
    is_default = models.BooleanField("answers by default", default=False, help_text="Takes calls that name no agent.")
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="voice_agent_one_default")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.brokerage}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Count the version up when an existing agent changes."""
        if self.pk and not self._state.adding:
            VoiceAgent.objects.filter(pk=self.pk).update(version=F("version") + 1)
            self.version = VoiceAgent.objects.values_list("version", flat=True).get(pk=self.pk)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a script that the dialogue could not follow, in sentences."""
        if not (isinstance(self.order, list) and isinstance(self.required, list)):
            raise ValidationError("Order of questions and required answers are lists of names.")
        if found := problems(self.script()):
            raise ValidationError(list(found))
        if self.on_machine == "leave_message" and not self.voicemail_message.strip():
            raise ValidationError({"voicemail_message": "Write the message to leave, or choose to hang up."})
        if found := tuple(text_problems("message for answering machines", self.voicemail_message)):
            raise ValidationError({"voicemail_message": list(found)})
        if not 1 <= self.time_limit_min <= _LONGEST_CALL_MIN:
            raise ValidationError({"time_limit_min": f"Choose 1 to {_LONGEST_CALL_MIN} minutes."})

    @property
    def keeps_sound(self) -> bool:
        """Whether callers are recorded: the whole call, or turn by turn for as long as Whisper needs."""
        return bool(self.record or self.hears == "whisper")

    def script(self) -> Script:
        """What the dialogue needs to know of this agent; who is not recorded is told of no recording."""
        return Script(
            agent_name=self.name,
            brokerage=self.brokerage,
            language=self.language,
            voice=self.voice,
            greeting=self.greeting,
            recording_notice=self.recording_notice if self.keeps_sound else "",
            order=tuple(self.order),
            required=tuple(self.required),
            version=self.version,
            hindi_script=self.hindi_script,
        )
