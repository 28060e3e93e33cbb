"""What staff decide about calling: hours, holidays, caps, ladders, pauses; and what a provider's line may carry."""

from __future__ import annotations

import calendar
from datetime import time
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from calls.lines import our_numbers
from calls.schedule import parse_ladder
from leads.models import LeadSource
from voice.models import VoiceAgent

WEEKDAYS = list(enumerate(calendar.day_name))


def known_ladder(text: str) -> None:
    """Refuse a ladder that cannot be read.

    :raises ValidationError: with a sentence for the person who typed it.
    """
    try:
        parse_ladder(text)
    except ValueError as error:
        raise ValidationError(str(error), code="ladder") from None


def every_day() -> list[int]:
    """Monday to Sunday, as numbers from 0."""
    return list(range(7))


class DialerSettings(models.Model):
    """How calls are made; there is one row."""

    paused = models.BooleanField("pause all calls", default=False, help_text="Nobody is dialled while this is on.")
    paused_reason = models.CharField(max_length=200, blank=True)
    max_lines = models.PositiveSmallIntegerField(
        "calls at once", default=10, help_text="Over each provider; 0 for as many as it takes."
    )
    reserved_lines = models.PositiveSmallIntegerField(
        "lines kept free", default=1, help_text="Campaigns leave this many lines to new leads, staff and promises."
    )
    technical_ladder = models.CharField(
        "tries after technical failures",
        max_length=120,
        default="30 s, 2 min, 10 min",
        validators=[known_ladder],
        blank=True,
        help_text="How long to wait before each further try, such as: 30 s, 2 min, 10 min. Empty for none.",
    )
    people_ladder = models.CharField(
        "tries when nobody was reached",
        max_length=120,
        default="30 min, 2 h, next day",
        validators=[known_ladder],
        blank=True,
        help_text="After busy, no answer and voicemail, such as: 30 min, 2 h, next day. Empty for none.",
    )
    dial_callbacks = models.BooleanField("dial promised callbacks at their time", default=True)
    call_new_leads = models.BooleanField(
        default=False, help_text="Call a lead with a phone number as soon as it arrives."
    )
    new_leads_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Leads that arrived before are not called on arrival."
    )
    new_lead_sources = models.JSONField(
        default=list, blank=True, help_text="Only leads from these sources; none chosen means all."
    )
    new_lead_agent = models.ForeignKey(
        VoiceAgent,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="agent for new leads",
    )
    send_chat_link = models.BooleanField(
        default=True, help_text="Text the lead a link to the chat when a call fails for good, or the lead asks for one."
    )
    hand_off_number = PhoneNumberField(
        blank=True, help_text="Rung when a caller asks for a person and the lead's owner takes no hand-offs."
    )
    ring_staff_first = models.BooleanField(
        default=False, help_text="Who rings us is put through to staff first; the agent answers when nobody does."
    )
    ring_staff_s = models.PositiveSmallIntegerField(
        "ring staff for (s)", default=20, validators=[MinValueValidator(5), MaxValueValidator(60)]
    )
    staff_from = models.TimeField(default=time(10))
    staff_until = models.TimeField(default=time(19))
    staff_days = models.JSONField(default=every_day, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "dialer settings"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="dialer_settings_one_row")]

    def __str__(self) -> str:
        return "Dialer settings"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Always the one row; leads that came before it was said are not called on arrival."""
        self.pk = 1
        if not self.call_new_leads:
            self.new_leads_since = None
        elif self.new_leads_since is None:
            self.new_leads_since = timezone.now()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse hours that never begin, our own number for staff's, and sources that do not exist."""
        if self.staff_from >= self.staff_until:
            raise ValidationError({"staff_until": "The hours must end after they begin."})
        if str(self.hand_off_number) in our_numbers():
            raise ValidationError({"hand_off_number": "We call from this number. Enter one that your staff answer."})
        if not isinstance(self.new_lead_sources, list) or set(self.new_lead_sources) - set(LeadSource.values):
            raise ValidationError({"new_lead_sources": "Choose sources from the list."})

    @classmethod
    def current(cls) -> DialerSettings:
        """The settings as they stand; their defaults before anybody saved them."""
        return cls.objects.select_related("new_lead_agent").filter(pk=1).first() or cls(pk=1)


class CallingPolicy(models.Model):
    """When and how often the people of one country may be called."""

    region = models.CharField(
        "country",
        max_length=2,
        blank=True,
        unique=True,
        help_text="Two letters, such as IN or US; empty for every country without a policy of its own.",
    )
    max_per_day = models.PositiveSmallIntegerField("calls a day", default=3, help_text="To one lead; 0 for no limit.")
    max_total = models.PositiveSmallIntegerField("calls in all", default=12, help_text="To one lead; 0 for no limit.")
    needs_consent = models.BooleanField(
        "only with consent on record", default=False, help_text="Refuse leads without a recorded consent to be called."
    )
    public_holidays = models.BooleanField(
        "not on public holidays", default=True, help_text="Beside those under Holidays, which always count."
    )

    recording_notice_required = models.BooleanField(
        "callers must be told that they are recorded",
        default=True,
        help_text="Calls that are recorded begin with a notice, also where the agent has none of its own.",
    )

    class Meta:
        ordering = ["region"]
        verbose_name_plural = "calling policies"

    def __str__(self) -> str:
        return self.region or "Every other country"


class CallingHours(models.Model):
    """The hours of one weekday; a weekday without a row has none."""

    policy = models.ForeignKey(CallingPolicy, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS)
    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(21))

    class Meta:
        ordering = ["policy", "weekday"]
        verbose_name_plural = "calling hours"
        constraints = [
            models.UniqueConstraint(fields=["policy", "weekday"], name="calling_hours_one_a_weekday"),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")),
                name="calling_hours_in_order",
                violation_error_message="The hours must end after they begin.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"


class Holiday(models.Model):
    """A day on which nobody is called."""

    date = models.DateField()
    region = models.CharField("country", max_length=2, blank=True, help_text="Empty for every country.")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["date", "region"], name="holiday_unique")]

    def __str__(self) -> str:
        return f"{self.name}, {self.date:%d %b %Y}"


class ProviderState(models.Model):
    """What all workers share about one provider: whether it is paused, and when it may be asked next."""

    provider = models.CharField(max_length=16, unique=True)
    paused = models.BooleanField(default=False)
    reason = models.TextField(blank=True, help_text="Why it is paused, in a sentence for staff.")
    tripped_by = models.JSONField(default=list, blank=True, help_text="Ids of the calls that tripped the breaker.")
    paused_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="Failures before it trip the breaker no more.")
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    next_slot_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["provider"]
        verbose_name = "provider"

    def __str__(self) -> str:
        return self.provider.capitalize()
