"""Leads, what they want, what there is to sell, and what happened."""

from leads.models.activity import Activity, ActivityKind
from leads.models.erased import ErasedNumber
from leads.models.follow_up import FollowUp, FollowUpKind, Representative
from leads.models.lead import HOME_ZONE, Language, Lead, LeadSource, LeadStatus, known_time_zone
from leads.models.listing import Listing, ListingPurpose, ListingStatus
from leads.models.permission import Consent, DndEntry, Suppression, SuppressionReason
from leads.models.requirement import Category, PropertyType, Purpose, Requirement

__all__ = [
    "HOME_ZONE",
    "Activity",
    "ActivityKind",
    "Category",
    "Consent",
    "DndEntry",
    "ErasedNumber",
    "FollowUp",
    "FollowUpKind",
    "Language",
    "Lead",
    "LeadSource",
    "LeadStatus",
    "Listing",
    "ListingPurpose",
    "ListingStatus",
    "PropertyType",
    "Purpose",
    "Representative",
    "Requirement",
    "Suppression",
    "SuppressionReason",
    "known_time_zone",
]
