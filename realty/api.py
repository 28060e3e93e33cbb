"""The REST API: its router and its OpenAPI document."""

from django.urls import re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

import realty.rest.access  # registers how keys are described  # noqa: F401
from calls.api import CallViewSet
from calls.campaign_api import CampaignViewSet
from calls.review_api import ReviewViewSet
from leads.api import LeadViewSet, ListingViewSet, QualifyView


class Router(DefaultRouter):
    """Every address with and without a trailing slash: a redirect would lose what was posted."""

    include_format_suffixes = False

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"


router = Router()
router.register("leads", LeadViewSet, basename="lead")
router.register("calls", CallViewSet, basename="call")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("reviews", ReviewViewSet, basename="review")
router.register("listings", ListingViewSet, basename="listing")

urlpatterns = [
    re_path(r"^qualify/?$", QualifyView.as_view(), name="qualify"),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    *router.urls,
]
