"""Calls over HTTP: read them, place one, take one back."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from calls import operations
from calls.filters import CallFilter
from calls.models import Call
from calls.origin import Origin
from calls.review_api import Heard
from calls.serializers import CallSerializer, CallWithTurnsSerializer, PlaceCallSerializer
from leads import entries
from realty.rest.access import AsChanger, user_of
from realty.rest.errors import Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    from leads.models import Lead

_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of up to 200 characters, new for each call that you want. The same key again gives the same "
    "call (200), for ever; the same key for somebody else is a 422.",
)
_REUSED = "This Idempotency-Key belongs to a call to somebody else. Use a new key for a new call."
_NOT_QUEUED = "The call is no longer waiting, so it cannot be taken back."
_LONGEST_KEY = 200


@extend_schema_view(
    list=extend_schema(summary="List calls"), retrieve=extend_schema(summary="Get a call with its turns")
)
class CallViewSet(Heard, ListModelMixin, RetrieveModelMixin, GenericViewSet[Call]):
    """Calls are a record: nobody changes or deletes one here; a call that waits can be taken back."""

    queryset = Call.objects.all()
    serializer_class = CallWithTurnsSerializer
    filterset_class = CallFilter
    ordering_fields = ("created_at", "ended_at", "duration_s")
    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_class(self) -> type[BaseSerializer[Call]]:
        """Turns come with a single call only."""
        return CallSerializer if self.action == "list" else CallWithTurnsSerializer

    def get_queryset(self) -> QuerySet[Call]:
        """The calls; the state of a dialogue is large, and a list has no use for it."""
        calls = super().get_queryset().select_related("lead")
        return calls.defer("dialogue") if self.action == "list" else calls

    @property
    def throttle_scope(self) -> str | None:
        """Placing calls has a limit of its own."""
        return "place_call" if self.action == "create" else None

    @extend_schema(
        summary="Place a call",
        description='To a lead, `{"lead": 7}`, or to a number, `{"phone": "98765 43210", "name": "Asha"}`, which '
        "becomes a lead where no lead has it. The call is queued; read it again to see how it goes.",
        request=PlaceCallSerializer,
        parameters=[_KEY],
        responses={
            201: CallWithTurnsSerializer,
            200: OpenApiResponse(CallWithTurnsSerializer, "The call that this Idempotency-Key asked for before."),
            409: OpenApiResponse(
                description="Refused, for instance `do_not_call`, `outside_calling_hours`, `live_call`."
            ),
            422: OpenApiResponse(description="`idempotency_key_reused`"),
        },
    )
    def create(self, request: Request) -> Response:
        """Queue a call."""
        serializer = PlaceCallSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted, user = serializer.validated_data, user_of(request)
        key = _request_key(request, user)
        if earlier := key and Call.objects.select_related("lead").filter(request_key=key).first():
            if not _is_for(earlier, wanted):
                raise Problem(status.HTTP_422_UNPROCESSABLE_ENTITY, "idempotency_key_reused", _REUSED)
            return self._answer(earlier.pk, status.HTTP_200_OK)
        call = self._place(_lead_of(wanted, user), wanted, key)
        return self._answer(call.pk, status.HTTP_201_CREATED)

    def _place(self, lead: Lead, wanted: dict[str, Any], key: str) -> Call:
        agent = wanted.get("agent")
        try:
            call = operations.request_call(
                lead_id=lead.pk,
                now=timezone.now(),
                by=user_of(self.request),
                agent_id=agent.pk if agent else None,
                request_key=key,
                origin=Origin.API,
            )
        except operations.CallRefused as refusal:
            field = "lead" if "lead" in wanted else "phone"
            raise Problem(status.HTTP_409_CONFLICT, refusal.code, refusal.detail, field=field) from None
        if call.lead_id != lead.pk:  # another request with this key was a moment faster
            raise Problem(status.HTTP_422_UNPROCESSABLE_ENTITY, "idempotency_key_reused", _REUSED)
        return call

    @extend_schema(
        summary="Take back a call that waits",
        request=None,
        responses={200: CallWithTurnsSerializer, 409: OpenApiResponse(description="`not_queued`")},
    )
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def cancel(self, _request: Request, **_: Any) -> Response:
        """Take a queued call back."""
        call = self.get_object()
        if not operations.cancel_call(call_id=call.pk, now=timezone.now()):
            raise Problem(status.HTTP_409_CONFLICT, "not_queued", _NOT_QUEUED)
        return self._answer(call.pk, status.HTTP_200_OK)

    def _answer(self, call_id: int, code: int) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=call_id)).data, status=code)


def _request_key(request: Request, user: User) -> str:
    """The key within what this user asked for; empty where the request has none."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY:
        detail = f"An Idempotency-Key has at most {_LONGEST_KEY} characters."
        raise Problem(status.HTTP_400_BAD_REQUEST, "invalid_idempotency_key", detail)
    return f"api:{user.pk}:{hashlib.sha256(key.encode()).hexdigest()[:48]}" if key else ""


def _is_for(call: Call, wanted: dict[str, Any]) -> bool:
    """Whether a request asks for the call that is there; its name may differ, whom to call may not."""
    same_lead = call.lead == wanted["lead"] if "lead" in wanted else str(call.lead.phone or "") == wanted["phone"]
    return same_lead and ("agent" not in wanted or call.agent == wanted["agent"])


def _lead_of(wanted: dict[str, Any], user: User) -> Lead:
    if "lead" in wanted:
        lead: Lead = wanted["lead"]
        return lead
    known = entries.lead_with_phone(wanted["phone"])
    if known:
        return known
    if not user.has_perm("leads.add_lead"):
        detail = "No lead has this number, and you may not enter leads."
        raise Problem(status.HTTP_403_FORBIDDEN, "permission_denied", detail, field="phone")
    return entries.enter_caller(wanted["phone"], wanted.get("name", ""), now=timezone.now(), by=user)
