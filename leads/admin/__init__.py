"""The admin pages of leads and of what belongs to them."""

from leads.admin import consents, erasing, lead, others, representative

__all__ = ["consents", "erasing", "lead", "others", "representative"]
