from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from call_planning.filters import CallPlanFilter
from call_planning.models import CallPlan
from call_planning.models.suggestion import SUGGESTED_FROM, suggested
from call_planning.serializers import (
    CallPlanSerializer,
    RecordCallSerializer,
    RecordedCallSerializer,
    SetFrequencySerializer,
    SnoozeSerializer,
)
from common.api.rows import Reader, Record, reader_for
from common.api.serializers import StrictSerializer
from common.api.views import ResourceViewSet
from common.models import Prepared
from interaction_tracking.models import Interaction
from interaction_tracking.serializers import InteractionSerializer


class CallPlanViewSet(ResourceViewSet):
    scope = "calls"
    queryset = CallPlan.objects.none()
    serializer_class = CallPlanSerializer
    filterset_class = CallPlanFilter
    ordering_fields = ("id", "next_call_date", "last_called")
    opened_by: ClassVar = frozenset({"lead"})
    farewell: ClassVar = {"detail": "Successfully deleted the call plan."}

    def get_queryset(self) -> Any:
        rows = CallPlan.objects
        seen = rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
        shown = seen.with_overdue(at=self.now, zone=self.person.zone).with_snooze(at=self.now)
        return shown.with_suggestion(at=self.now)

    def listed(self) -> Any:
        plans: Any = super().listed()
        return plans.due_today(at=self.now, zone=self.person.zone) if self.action == "today" else plans

    def get_lockable(self) -> Any:
        return CallPlan.objects.visible_to(self.person)

    @property
    def reader(self) -> Reader:
        return super().reader.computing(SUGGESTED_FROM, partial(suggested, at=self.now))

    @extend_schema(summary="List what requires a call today")
    @action(detail=False, ordering="next_call_date")
    def today(self, request: Request) -> Response:
        """Every plan due before the caller's day is over, overdue ones first; not what is snoozed beyond it."""
        return self.page()

    @extend_schema(summary="Record a call", request=RecordCallSerializer, responses=RecordedCallSerializer)
    @action(detail=True, methods=["post"])
    def record_call(self, request: Request, pk: str) -> Response:
        """Keep the call and what came of it, and plan the next one from it.

        Where nobody was reached, the plan stays as it is, and moves on after so many attempts. The same call again
        changes nothing, and adds what was not said before.
        """
        plan, given = self.locked(), self.given(shape=RecordCallSerializer)
        called_at = given.pop("last_called", self.now)
        recorded = plan.record_call(called_at=called_at, by=self.person, at=self.now, **given)
        answer = self.shown(plan.pk)
        answer.data |= {"interaction": _shown(recorded.call), "message": recorded.message}
        return answer

    @extend_schema(summary="Change how often a restaurant is called", request=SetFrequencySerializer)
    @action(detail=True, methods=["patch"])
    def set_frequency(self, request: Request, pk: str) -> Response:
        """Set the cadence, counted from the last call, or from the plan's creation if there was none."""
        plan, given = self.locked(), self.given(shape=SetFrequencySerializer)
        plan.set_frequency(**given, by=self.person, at=self.now)
        return self.shown(plan.pk)

    @extend_schema(summary="Snooze a plan", request=SnoozeSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Ask nobody to call before a moment; what is planned is taken back, and when it is due stays as it is.

        A call that is recorded in between ends it, and so does `unsnooze`.
        """
        plan, given = self.locked(), self.given(shape=SnoozeSerializer)
        plan.snooze(**given, by=self.person, at=self.now)
        return self.shown(plan.pk)

    @extend_schema(summary="End a snooze", request=None)
    @action(detail=True, methods=["post"])
    def unsnooze(self, request: Request, pk: str) -> Response:
        """Ask for the call again when it is due. A plan that is not snoozed stays as it is."""
        plan = self.locked()
        self.given(shape=StrictSerializer)
        plan.unsnooze(by=self.person, at=self.now)
        return self.shown(plan.pk)


def _shown(call: Interaction | None) -> Record | None:
    """The call of a plan, for who sees the plan."""
    return None if call is None else reader_for(InteractionSerializer).whole(*_call(pk=call.pk))


@Prepared
def _call(*, pk: int) -> Any:
    rows = Interaction.objects.with_participants().just(pk)
    return rows.values_list(*reader_for(InteractionSerializer).columns)
