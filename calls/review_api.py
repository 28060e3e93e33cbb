"""Values to look at over HTTP, and what a call's recordings are and tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from calls.comparing import RANGES, slots_in
from calls.models import Call, ReviewReason, ReviewState, ValueReview
from calls.operations.reviewing import DecisionError, decide
from calls.review_serializers import DecisionSerializer, RecordingSerializer, ReviewSerializer, TranscriptSerializer
from leads.serializers import RequirementSerializer
from realty.rest.access import AsChanger, user_of
from realty.rest.errors import Problem

if TYPE_CHECKING:
    from rest_framework.request import Request

_RANGE = 'The value of a range is an object with its ends, such as {"budget_min": null, "budget_max": 5000000}.'


class ReviewFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Reviews by where they stand, why they are there, and whose they are."""

    state = filters.MultipleChoiceFilter(choices=ReviewState.choices)
    reason = filters.MultipleChoiceFilter(choices=ReviewReason.choices)
    slot = filters.CharFilter(max_length=24)
    lead = filters.NumberFilter("call__lead_id", min_value=1, max_value=2**63 - 1)
    call = filters.NumberFilter("call_id", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = ValueReview
        fields: tuple[str, ...] = ()


@extend_schema_view(
    list=extend_schema(summary="List values to look at"), retrieve=extend_schema(summary="Get one value to look at")
)
class ReviewViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[ValueReview]):
    """Values that were heard in two ways, badly, or by one ear alone; each is decided once."""

    queryset = ValueReview.objects.select_related("call")
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter
    ordering_fields = ("created_at", "decided_at")
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(
        summary="Decide what is right",
        description="Writes the value to the lead with its words, and judges the lead again.",
        request=DecisionSerializer,
        responses={
            200: ReviewSerializer,
            409: OpenApiResponse(
                description="`decided` before, `gone` or `changed` by a new transcript, or `no_value` was heard there"
            ),
        },
    )
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def decide(self, request: Request, **_: Any) -> Response:
        """Decide."""
        review = self.get_object()
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        value = _checked(review, wanted["value"]) if wanted["choice"] == "other" else None
        try:
            done = decide(
                review.pk,
                choice=wanted["choice"],
                value=value,
                by=user_of(request),
                now=timezone.now(),
                seen=wanted["version"],
            )
        except DecisionError as refused:
            code = 400 if refused.code == "not_a_value" else 409
            raise Problem(code, refused.code, str(refused)) from None
        return Response(ReviewSerializer(done).data)


def _checked(review: ValueReview, value: Any) -> Any:
    """A sent value as the requirement would take it; None for nothing."""
    if review.slot not in RANGES:
        return _requirement({review.slot: value})[review.slot] if value is not None else None
    if not isinstance(value, dict) or not value or set(value) - set(slots_in(review.slot)):
        raise Problem(400, "not_a_value", _RANGE, field="value")
    return _requirement(value)


def _requirement(values: dict[str, Any]) -> dict[str, Any]:
    serializer = RequirementSerializer(data=values, partial=True)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class Heard:
    """What a call's recordings are and tell: two further addresses of each call."""

    @extend_schema(
        summary="Get what was heard in a call",
        description="One transcript for each engine and recording; `is_best` marks the one to believe.",
        responses={200: TranscriptSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def transcript(self: GenericViewSet[Call], _request: Request, **_: Any) -> Response:
        """Transcripts."""
        return Response(TranscriptSerializer(self.get_object().transcripts.all(), many=True).data)

    @extend_schema(
        summary="Get a call's recordings, without their sound",
        responses={200: RecordingSerializer(many=True)},
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def recordings(self: GenericViewSet[Call], request: Request, **_: Any) -> Response:
        """Recordings."""
        may_listen = user_of(request).has_perm("calls.listen_recording")
        rows = self.get_object().recordings.all()
        return Response(RecordingSerializer(rows, many=True, context={"may_listen": may_listen}).data)
