"""The admin site."""

from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The staff's door to everything."""

    site_title = "RealtyAssistant"
    site_header = "RealtyAssistant"
