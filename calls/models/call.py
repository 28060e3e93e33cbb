"""Calls, their turns, and the webhooks that moved them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from calls.disposition import Disposition
from calls.lifecycle import LIVE, CallStatus
from calls.origin import Origin, priority_of
from leads.models import FollowUp, Lead
from voice.events import Direction, EndReason
from voice.models import VoiceAgent

if TYPE_CHECKING:
    from enum import StrEnum

LONGEST_MODEL = 120
"""Characters of a language model's name; what is longer is cut."""


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """The members of an enum as a field's choices."""
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in enum]


class Channel(models.TextChoices):
    """What a conversation is held over."""

    VOICE = "voice", "Telephone"
    CHAT = "chat", "Chat"


class Ladder(models.TextChoices):
    """Why a call is a further try."""

    TECHNICAL = "technical", "After a technical failure"
    PEOPLE = "people", "Nobody was reached"


class TransferState(models.TextChoices):
    """How far a hand-off to a person got."""

    RINGING = "ringing", "Ringing staff"
    ACCEPTED = "accepted", "Accepted"
    MISSED = "missed", "Nobody picked up"


class RecordingConsent(models.TextChoices):
    """What the caller was told of the recording, and said to it."""

    NOT_ASKED = "", "Nothing was said of it"
    NOTIFIED = "notified", "Told that the call is recorded"
    REFUSED = "refused", "Did not want to be recorded"


class LiveHearing(models.TextChoices):
    """Who hears the caller while the call goes on."""

    PROVIDER = "", "The provider's recogniser"
    WHISPER = "whisper", "Whisper"
    LATE = "late", "The provider's recogniser, since Whisper was late"
    FAILED = "failed", "The provider's recogniser, since Whisper failed"


class Call(models.Model):
    """One dial attempt to one lead, or one inbound call, and the record of how it went."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="calls")
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.VOICE)
    origin = models.CharField(max_length=8, choices=choices(Origin), default=Origin.STAFF.value)
    priority = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Of calls due, the lowest first.")
    campaign = models.ForeignKey(
        "calls.Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="calls"
    )
    follow_up = models.ForeignKey(
        FollowUp,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="calls",
        help_text="The promise it keeps.",
    )
    retry_of = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retry", help_text="The try before it."
    )
    ladder = models.CharField(max_length=9, choices=Ladder.choices, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1, help_text="Which try to reach this person it is.")
    direction = models.CharField(max_length=8, choices=choices(Direction), default=Direction.OUTBOUND.value)
    status = models.CharField(max_length=12, choices=choices(CallStatus), default=CallStatus.QUEUED.value)
    end_reason = models.CharField(max_length=12, choices=choices(EndReason), blank=True)
    disposition = models.CharField(max_length=16, choices=choices(Disposition), blank=True)
    error = models.TextField(blank=True, help_text="What went wrong, in a sentence for staff.")
    provider = models.CharField(max_length=16)
    provider_call_id = models.CharField(max_length=64, blank=True)
    agent = models.ForeignKey(VoiceAgent, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls")
    agent_version = models.PositiveIntegerField(default=0)
    live_hearing = models.CharField(
        "who hears the caller", max_length=8, choices=LiveHearing.choices, blank=True, editable=False
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    request_key = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    dial_after = models.DateTimeField(null=True, blank=True, help_text="Not before this time.")
    leased_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Until when a queued job may dial it before it is queued again.",
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often it was put back into the queue.")
    held_up_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when no provider has taken it."
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="Technical failures so far.")
    caller = models.CharField(max_length=64, blank=True, help_text="The caller's number as the carrier sent it.")
    dialogue: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True, editable=False)
    reasons = models.JSONField(default=list, blank=True, help_text="Why the lead did or did not qualify.")
    summary = models.JSONField(default=list, blank=True, help_text="Points, each with the words that it rests on.")
    summary_rung = models.CharField(max_length=16, blank=True, editable=False, help_text="Who wrote the summary.")
    needs_review = models.BooleanField(default=False, help_text="Rules and language model heard different things.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    dialed_at = models.DateTimeField(null=True, blank=True)
    dialed_number = models.CharField(
        max_length=32, blank=True, editable=False, help_text="The number that the provider was asked to call."
    )
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was asked for it.")
    placed_at = models.DateTimeField(null=True, blank=True, help_text="When the provider had accepted it.")
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_s = models.PositiveIntegerField("duration (s)", null=True, blank=True)
    answered_by = models.CharField(max_length=8, blank=True, help_text="human, machine, fax or unknown.")
    voicemail_left_at = models.DateTimeField(null=True, blank=True)
    transfer_state = models.CharField(max_length=8, choices=TransferState.choices, blank=True)
    transfer_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    transferred_at = models.DateTimeField(null=True, blank=True)
    recording_consent = models.CharField(max_length=8, choices=RecordingConsent.choices, blank=True)
    recording_consent_at = models.DateTimeField(null=True, blank=True, editable=False)
    recording_words = models.TextField(blank=True, help_text="The notice that was spoken, or the words that refused.")
    cost_micros = models.BigIntegerField("cost (millionths of a US dollar)", null=True, blank=True)
    cost_is_estimate = models.BooleanField(default=False)
    provider_analysis: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="What the provider's own model made of it; decides nothing."
    )
    ask_after = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When to ask the provider, should no word of it come before."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                # Somebody who rings us cannot be refused by a constraint; whom we ring can.
                condition=Q(
                    status__in=[s.value for s in LIVE],
                    direction=Direction.OUTBOUND.value,
                    channel=Channel.VOICE.value,
                ),
                name="call_one_live_per_lead",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_call_id"],
                condition=~Q(provider_call_id=""),
                name="call_provider_id_unique",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in CallStatus]), name="call_status_known"),
            models.CheckConstraint(
                condition=Q(status=CallStatus.ENDED.value) | Q(end_reason=""), name="call_end_reason_only_when_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "priority", "dial_after"], name="call_due"),
            models.Index(fields=["campaign", "status"], name="call_of_campaign"),
            models.Index(fields=["status", "ask_after"], name="call_to_ask_about"),
            models.Index(fields=["ended_at"], name="call_ended"),
            models.Index(fields=["lead", "-created_at"], name="call_lead_newest"),
            models.Index(fields=["-created_at", "-id"], name="call_newest"),
            models.Index(fields=["disposition", "-created_at"], name="call_disposition_newest"),
            models.Index(fields=["-created_at"], condition=Q(needs_review=True), name="call_to_review"),
        ]

    def __str__(self) -> str:
        return f"Call {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new call takes its place in the queue from where it came."""
        if self._state.adding:
            self.priority = priority_of(Origin(self.origin))
        super().save(*args, **kwargs)

    @property
    def is_live(self) -> bool:
        """True until the line has closed."""
        return self.status in LIVE

    @property
    def speed(self) -> dict[str, float | None]:
        """Seconds that each step to the provider took; None for a step that was not taken, or before the call was due.

        A call to a new lead is measured from the lead's arrival.
        """
        arrived = self.lead.created_at if self.origin == Origin.NEW_LEAD else None
        started = self.dialed_at if self.tries == 0 else None  # a later try waited on purpose
        steps = {
            "arrived_to_queued": (arrived, self.created_at),
            "queued_to_started": (self.dial_after, started),
            "started_to_asked": (started, self.asked_at),
            "asked_to_accepted": (self.asked_at, self.placed_at),
        }
        return {
            name: round((end - begin).total_seconds(), 3) if begin and end else None
            for name, (begin, end) in steps.items()
        }

    def move_to(self, new: CallStatus, **fields: Any) -> bool:
        """Compare and set the status; False when another worker moved this call, or asked for it, since it was read."""
        # A call that was put back and dialled again has the status of old, and is another try.
        as_read = Call.objects.filter(pk=self.pk, status=self.status, tries=self.tries, asked_at=self.asked_at)
        won = as_read.update(status=new, **fields)
        if won:
            self.status = new
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(won)


class Hearing(models.TextChoices):
    """Who wrote down what a caller said."""

    LIVE = "live", "Heard live"
    WHISPER = "whisper", "Whisper"


class Turn(models.Model):
    """One exchange: what was heard, what it meant, and what the agent said to it. Turn 0 is the opening."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    asked = models.CharField(max_length=16, blank=True, help_text="What the agent had asked before.")
    heard = models.TextField(blank=True)
    digits = models.CharField(max_length=32, blank=True)
    confidence = models.FloatField(null=True, blank=True, help_text="The recogniser's, 0 to 1.")
    understood = models.JSONField(default=list, blank=True, help_text="Slots, with the words they came from.")
    said = models.TextField(blank=True)
    rung = models.CharField(max_length=16, default="rules", help_text="Who was followed: the rules or a model.")
    at = models.DateTimeField(default=timezone.now)
    heard_again = models.TextField(blank=True, help_text="The same words as Whisper heard them in the recording.")
    better = models.CharField(
        max_length=7, choices=Hearing.choices, blank=True, help_text="Which of the two to believe."
    )
    better_why = models.CharField(max_length=24, blank=True, help_text="Why, as a code.")
    start_s = models.FloatField(null=True, blank=True, help_text="Where the caller's words begin in the recording.")
    end_s = models.FloatField(null=True, blank=True)
    said_start_s = models.FloatField(null=True, blank=True, help_text="Where the agent's words begin in the recording.")
    said_end_s = models.FloatField(null=True, blank=True)
    words: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="Whisper's words as [text, start_s, end_s, confidence]."
    )

    class Meta:
        ordering = ["call", "number"]
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="turn_number_unique")]

    def __str__(self) -> str:
        return f"Turn {self.number} of call {self.call_id}"

    @property
    def best_words(self) -> str:
        """What the caller said, as the better of both hearings has it."""
        return self.heard_again if self.better == Hearing.WHISPER else self.heard


class Consultation(models.Model):
    """One question put to a language model, and what became of it; never what was asked or answered."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="consultations")
    turn = models.PositiveSmallIntegerField(null=True, help_text="The turn that it helped; empty after the call.")
    rung = models.CharField(max_length=16)
    model = models.CharField(max_length=LONGEST_MODEL)
    prompt = models.CharField(max_length=40)
    prompt_version = models.CharField(max_length=16)
    fault = models.CharField(max_length=24, blank=True, help_text="Why it was of no use; empty when it answered.")
    latency_ms = models.PositiveIntegerField("latency (ms)", default=0)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["rung", "-at"], name="consultation_rung_newest")]

    def __str__(self) -> str:
        return f"Consultation {self.pk} of call {self.call_id}"


class WebhookEvent(models.Model):
    """One webhook as it arrived, redacted, and what we answered; kept whatever happens after."""

    provider = models.CharField(max_length=16)
    kind = models.CharField(max_length=24)
    dedupe_key = models.CharField(max_length=160)
    provider_call_id = models.CharField(max_length=64, blank=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="events")
    request: models.JSONField[Any, Any] = models.JSONField(default=dict, help_text="What is needed to apply it again.")
    response = models.TextField(blank=True, help_text="What we answered, word for word.")
    response_type = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["provider", "dedupe_key"], name="webhook_event_unique")]
        indexes = [
            models.Index(fields=["applied_at", "received_at"], name="webhook_event_open"),
            models.Index(fields=["-received_at", "-id"], name="webhook_event_newest"),
        ]

    def __str__(self) -> str:
        return f"Webhook {self.pk}: {self.provider} {self.kind}"
