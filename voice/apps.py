"""The voice app: how to talk."""

from django.apps import AppConfig


class VoiceConfig(AppConfig):
    """Voice agents and their scripts."""

    name = "voice"
    verbose_name = "Voice"
