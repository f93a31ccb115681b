from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.choices import By, Figure
from call_planning.filters import ComplianceCallFilter, ComplianceFilter
from call_planning.models.compliance import by_team, calls_behind, compliance
from call_planning.serializers import ComplianceCallSerializer, ComplianceSerializer
from common.api.views import Lists, Reports
from performance_tracking.views import OfPeople


class ComplianceViewSet(OfPeople, Reports):
    """For each KAM, or each team, how many of the calls that plans asked for in these days were made in time.

    A line is about the restaurants that the person has now, and a call belongs to the day on which it was due. A KAM
    sees their own line, a manager those of their teams; the line of a team adds up its own people, as far as the caller
    sees them. `/call/compliance/calls/` lists the calls behind each figure.
    """

    scope = "calls"
    serializer_class = ComplianceSerializer
    filterset_class = ComplianceFilter

    @extend_schema(summary="Show whether the planned calls were made")
    def list(self, request: Request) -> Response:
        people: Any = self.filter_queryset(self.get_queryset())
        lines = compliance(people, **self.days)
        if self.asked("by", By.KAM) == By.TEAM:
            lines = by_team(lines)
        return Response([line.shown for line in lines])


class ComplianceCallsViewSet(OfPeople, Lists):
    """The calls that a figure of `/call/compliance/` counts, in all of its lines together.

    With the same `from`, `to`, `assigned_to` and `team` there are as many of them as the figures say. Those that were
    due come by that date, attempts by when they were made.
    """

    scope = "calls"
    serializer_class = ComplianceCallSerializer
    filterset_class = ComplianceCallFilter
    ordering_fields = ("id", "date", "due_at")

    @property
    def ordering(self) -> str:  # type: ignore[override] # an attempt has a date, but need not have been due
        return "date" if self.asked("figure", Figure.PLANNED) == Figure.ATTEMPTS else "due_at"

    def listed(self) -> Any:
        people: Any = super().listed()
        return calls_behind(people, self.asked("figure", Figure.PLANNED), **self.days).with_participants()

    @extend_schema(summary="List the calls behind a figure of compliance")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.page()
