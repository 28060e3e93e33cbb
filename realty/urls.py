"""Every address of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from realty import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/voice/talk/", include("calls.admin.talk")),
    path("admin/", admin.site.urls),
    path("webhooks/", include("calls.urls")),
    path("api/v1/", include("realty.api")),
    path("", include("calls.chat.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]

handler400 = "realty.rest.errors.bad_request"
handler404 = "realty.rest.errors.not_found"
handler500 = "realty.rest.errors.server_error"
