"""The admin pages of calls and of the webhooks that moved them."""

from calls.admin import call, campaign, chat, events, policy, provider, recording, review

__all__ = ["call", "campaign", "chat", "events", "policy", "provider", "recording", "review"]
