from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.filters import NextCallFilter
from call_planning.models import Callee
from call_planning.models.preparation import answering, prepared
from call_planning.serializers import NextCallSerializer
from common.api.filters import declared_filters
from common.api.pagination import BestFirst
from common.api.views import RowsView

LEFT = OpenApiParameter(
    "X-Left-For-Tomorrow",
    int,
    OpenApiParameter.HEADER,
    description="How many of all that are to be called are beyond what the day holds.",
    response=True,
)


class NextCallsViewSet(RowsView):
    """Whom to call next, and why."""

    scope = "calls"
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
