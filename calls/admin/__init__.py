"""The admin pages of calls and of the webhooks that moved them."""

from calls.admin import call, campaign, chat, events, policy, provider, recording, retention, review

__all__ = ["call", "campaign", "chat", "events", "policy", "provider", "recording", "retention", "review"]
