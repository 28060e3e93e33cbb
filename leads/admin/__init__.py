"""The admin pages of leads and of what belongs to them."""

from leads.admin import lead, others

__all__ = ["lead", "others"]
