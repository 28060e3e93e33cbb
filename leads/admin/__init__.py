"""The admin pages of leads and of what belongs to them."""

from leads.admin import consents, lead, others

__all__ = ["consents", "lead", "others"]
