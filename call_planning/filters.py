from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from call_planning.choices import Frequency
from call_planning.models import Callee, CallPlan
from common.api.filters import ChoicesFilter, FlagFilter, IdFilter, IdOrNoneFilter, after, before


class CallPlanFilter(django_filters.FilterSet):
    lead = IdFilter()
    frequency = ChoicesFilter(choices=Frequency.choices)
    is_overdue = FlagFilter()
    due_after = after("next_call_date")
    due_before = before("next_call_date")

    class Meta:
        model = CallPlan
        fields = ()


class CallableNowFilter(FlagFilter):
    """Whether somebody can pick up now; told when the ranking is made, from calendars that no column holds."""

    def filter(self, qs: QuerySet[Any], value: bool) -> QuerySet[Any]:  # noqa: FBT001 - as django-filter calls it
        return qs


class NextCallFilter(django_filters.FilterSet):
    assigned_to = IdOrNoneFilter()
    team = IdFilter(field_name="assigned_to__team")

    class Meta:
        model = Callee
        fields = ()
