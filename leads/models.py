"""Leads, what they want, what there is to sell, and what happened."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from phonenumber_field.modelfields import PhoneNumberField

from leads.phones import zones_of

if TYPE_CHECKING:
    from datetime import datetime

HOME_ZONE = "Asia/Kolkata"


class Language(models.TextChoices):
    """The languages that the agent speaks, as BCP 47 tags."""

    ENGLISH = "en-IN", "English"
    HINDI = "hi-IN", "Hindi"


class LeadStatus(models.TextChoices):
    """Where a lead stands with the brokerage."""

    NEW = "new", "New"
    CONTACTED = "contacted", "Contacted"
    CALLBACK = "callback", "Callback promised"
    QUALIFIED = "qualified", "Qualified"
    NOT_QUALIFIED = "not_qualified", "Not qualified"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    DO_NOT_CALL = "do_not_call", "Do not call"


class LeadSource(models.TextChoices):
    """How a lead reached us."""

    WEBSITE = "website", "Website"
    PORTAL = "portal", "Property portal"
    REFERRAL = "referral", "Referral"
    WALK_IN = "walk_in", "Walk-in"
    ADVERTISEMENT = "advertisement", "Advertisement"
    INBOUND_CALL = "inbound_call", "Inbound call"
    IMPORT = "import", "Import"
    API = "api", "API"
    STAFF = "staff", "Entered by staff"


class Category(models.TextChoices):
    """Homes or business premises."""

    RESIDENTIAL = "residential", "Residential"
    COMMERCIAL = "commercial", "Commercial"


class PropertyType(models.TextChoices):
    """What kind of property; the first seven are residential."""

    APARTMENT = "apartment", "Apartment"
    VILLA = "villa", "Villa or independent house"
    BUILDER_FLOOR = "builder_floor", "Builder floor"
    PLOT = "plot", "Plot"
    STUDIO = "studio", "Studio"
    PENTHOUSE = "penthouse", "Penthouse"
    FARMHOUSE = "farmhouse", "Farmhouse"
    OFFICE = "office", "Office"
    SHOP = "shop", "Shop"
    SHOWROOM = "showroom", "Showroom"
    WAREHOUSE = "warehouse", "Warehouse"
    COMMERCIAL_LAND = "commercial_land", "Commercial land"


class Purpose(models.TextChoices):
    """What the lead wants the property for."""

    BUY = "buy", "Buy"
    RENT = "rent", "Rent"
    INVEST = "invest", "Invest"


@cache
def _zones() -> frozenset[str]:
    """Every zone; finding them reads hundreds of files, and an import asks once a row."""
    return frozenset(available_timezones())


def known_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist.

    :raises ValidationError: with a sentence for the person who typed it.
    """
    if name not in _zones():
        raise ValidationError("No such time zone. Write one like Asia/Kolkata.", code="unknown_time_zone")


class Lead(models.Model):
    """A person who may buy; the phone number is who they are to us."""

    name = models.CharField(max_length=120, blank=True)
    phone = PhoneNumberField(
        unique=True,
        null=True,
        blank=True,
        help_text="Any usual way of writing it, such as 98765 43210 or +971 50 123 4567.",
    )
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(
        max_length=64,
        default=HOME_ZONE,
        validators=[known_time_zone],
        help_text="The lead's own clock, such as Asia/Kolkata.",
    )
    source = models.CharField(max_length=20, choices=LeadSource.choices, default=LeadSource.STAFF)
    status = models.CharField(max_length=20, choices=LeadStatus.choices, default=LeadStatus.NEW)
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 to 100; empty until qualified or not.")
    score_reasons = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    do_not_call = models.BooleanField("do not call", default=False)
    bad_number = models.CharField(
        max_length=20, blank=True, editable=False, help_text="The number that a carrier said cannot be called."
    )
    notes = models.TextField(blank=True)
    greeted = models.BooleanField(
        default=False, editable=False, help_text="Whether it was decided if the lead is called on arrival."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    last_contacted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            models.Index(fields=["status", "-created_at"], name="lead_status_newest"),
            models.Index(fields=["owner", "status"], name="lead_owner_status"),
            models.Index(fields=["name"], name="lead_name"),
            models.Index(fields=["created_at"], condition=Q(greeted=False), name="lead_not_greeted"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="lead_score_at_most_100"),
            models.CheckConstraint(condition=~Q(phone=""), name="lead_phone_never_empty"),
            models.CheckConstraint(condition=Q(status__in=LeadStatus.values), name="lead_status_known"),
        ]

    def __str__(self) -> str:
        return self.name or (str(self.phone) if self.phone else f"Unknown caller {self.pk}")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Let what was true of the old number go with it: its clock, unless another was chosen, and "wrong number"."""
        changed = kwargs.get("update_fields")
        if changed is None or "phone" in changed:
            followed = self._follow_number()
            kwargs |= {"update_fields": {*changed, *followed}} if changed else {}
        super().save(*args, **kwargs)

    def _follow_number(self) -> set[str]:
        """Correct what a new number changes; the names of the fields."""
        before = None if self._state.adding else Lead.objects.filter(pk=self.pk).values("phone", "time_zone").first()
        phone, zone = (before["phone"], before["time_zone"]) if before else ("", HOME_ZONE)
        followed: set[str] = set()
        if str(phone or "") == str(self.phone or ""):
            return followed
        if self.time_zone == zone == _clock_of(phone):
            self.time_zone = _clock_of(self.phone)
            followed.add("time_zone")
        if before and self.status == LeadStatus.WRONG_NUMBER:
            self.status = LeadStatus.CONTACTED
            followed.add("status")
        return followed


def _clock_of(phone: object) -> str:
    zones = zones_of(str(phone or ""))
    return zones[0] if len(zones) == 1 else HOME_ZONE


class Requirement(models.Model):
    """What a lead wants; a value that no words said is empty, and empty is not "no"."""

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="requirement")
    locations = models.JSONField(
        default=list, blank=True, help_text='Places as [{"city": "Pune", "locality": "Wakad"}].'
    )
    category = models.CharField(max_length=12, choices=Category.choices, blank=True)
    property_type = models.CharField(max_length=16, choices=PropertyType.choices, blank=True)
    bedrooms_min = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    bedrooms_max = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    budget_min = models.BigIntegerField("budget from (₹)", null=True, blank=True)
    budget_max = models.BigIntegerField("budget up to (₹)", null=True, blank=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, blank=True)
    timeline_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is immediately.")
    consent = models.BooleanField("agreed to a sales call", null=True, blank=True, default=None)
    evidence = models.JSONField(default=dict, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_min__isnull=True)
                | Q(budget_max__isnull=True)
                | Q(budget_min__lte=models.F("budget_max")),
                name="requirement_budget_in_order",
                violation_error_message="The budget must not end below where it begins.",
            ),
            models.CheckConstraint(
                condition=Q(bedrooms_min__isnull=True)
                | Q(bedrooms_max__isnull=True)
                | Q(bedrooms_min__lte=models.F("bedrooms_max")),
                name="requirement_bedrooms_in_order",
                violation_error_message="The number of bedrooms must not end below where it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"What {self.lead} wants"


class ListingStatus(models.TextChoices):
    """Whether a listing can still be had."""

    AVAILABLE = "available", "Available"
    RESERVED = "reserved", "Reserved"
    SOLD = "sold", "Sold or let"


class ListingPurpose(models.TextChoices):
    """How a listing is offered."""

    SALE = "sale", "For sale"
    RENT = "rent", "To let"


class Listing(models.Model):
    """One property that the brokerage offers."""

    reference = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=160)
    city = models.CharField(max_length=64)
    locality = models.CharField(max_length=96, blank=True)
    category = models.CharField(max_length=12, choices=Category.choices)
    property_type = models.CharField(max_length=16, choices=PropertyType.choices)
    bedrooms = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    price = models.BigIntegerField("price (₹)", help_text="Whole rupees; a month's rent where it is to let.")
    offered_for = models.CharField(max_length=5, choices=ListingPurpose.choices, default=ListingPurpose.SALE)
    area_sqft = models.PositiveIntegerField("area (sq ft)", null=True, blank=True)
    status = models.CharField(max_length=10, choices=ListingStatus.choices, default=ListingStatus.AVAILABLE)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["city", "locality", "price"]
        indexes = [models.Index(fields=["status", "city", "price"], name="listing_available_city")]
        constraints = [models.CheckConstraint(condition=Q(price__gt=0), name="listing_price_positive")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class SuppressionReason(models.TextChoices):
    """Why a number must not be called."""

    OPT_OUT = "opt_out", "Asked not to be called"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    STAFF = "staff", "Entered by staff"
    BLOCKED = "blocked", "Blocked by the provider"


class Suppression(models.Model):
    """A number that must never be called again, whatever lead it belongs to."""

    phone = PhoneNumberField(unique=True)
    reason = models.CharField(max_length=16, choices=SuppressionReason.choices, default=SuppressionReason.STAFF)
    words = models.TextField(blank=True, help_text="What the person said, where they said it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "number not to call"
        verbose_name_plural = "numbers not to call"

    def __str__(self) -> str:
        return str(self.phone)


class DndEntry(models.Model):
    """What a number's holder told the regulator that they do not want to be called about, as its lists spell it.

    The lists hold numbers of India's telecom regulator: categories 1 to 8 (2 is real estate, 0 all), modes 11 to 15,
    time bands 21 to 29, day types 31 to 38. An empty list blocks all of its kind.
    """

    phone = PhoneNumberField(unique=True)
    categories = models.JSONField(default=list, blank=True)
    modes = models.JSONField(default=list, blank=True)
    time_bands = models.JSONField(default=list, blank=True)
    day_types = models.JSONField(default=list, blank=True)
    imported_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-imported_at", "-pk"]
        verbose_name = "regulator's do-not-disturb entry"
        verbose_name_plural = "regulator's do-not-disturb list"

    def __str__(self) -> str:
        return str(self.phone)


class Consent(models.Model):
    """A lead agreed to be called by us, or took that back; the newest one counts."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="consents")
    given = models.BooleanField("agreed", default=True)
    source = models.CharField(max_length=80, help_text="Where they said so, such as: enquiry form of 3 March.")
    words = models.TextField(blank=True, help_text="What they agreed to, word for word.")
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "consent to be called"
        verbose_name_plural = "consents to be called"

    def __str__(self) -> str:
        return f"{self.lead} {'agreed' if self.given else 'took it back'}"


class Representative(models.Model):
    """A member of staff whom callers can be put through to."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="representative")
    phone = PhoneNumberField()
    takes_hand_offs = models.BooleanField(default=True, help_text="Off while they are away.")

    class Meta:
        ordering = ["user__username"]
        verbose_name = "sales representative"

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class FollowUpKind(models.TextChoices):
    """What was promised to a lead."""

    CALLBACK = "callback", "Call back"
    SALES_CALL = "sales_call", "Sales representative calls"
    HAND_OFF = "hand_off", "A person was asked for"


class FollowUp(models.Model):
    """A promise to a lead, open until somebody keeps it."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=FollowUpKind.choices)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty where the lead named no time.")
    note = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    dialed_for = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The due time that a call was queued for."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["due_at", "pk"]
        verbose_name = "follow-up"
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "kind"], condition=Q(done_at__isnull=True), name="follow_up_one_open_per_kind"
            )
        ]
        indexes = [models.Index(fields=["done_at", "due_at"], name="follow_up_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.lead}"

    def keep(self, *, now: datetime) -> bool:
        """Mark the promise kept; False when it already was."""
        won = FollowUp.objects.filter(pk=self.pk, done_at__isnull=True).update(done_at=now)
        self.done_at = now if won else self.done_at
        return bool(won)


class ActivityKind(models.TextChoices):
    """What sort of thing happened to a lead."""

    CREATED = "created", "Lead created"
    CALL = "call", "Call"
    CALL_REFUSED = "call_refused", "Call not made"
    STATUS = "status", "Status changed"
    FOLLOW_UP = "follow_up", "Follow-up"
    DO_NOT_CALL = "do_not_call", "Do not call"
    NOTE = "note", "Note"


class Activity(models.Model):
    """One line of a lead's timeline: what happened, said in a sentence."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=16, choices=ActivityKind.choices)
    text = models.TextField()
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True, help_text="Ids of what it was about.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "activities"
        indexes = [models.Index(fields=["lead", "-at"], name="activity_lead_newest")]

    def __str__(self) -> str:
        return self.text
