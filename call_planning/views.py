from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.filters import CallPlanFilter
from call_planning.models import CallPlan
from call_planning.serializers import CallPlanSerializer, RecordCallSerializer, SetFrequencySerializer
from common.api.views import ResourceViewSet


class CallPlanViewSet(ResourceViewSet):
    queryset = CallPlan.objects.none()
    serializer_class = CallPlanSerializer
    filterset_class = CallPlanFilter
    ordering_fields = ("id", "next_call_date", "last_called")
    opened_by: ClassVar = frozenset({"lead"})
    farewell: ClassVar = {"detail": "Successfully deleted the call plan."}

    def get_queryset(self) -> Any:
        rows = CallPlan.objects
        seen = rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
        return seen.with_overdue(at=self.now, zone=self.person.zone)

    @extend_schema(summary="List what requires a call today")
    @action(detail=False, ordering="next_call_date")
    def today(self, request: Request) -> Response:
        """Every plan due before the caller's day is over, overdue ones first."""
        return self.page(self.get_queryset().due_today(at=self.now, zone=self.person.zone))

    @extend_schema(summary="Record a call", request=RecordCallSerializer)
    @action(detail=True, methods=["post"])
    def record_call(self, request: Request, pk: str) -> Response:
        """Keep the call, and plan the next one from it."""
        plan, given = self.locked(), self.given(shape=RecordCallSerializer)
        plan.record_call(called_at=given.get("last_called", self.now), by=self.person, at=self.now)
        return self.shown(plan.pk)

    @extend_schema(summary="Change how often a restaurant is called", request=SetFrequencySerializer)
    @action(detail=True, methods=["patch"])
    def set_frequency(self, request: Request, pk: str) -> Response:
        """Set the cadence, counted from the last call, or from the plan's creation if there was none."""
        plan, given = self.locked(), self.given(shape=SetFrequencySerializer)
        plan.set_frequency(**given, by=self.person, at=self.now)
        return self.shown(plan.pk)
