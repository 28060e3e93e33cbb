"""The project itself: system checks, the admin site and the commands that run it."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class RealtyConfig(AppConfig):
    """The project as an app."""

    name = "realty"
    default = True
    verbose_name = "RealtyAssistant"

    def ready(self) -> None:
        """Register the system checks, and follow the jobs."""
        import realty.checks  # noqa: F401, PLC0415 -- registers at import, once models are loaded
        from realty.jobs import follow_jobs  # noqa: PLC0415 -- the queue needs the models, too

        follow_jobs()


class AdminConfig(admin_apps.AdminConfig):
    """Makes our site the default admin site."""

    default = False
    default_site = "realty.admin_site.Site"
