"""Leads and listings over HTTP, and the question whether a lead qualifies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from calls.chat import links
from calls.lifecycle import LIVE
from calls.operations.owing import owe
from calls.operations.reviewing import note_corrections
from calls.operations.uploading import UploadRefusedError, upload
from calls.recording_serializers import RecordingUploadSerializer
from calls.serializers import CallWithTurnsSerializer
from leads import entries, operations, queries
from leads.filters import LeadFilter, ListingFilter
from leads.models import Lead, Listing, Requirement
from leads.serializers import (
    ChatLinkSerializer,
    LeadSerializer,
    ListingSerializer,
    QualifySerializer,
    VerdictSerializer,
)
from realty.rest.access import AsReader, user_of
from realty.rest.errors import Problem

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    from leads.qualification import RequirementFacts, Verdict

MOST_LISTINGS = 20

_DUPLICATE = "Another lead has this number already. Change that one instead; its id is in existing_id."
_STANDS = "The lead asked not to be called. Only users who may delete numbers not to call can take this back."
_NO_STATUS = "The lead asked not to be called, so no other status can be set. Take do_not_call back first."
_LIVE = "A call to this lead is in progress. Wait until it has ended, then delete the lead."

_CONFLICT = OpenApiResponse(description="`duplicate_phone` with `existing_id`, and nothing was written.")


@extend_schema_view(
    list=extend_schema(summary="List leads"),
    retrieve=extend_schema(summary="Get one lead"),
    create=extend_schema(
        summary="Enter a lead",
        description="The phone number may be written in any usual way. Another lead with the same number is a 409.",
        responses={201: LeadSerializer, 409: _CONFLICT},
    ),
    update=extend_schema(
        summary="Change a lead; fields that are not sent stay as they are", request=LeadSerializer(partial=True)
    ),
    partial_update=extend_schema(
        summary="Change some fields of a lead",
        description="do_not_call: true puts the number on the list of numbers not to call. Taking that back (false) "
        "needs the permission to delete numbers not to call; without it the answer is 403 `do_not_call_stands`. "
        "While it stands, another status is a 409 with the same code.",
    ),
    destroy=extend_schema(summary="Delete a lead, its calls included; the number stays on the list not to call"),
)
class LeadViewSet(ModelViewSet[Lead]):
    """Leads."""

    queryset = Lead.objects.select_related("requirement")
    serializer_class = LeadSerializer
    filterset_class = LeadFilter
    ordering_fields = ("created_at", "updated_at", "name", "score", "status", "last_contacted_at")
    lookup_value_regex = "[0-9]{1,18}"

    def perform_create(self, serializer: BaseSerializer[Lead]) -> None:
        """Enter the lead."""
        values, requirement = _split(serializer)
        try:
            lead = entries.enter(values, requirement, now=timezone.now(), by=user_of(self.request))
        except entries.DuplicatePhoneError as found:
            raise _duplicate(found) from None
        except entries.DoNotCallStandsError:
            raise Problem(409, "do_not_call_stands", _NO_STATUS, field="status") from None
        serializer.instance = self.get_queryset().get(pk=lead.pk)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """PUT and PATCH do the same: whoever sends half a lead must not empty the other half."""
        return super().update(request, *args, **{**kwargs, "partial": True})

    def perform_update(self, serializer: BaseSerializer[Lead]) -> None:
        """Change what was sent."""
        lead = self._lead(serializer)
        values, requirement = _split(serializer)
        by, now = user_of(self.request), timezone.now()
        if lead.do_not_call and values.get("do_not_call") is False and not self._may_allow_calls():
            raise Problem(403, "do_not_call_stands", _STANDS, field="do_not_call")
        try:
            corrected = partial(note_corrections, by=by, now=now)
            entries.change(lead.pk, values, requirement, now=now, by=by, corrected=corrected)
        except entries.DuplicatePhoneError as found:
            raise _duplicate(found) from None
        except entries.DoNotCallStandsError:
            raise Problem(409, "do_not_call_stands", _NO_STATUS, field="status") from None
        serializer.instance = self.get_queryset().get(pk=lead.pk)

    def perform_destroy(self, instance: Lead) -> None:
        """Delete, unless somebody is talking to the lead."""
        if instance.calls.filter(status__in=LIVE).exists():
            raise Problem(409, "live_call", _LIVE)
        with transaction.atomic():
            owe(now=timezone.now(), call__lead=instance)
            instance.delete()

    @extend_schema(
        summary="Make a link to the chat",
        description="A link that opens the chat with this lead, for you to send; one that still can be used is given "
        "again. Needs the permission to add chat links.",
        request=None,
        responses={200: ChatLinkSerializer},
    )
    @action(detail=True, methods=["post"], url_path="chat-link", permission_classes=[AsReader])
    def chat_link(self, request: Request, **_: Any) -> Response:
        """Make a link."""
        user = user_of(request)
        if not user.has_perm("calls.add_chatlink"):
            self.permission_denied(request)
        link = links.for_staff(self.get_object(), now=timezone.now(), by=user)
        return Response(ChatLinkSerializer({"url": links.address_of(link), "expires_at": link.expires_at}).data)

    @extend_schema(
        summary="Add a recording of a call that staff made themselves",
        description="WAV, MP3, M4A or OGG. It is transcribed as the agent's calls are; what it tells waits for "
        "a person to decide. The same file for the same lead is kept once. Needs the permission to add recordings.",
        request={"multipart/form-data": RecordingUploadSerializer},
        responses={
            201: CallWithTurnsSerializer,
            409: OpenApiResponse(description="`known_recording` or `uploading`, with `existing_id`, the call's."),
            413: OpenApiResponse(description="`too_large`"),
            422: OpenApiResponse(description="`not_audio`"),
            503: OpenApiResponse(description="`not_stored`"),
        },
    )
    @action(detail=True, methods=["post"], permission_classes=[AsReader], parser_classes=[MultiPartParser])
    def recordings(self, request: Request, **_: Any) -> Response:
        """Keep a recording."""
        user, lead = user_of(request), self.get_object()
        if not user.has_perm("calls.add_recording"):
            self.permission_denied(request)
        serializer = RecordingUploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        chunks = serializer.validated_data["file"].chunks()
        try:
            call = upload(lead=lead, chunks=chunks, told=serializer.told(), by=user, now=timezone.now())
        except UploadRefusedError as refused:
            raise _not_taken(refused) from None
        return Response(CallWithTurnsSerializer(call).data, status=201)

    def _may_allow_calls(self) -> bool:
        return user_of(self.request).has_perm("leads.delete_suppression")

    @staticmethod
    def _lead(serializer: BaseSerializer[Lead]) -> Lead:
        lead = serializer.instance
        if not isinstance(lead, Lead):
            raise TypeError("an update concerns one lead")
        return lead


@extend_schema_view(
    list=extend_schema(summary="List listings"),
    retrieve=extend_schema(summary="Get one listing"),
    create=extend_schema(summary="Enter a listing"),
    update=extend_schema(summary="Change a listing"),
    partial_update=extend_schema(summary="Change some fields of a listing"),
    destroy=extend_schema(summary="Delete a listing"),
)
class ListingViewSet(ModelViewSet[Listing]):
    """Listings."""

    queryset = Listing.objects.all()
    serializer_class = ListingSerializer
    filterset_class = ListingFilter
    ordering_fields = ("created_at", "price", "city")
    lookup_value_regex = "[0-9]{1,18}"


class QualifyView(GenericAPIView[Listing]):
    """Whether a lead is worth a sales call, by what is known and on offer today."""

    queryset = Listing.objects.all()
    permission_classes = (AsReader,)
    serializer_class = QualifySerializer

    @extend_schema(
        summary="Qualify a lead, or a requirement that is not stored",
        description='`{"lead": 7}` judges a stored lead again and keeps the verdict, which needs the permission to '
        'change leads. `{"requirement": {...}, "consent": true}` judges without storing anything. Send one of the two.',
        responses={200: VerdictSerializer},
    )
    def post(self, request: Request) -> Response:
        """Judge."""
        serializer = QualifySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        answer = self._of_lead(asked["lead"]) if "lead" in asked else _of_requirement(asked)
        return Response(VerdictSerializer(answer).data)

    def _of_lead(self, lead: Lead) -> dict[str, Any]:
        user = user_of(self.request)
        if not user.has_perm("leads.change_lead"):
            self.permission_denied(self.request)
        verdict = operations.requalify(lead_id=lead.pk, now=timezone.now(), by=user)
        return _answer(verdict, operations.facts_of(Requirement.objects.get(lead=lead)))


def _of_requirement(asked: dict[str, Any]) -> dict[str, Any]:
    wanted = asked["requirement"]
    requirement = Requirement(**{**wanted, "consent": asked.get("consent", wanted.get("consent"))})
    return _answer(operations.judge(requirement), operations.facts_of(requirement))


def _answer(verdict: Verdict, facts: RequirementFacts) -> dict[str, Any]:
    listings = queries.matching_listings(facts)
    return {
        "status": verdict.status,
        "score": verdict.score,
        "reasons": verdict.reasons,
        "matching_count": len(listings),
        "matching_listings": listings[:MOST_LISTINGS],
    }


def _split(serializer: BaseSerializer[Lead]) -> tuple[dict[str, Any], dict[str, Any]]:
    values = dict(serializer.validated_data)
    return values, values.pop("requirement", None) or {}


def _duplicate(found: entries.DuplicatePhoneError) -> Problem:
    return Problem(409, "duplicate_phone", _DUPLICATE, field="phone", existing_id=found.existing_id)


_REFUSALS = {"too_large": 413, "not_audio": 422, "not_stored": 503}


def _not_taken(refused: UploadRefusedError) -> Problem:
    more = {"existing_id": refused.known.pk} if refused.known else {}
    return Problem(_REFUSALS.get(refused.code, 409), refused.code, str(refused), field="file", **more)
