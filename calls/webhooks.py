"""One view for every provider's webhooks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.parsers import FormParser
from rest_framework.request import is_form_media_type
from rest_framework.views import APIView

from calls import operations
from calls.lines import provider as provider_named
from voice.providers.base import Unreadable, WebhookRequest, WebhookResponse

if TYPE_CHECKING:
    from rest_framework.request import Request

logger = logging.getLogger(__name__)


class WebhookView(APIView):
    """Strips the framework off the request, has it verified, and makes one call."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()  # a provider's traffic is proven by its signature, not by its pace
    parser_classes = (FormParser,)
    schema = None

    def post(self, request: Request, provider: str, door: str) -> HttpResponse:
        """Answer 403 and nothing else where the proof is missing or wrong; nothing is stored then."""
        network = provider_named(provider) if provider in settings.PROVIDERS else None
        if network is None or door not in network.doors:
            return HttpResponse(status=404)
        try:
            stripped = _strip(request, door)
        except SuspiciousOperation as error:  # larger than any that a provider sends
            logger.warning("a webhook to %s/%s was refused: %s", provider, door, type(error).__name__)
            return HttpResponse(status=400)
        if not network.verify(stripped):
            logger.warning("a webhook to %s/%s was refused: its signature is missing or wrong", provider, door)
            return HttpResponse(status=403)
        if door == "fallback":
            logger.error("%s fell back to the apology, error %s", provider, stripped.form.get("ErrorCode", ["?"])[0])
            return _as_http(network.apology())
        try:
            return _as_http(operations.receive(network, stripped.storable(), now=timezone.now()))
        except Unreadable as error:
            logger.warning("a webhook to %s/%s was not understood: %s", provider, door, error)
            return _as_http(error.answer) if error.answer else HttpResponse(status=400)


def _strip(request: Request, door: str) -> WebhookRequest:
    body = request.body  # before the form, whose parser would use it up
    return WebhookRequest(
        door=door,
        # Behind a proxy Django sees http://127.0.0.1, but the provider signed the public address.
        url=settings.PUBLIC_BASE_URL + request.get_full_path(),
        query=request.GET.dict(),
        # What is no form is the provider's to read, once it has proven itself.
        form=dict(request.POST.lists()) if is_form_media_type(request.content_type) else {},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _as_http(response: WebhookResponse) -> HttpResponse:
    answer = HttpResponse(response.body, content_type=response.content_type, status=response.status)
    if response.content_type.startswith("text/event-stream"):
        answer["Cache-Control"], answer["X-Accel-Buffering"] = "no-cache", "no"  # no proxy may hold it back
    return answer
