"""Campaigns over HTTP: make a draft, see who would be called, start it, watch it, stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from calls import campaign_queries as queries
from calls.campaign_serializers import CampaignSerializer, DraftSerializer, MemberSerializer, PreviewSerializer
from calls.models import Campaign, CampaignState, MemberState
from calls.operations import campaigning
from realty.rest.access import AsChanger, user_of
from realty.rest.errors import Problem
from realty.rest.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

_REFUSED = OpenApiResponse(description="`wrong_state`, `nobody`, `over`, `not_set_up`, `cap_too_low`, `no_lines`")
_MOVED = {200: CampaignSerializer, 409: _REFUSED}
_SHOW = OpenApiParameter("state", str, enum=[*MemberState.values, "qualified"], description="Only those in this state.")


class CampaignFilter(filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Campaigns by where they stand."""

    state = filters.MultipleChoiceFilter(choices=CampaignState.choices)

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()


@extend_schema_view(retrieve=extend_schema(summary="Get a campaign with how far it is"))
class CampaignViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Campaign]):
    """Leads chosen once, called under limits of their own. A draft is edited in the admin site."""

    queryset = Campaign.objects.defer("lead_ids")
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    ordering_fields = ("created_at", "started_at", "ended_at")
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(summary="List campaigns")
    def list(self, request: Request, *_args: Any, **_: Any) -> Response:  # noqa: ARG002 -- the framework's signature
        """The campaigns, each with how far it is."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "progress": queries.progress([one.pk for one in page])}
        return self.get_paginated_response(CampaignSerializer(page, many=True, context=context).data)

    @extend_schema(
        summary="Make a draft",
        description='Of the leads that a filter chooses, `{"name": "Wakad", "filter": {"status": ["new"]}}`, or of '
        'leads one by one, `{"name": "Wakad", "leads": [7, 8]}`. Nobody is called before it is started.',
        request=DraftSerializer,
        responses={201: CampaignSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make a draft; nobody is called."""
        serializer = DraftSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = dict(serializer.validated_data)
        lead_ids = wanted.pop("leads", [])
        campaign = campaigning.create(lead_ids=lead_ids, now=timezone.now(), by=user_of(request), **wanted)
        return Response(self.get_serializer(campaign).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="See who would be called and who not",
        responses={200: PreviewSerializer, 409: OpenApiResponse(description="`wrong_state`: only a draft has one.")},
    )
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def preview(self, _request: Request, **_: Any) -> Response:
        """Exactly what a start would make of the chosen leads now."""
        campaign = self.get_object()
        if campaign.state != CampaignState.DRAFT:
            detail = "Only a draft has a preview; see its members instead."
            raise Problem(status.HTTP_409_CONFLICT, "wrong_state", detail)
        return Response(PreviewSerializer(queries.preview(campaign, now=timezone.now())).data)

    @extend_schema(summary="List the leads of a campaign", parameters=[_SHOW], responses=MemberSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None)
    def members(self, request: Request, **_: Any) -> Response:
        """The leads, and what came of each."""
        shown = request.query_params.get("state", "")
        if shown and shown not in {*MemberState.values, "qualified"}:
            raise Problem(status.HTTP_400_BAD_REQUEST, "invalid", "There is no such state.", field="state")
        pages = Pages()
        page = pages.paginate_queryset(queries.members_of(self.get_object(), shown=shown), request, view=self) or []
        return pages.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(summary="Start a draft", request=None, responses=_MOVED)
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def start(self, request: Request, **_: Any) -> Response:
        """Fix who the members are, and call them."""
        return self._move(campaigning.start, request)

    @extend_schema(summary="Pause a running campaign", request=None, responses=_MOVED)
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def pause(self, request: Request, **_: Any) -> Response:
        """Begin no more calls; those under way go on."""
        return self._move(campaigning.pause, request)

    @extend_schema(summary="Resume a paused campaign", request=None, responses=_MOVED)
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def resume(self, request: Request, **_: Any) -> Response:
        """Go on."""
        return self._move(campaigning.resume, request)

    @extend_schema(summary="Stop a campaign for good", request=None, responses=_MOVED)
    @action(detail=True, methods=["post"], permission_classes=[AsChanger])
    def stop(self, request: Request, **_: Any) -> Response:
        """Take back the calls that wait; those under way go on to their end."""
        return self._move(campaigning.stop, request)

    @extend_schema(
        summary="Make a draft of those who were not reached, or whose turn never came",
        request=None,
        responses={201: CampaignSerializer, 409: _REFUSED},
    )
    @action(detail=True, methods=["post"])
    def redial(self, request: Request, **_: Any) -> Response:
        """A new draft; the campaign itself stays as it is."""
        return self._move(campaigning.redial, request, code=status.HTTP_201_CREATED)

    def _move(self, act: Callable[..., Campaign], request: Request, *, code: int = status.HTTP_200_OK) -> Response:
        try:
            campaign = act(campaign_id=self.get_object().pk, now=timezone.now(), by=user_of(request))
        except campaigning.CampaignRefused as refused:
            raise Problem(status.HTTP_409_CONFLICT, refused.code, refused.detail) from None
        return Response(self.get_serializer(campaign).data, status=code)
