from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.serializers import StrictSerializer
from common.api.views import Lists, ResourceViewSet
from leads.filters import RestaurantFilter
from leads.models import Restaurant, StatusChange
from leads.serializers import ChangeStatusSerializer, RestaurantSerializer, StatusChangeSerializer


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
