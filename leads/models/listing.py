"""What there is to sell and to let."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from leads.models.requirement import Category, PropertyType


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
