from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import StrictSerializer
from common.api.views import Archives, Creates, Lists, ResourceViewSet, Shows
from leads.filters import CollaborationFilter, CoverFilter, RestaurantFilter
from leads.models import Collaboration, Cover, Restaurant, StatusChange
from leads.serializers import (
    ChangeStatusSerializer,
    CollaborationSerializer,
    CoverSerializer,
    RestaurantSerializer,
    StatusChangeSerializer,
)


class RestaurantViewSet(ResourceViewSet):
    queryset = Restaurant.objects.none()
    serializer_class = RestaurantSerializer
    filterset_class = RestaurantFilter
    ordering_fields = ("id", "name", "potential_revenue", "created_at", "updated_at")
    opened_by: ClassVar = frozenset({"assigned_to"})

    def get_queryset(self) -> Any:
        rows = Restaurant.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)

    @extend_schema(request=ChangeStatusSerializer, summary="Change the status of a restaurant")
    @action(detail=True, methods=["post"])
    def change_status(self, request: Request, pk: str) -> Response:
        """Take the next status, and write the history. The same status again is no change."""
        restaurant, given = self.locked(), self.given(shape=ChangeStatusSerializer)
        restaurant.change_status(given["status"], by=self.person, at=self.now, reason=given["reason"])
        return self.shown(restaurant.pk)

    @extend_schema(request=None, summary="Restore an archived restaurant")
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring the restaurant back with all it holds. For managers and admins."""
        restaurant = self.locked(Restaurant.objects.archived_for(self.person))
        self.given(shape=StrictSerializer)
        restaurant.restore(by=self.person, at=self.now)
        return self.shown(restaurant.pk)


class StatusHistoryViewSet(Lists):
    """The life of one restaurant, newest step first."""

    queryset = StatusChange.objects.none()
    serializer_class = StatusChangeSerializer
    ordering_fields = ("changed_at",)
    ordering = "-changed_at"

    def get_queryset(self) -> Any:
        return StatusChange.objects.visible_to(self.person).of(self.kwargs["pk"])

    def page(self, rows: Any) -> Response:
        """The steps; where there are none, the restaurant may not be there either."""
        answer = super().page(rows)
        if not answer.data:
            get_object_or_404(Restaurant.objects.visible_to(self.person).only("pk"), pk=self.kwargs["pk"])
        return answer


@extend_schema_view(
    create=extend_schema(
        summary="Add a collaborator",
        description=(
            "Lets somebody see the restaurant and work on it as its KAM does; they neither hand it on nor add others. "
            "For who has the restaurant, their manager, and admins. Both are told."
        ),
    ),
    destroy=extend_schema(
        summary="End a collaboration",
        description="For those who add collaborators, and for the collaborator. Both are told; the record is kept.",
    ),
)
class CollaborationViewSet(Lists, Shows, Creates, Archives):
    """Who works on a restaurant beside the one who has it."""

    queryset = Collaboration.objects.none()
    serializer_class = CollaborationSerializer
    filterset_class = CollaborationFilter
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Collaboration.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)


@extend_schema_view(
    create=extend_schema(
        summary="Arrange a cover",
        description=(
            "From one moment until another, the covering person sees all restaurants of the absent one and works on "
            "them; they do not hand them on. It ends by itself. KAMs arrange it for themselves, managers for their "
            "people, admins for everybody. Both are told, also when it begins and when it ends."
        ),
    ),
    destroy=extend_schema(
        summary="End a cover",
        description="Ends it early, or calls it off. Both are told; the record is kept. What is over is a 409.",
    ),
)
class CoverViewSet(ResourceViewSet):
    """Who works on somebody's restaurants while they are away: one's own covers, and a manager's people's."""

    queryset = Cover.objects.none()
    serializer_class = CoverSerializer
    filterset_class = CoverFilter
    ordering_fields = ("id", "starts_at", "ends_at")
    ordering = "starts_at"

    def get_queryset(self) -> Any:
        return Cover.objects.visible_to(self.person)
