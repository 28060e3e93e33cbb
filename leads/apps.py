"""The leads app: who may buy, and what they want."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads, requirements, listings and what happened to them."""

    name = "leads"
    verbose_name = "Leads"
