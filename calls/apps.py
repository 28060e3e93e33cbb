"""The calls app: conversations as records, and the decisions around them."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Calls, turns and webhook events."""

    name = "calls"
    verbose_name = "Calls"
