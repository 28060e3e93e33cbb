"""The admin pages of calls and of the webhooks that moved them."""

from calls.admin import call, events

__all__ = ["call", "events"]
