"""What leads want."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from leads.models.lead import Lead


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
