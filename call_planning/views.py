from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.filters import BlockFilter, CallPlanFilter, NextCallFilter
from call_planning.models import Block, Callee, CallPlan
from call_planning.models.preparation import answering, prepared
from call_planning.models.suggestion import SUGGESTED_FROM, suggested
from call_planning.serializers import (
    BlockSerializer,
    CallPlanSerializer,
    NextCallSerializer,
    RecordCallSerializer,
    SetFrequencySerializer,
)
from common.api.filters import declared_filters
from common.api.pagination import BestFirst
from common.api.rows import Reader
from common.api.views import ResourceViewSet, RowsView

LEFT = OpenApiParameter(
    "X-Left-For-Tomorrow",
    int,
    OpenApiParameter.HEADER,
    description="How many of all that are to be called are beyond what the day holds.",
    response=True,
)


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
        return seen.with_overdue(at=self.now, zone=self.person.zone).with_suggestion(at=self.now)

    @property
    def reader(self) -> Reader:
        return super().reader.computing(SUGGESTED_FROM, partial(suggested, at=self.now))

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


@extend_schema_view(
    create=extend_schema(
        summary="Block a restaurant",
        description="Nobody calls it from one moment until another: closed for renovation, for a season.",
    ),
    destroy=extend_schema(summary="Take a block back", description="The restaurant is called again."),
)
class BlockViewSet(ResourceViewSet):
    """Times in which a restaurant is not called."""

    queryset = Block.objects.none()
    serializer_class = BlockSerializer
    filterset_class = BlockFilter
    ordering_fields = ("id", "starts_at", "ends_at")
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Block.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)


class NextCallsViewSet(RowsView):
    """Whom to call next, and why."""

    queryset = Callee.objects.none()
    serializer_class = NextCallSerializer
    filterset_class = NextCallFilter
    pagination_class = BestFirst
    opened_by: ClassVar = frozenset({"assigned_to", "team"})

    @property
    def known_parameters(self) -> set[str]:
        return {*BestFirst.parameters, *declared_filters(self)}

    def get_queryset(self) -> Any:
        rows = Callee.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)

    @extend_schema(summary="Rank whom to call next", parameters=[LEFT])
    def rank(self, request: Request) -> Response:
        """The restaurants that most need a call now, best first, each with the reasons, whom to ask for and what about.

        The score is the sum of the reasons' points. What is LOST, INACTIVE, archived or blocked is left out, and so is
        what there is no reason to call. A KAM's list holds what is allocated to them, shared with them or covered by
        them; `assigned_to` or `team` reaches all that they see.
        """
        rows: Any = self.filter_queryset(self.get_queryset())
        calls = rows.to_call_next(by=self.person, at=self.now)
        left = sum(call.leave_for_tomorrow for call in calls)
        if (now := self.asked("callable_now", None)) is not None:
            calls = answering(calls, at=self.now, now=now)
        best, headers = self.paginator.best(calls, request)  # type: ignore[union-attr] # always BestFirst
        return Response(prepared(best, at=self.now), headers={**headers, "X-Left-For-Tomorrow": str(left)})
