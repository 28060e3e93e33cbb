"""The admin pages of leads and of what belongs to them."""

from leads.admin import consents, lead, others, representative

__all__ = ["consents", "lead", "others", "representative"]
